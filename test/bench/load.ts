// The load generator: requests over kept HTTP/1.1 connections, and every answer looked at.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Connections over which a pace is kept. */
const pacedConnections = 64;

/** Connections that a round keeps busy. */
export const connections = 8;

/** What came back. */
export interface LoadAnswer {
  readonly status: number;
  /** The body as JSON; undefined when there was none. */
  readonly body: unknown;
}

/** Gives a member of an answer's body, however deep; undefined where there is none. */
export const memberOf = ({ body }: LoadAnswer, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], body);

/** Says whether an answer is right and has text under all these names. */
export const hasTexts = (answer: LoadAnswer, ...names: readonly string[]): boolean =>
  answer.status === 200 && names.every((name) => typeof memberOf(answer, name) === "string");

/** One request of a round: a POST. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Gives the body at the moment it is sent: it may hold what an earlier answer gave. */
  readonly body: () => string;
  /** Says whether the answer is right; keeps of it what later requests need. */
  readonly accept: (answer: LoadAnswer) => boolean;
}

const media = {
  json: "application/json",
  form: "application/x-www-form-urlencoded",
} as const;

/** The content type of a body in this form. */
export const contentType = (form: keyof typeof media): { "content-type": string } => ({
  "content-type": media[form],
});

const parsed = (text: string): unknown => {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
};

function send(agent: Agent, origin: string, wanted: LoadRequest): Promise<LoadAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<LoadAnswer>();
  const body = Buffer.from(wanted.body());
  const headers = { ...wanted.headers, "content-length": body.length };
  const sent = request(origin + wanted.path, { agent, method: "POST", headers }, (response) => {
    const pieces: Buffer[] = [];
    response.on("data", (piece: Buffer) => pieces.push(piece));
    response.on("error", reject);
    response.on("end", () => {
      const text = Buffer.concat(pieces).toString();
      resolve({ status: response.statusCode ?? 0, body: parsed(text) });
    });
  });
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/** A generator for one origin, such as `http://127.0.0.1:8080`. */
export interface Load extends Disposable {
  /**
   * Sends all requests and gives the seconds that it took. The request at index i goes over
   * connection i modulo `connections`, after the one before it on that connection was answered.
   * Rejects at the first wrong answer, with its body.
   */
  run(requests: readonly LoadRequest[]): Promise<number>;
  /**
   * Sends so many requests a second, whether those before are answered or not. Gives for each the
   * milliseconds from the moment at which it was due to its answer; Infinity for a wrong answer.
   */
  pace(requests: readonly LoadRequest[], perSecond: number): Promise<number[]>;
}

/** Opens a generator; its connections stay open between rounds. */
export function openLoad(origin: string): Load {
  const agents = Array.from(
    { length: connections },
    () => new Agent({ keepAlive: true, maxSockets: 1 }),
  );
  const paced = new Agent({ keepAlive: true, maxSockets: pacedConnections });
  async function lane(index: number, requests: readonly LoadRequest[]): Promise<void> {
    for (let at = index; at < requests.length; at += connections) {
      const wanted = requests[at] as LoadRequest;
      const answer = await send(agents[index] as Agent, origin, wanted);
      if (!wanted.accept(answer)) {
        throw new Error(`${wanted.path} answered wrong: ${JSON.stringify(answer)}`);
      }
    }
  }
  return {
    async run(requests) {
      const start = performance.now();
      await Promise.all(agents.map((_, index) => lane(index, requests)));
      return (performance.now() - start) / 1000;
    },
    pace(requests, perSecond) {
      const start = performance.now();
      const answers = requests.map(async (wanted, index) => {
        const due = start + (index * 1000) / perSecond;
        await sleep(Math.max(0, due - performance.now()));
        const answer = await send(paced, origin, wanted);
        return wanted.accept(answer) ? performance.now() - due : Number.POSITIVE_INFINITY;
      });
      return Promise.all(answers);
    },
    [Symbol.dispose]() {
      paced.destroy();
      for (const agent of agents) agent.destroy();
    },
  };
}
