// What the portal's page asks its own server.

/** What the server said no to, in words for people. */
export class Problem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A user. */
export interface Person {
  readonly id: string;
  readonly name: string;
}

/** A code that a phone can scan. */
export interface Code {
  readonly id: string;
  readonly text: string;
  readonly state: CodeState;
}

/** What became of a code. */
export type CodeState =
  | "waiting"
  | "scanned"
  | "approved"
  | "denied"
  | "stranger"
  | "expired"
  | "failed";

/** A device; times are milliseconds since the epoch. */
export interface Device {
  readonly id: string;
  readonly name: string;
  readonly platform: string;
  readonly application: string;
  readonly createdAt: number;
  readonly lastLogin?: number;
}

/** Something that happened. */
export interface Happened {
  readonly id: string;
  readonly name: string;
  readonly at: number;
}

async function call<T>(
  method: string,
  path: string,
  json?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(`api/${path}`, {
    method,
    ...(signal && { signal }),
    ...(json !== undefined && {
      headers: { "content-type": "application/json" },
      body: JSON.stringify(json),
    }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new Problem(0, "The portal cannot be reached. Is the demo still running? Try again.");
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const { problem } = Object(answer) as { problem?: string };
  throw new Problem(response.status, problem ?? "That did not work. Load the page again.");
}

/** The requests. */
export const calls = {
  visit: () => call<{ person?: Person; people: Person[] }>("GET", "visit"),
  enter: (person: string) => call<{ person: Person }>("POST", "visit", { person }),
  leave: () => call("DELETE", "visit"),
  startLogin: () => call<Code>("POST", "logins", {}),
  endLogin: (code: string) => call<{ person: Person }>("POST", `logins/${code}`, {}),
  change: (code: string, known: CodeState, signal: AbortSignal) =>
    call<{ state: CodeState }>("GET", `codes/${code}?known=${known}`, undefined, signal),
  devices: () => call<Device[]>("GET", "devices"),
  addDevice: () => call<Code>("POST", "devices", {}),
  removeDevice: (id: string) => call("DELETE", `devices/${encodeURIComponent(id)}`),
  answerChallenge: (challenge: string) =>
    call<{ response: string }>("POST", "challenges", { challenge }),
  transfer: (to: string, amount: string) =>
    call<Code & { message: string }>("POST", "transfers", { to, amount }),
  activity: () => call<Happened[]>("GET", "activity"),
};
