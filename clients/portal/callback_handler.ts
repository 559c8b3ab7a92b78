// Where the server calls a portal back: a handler for any HTTP server of Node.
import type { IncomingMessage, ServerResponse } from "node:http";
import { deferred } from "../deferred.ts";
import type { CallbackIds } from "./callback_ids.ts";
import { callbackIdsInMemory } from "./callback_ids.ts";
import type { SignedWebhook, WebhookProblem } from "./webhook_signature.ts";
import { webhookCheck } from "./webhook_signature.ts";

/** A callback: a mobile authentication has ended. Its result is fetched from the server. */
export interface Callback extends SignedWebhook {
  readonly transactionId: string;
  /** As the start of the mobile authentication named it. */
  readonly callbackUri: string;
  /**
   * Whether a callback of this id was handled before: the server repeats one that it saw no answer to. Where it cannot
   * be told, such as of another process at the same moment, it is false.
   */
  readonly isRepeated: boolean;
}

/** Why a request was not taken for a callback, or was not handled. */
export type CallbackProblem =
  | WebhookProblem
  | "method"
  | "size"
  | "aborted"
  | "content"
  | "busy"
  | { readonly failure: unknown };

/** What a callback is handled by. */
export interface CallbackOptions {
  /** `whsec_...`; both while a secret is changed. */
  readonly secrets: readonly string[];
  /** Handles a callback; when it throws or rejects, the server is told to send it again. */
  onCallback(callback: Callback): void | Promise<void>;
  /** Told of what was answered with an error, for the log. Nothing secret is in it. */
  onProblem?(problem: CallbackProblem): void;
  /** Those of this process when absent. */
  readonly ids?: CallbackIds;
  /** Milliseconds since the epoch; stands in for the clock. */
  readonly now?: () => number;
}

/** Handles a request. */
export type CallbackHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

const limitBytes = 64 * 1024;

/** By what is wrong. The server tries again after each of them. */
const statuses = {
  method: 405,
  size: 413,
  headers: 401,
  timestamp: 401,
  signature: 401,
  content: 400,
  aborted: 400,
  busy: 503,
  failure: 500,
} as const;

/**
 * Gives a handler of callbacks for `createServer` or a framework over it, which must not have read the body. It answers
 * 204 once `onCallback` has come to its end; 405 to other methods than POST; 413 beyond 64 KiB; 401 without a signature
 * by one of the secrets over this very body, or with a timestamp more than 5 minutes off; 400 to anything that is no
 * callback; 503 while the same callback is handled; 500 when `onCallback` or the ids fail. A callback is handled at
 * least once. Throws a TypeError for secrets that are none.
 * Source: product 5.2; D-56; Standard Webhooks 1.0.
 */
export function callbackHandler(options: CallbackOptions): CallbackHandler {
  const { secrets, now = Date.now, onProblem } = options;
  const check = webhookCheck(secrets);
  const handle = handling(options);

  async function problemOf(request: IncomingMessage): Promise<CallbackProblem | undefined> {
    if (request.method !== "POST") return "method";
    try {
      const body = await bodyOf(request);
      if (typeof body === "string") return body;
      const webhook = check(request.headers, body, now());
      if (typeof webhook === "string") return webhook;
      const content = contentOf(body);
      return content ? await handle({ ...webhook, ...content }) : "content";
    } catch (failure) {
      return { failure };
    }
  }

  return async (request, response) => {
    const problem = await problemOf(request);
    const status = statusOf(problem);
    // What was not read ends with the connection.
    if (!request.complete) response.setHeader("connection", "close");
    if (status === statuses.method) response.setHeader("allow", "POST");
    response.writeHead(status).end();
    if (problem) onProblem?.(problem);
  };
}

/** Gives what handles believed callbacks, those of one id never at the same time. */
function handling({ onCallback, ids = callbackIdsInMemory() }: CallbackOptions) {
  const underWay = new Set<string>();
  return async (callback: Omit<Callback, "isRepeated">): Promise<"busy" | undefined> => {
    const { id } = callback;
    // The server has lost patience with the first. Were this one answered and the first failed, it would be lost.
    if (underWay.has(id)) return "busy";
    underWay.add(id);
    try {
      const isRepeated = await ids.has(id);
      await onCallback({ ...callback, isRepeated });
      if (!isRepeated) await ids.add(id);
      return undefined;
    } finally {
      underWay.delete(id);
    }
  };
}

function statusOf(problem: CallbackProblem | undefined): number {
  if (problem === undefined) return 204;
  return typeof problem === "object" ? statuses.failure : statuses[problem];
}

/** Gives the bytes of the body. Not by iteration, whose end would end the connection before there is an answer. */
function bodyOf(request: IncomingMessage): Promise<Buffer | "size" | "aborted"> {
  const { promise, resolve, reject } = deferred<Buffer | "size" | "aborted">();
  const pieces: Buffer[] = [];
  let size = 0;
  request.on("data", (piece: Buffer) => {
    size += piece.length;
    if (size <= limitBytes) pieces.push(piece);
    else resolve("size");
  });
  request.once("end", () => resolve(Buffer.concat(pieces)));
  request.once("error", () => resolve("aborted"));
  request.once("close", () => resolve("aborted"));
  if (request.readableEnded) reject(new Error("The body was read before this handler got it."));
  // Who went away before this handler got the request is not told again.
  else if (request.destroyed) resolve("aborted");
  return promise;
}

function contentOf(body: Buffer): Pick<Callback, "transactionId" | "callbackUri"> | undefined {
  try {
    const { transaction_id: transactionId, callback_uri: callbackUri } = JSON.parse(String(body));
    const isWhole = typeof transactionId === "string" && typeof callbackUri === "string";
    return isWhole ? { transactionId, callbackUri } : undefined;
  } catch {
    // Neither is a text that is no JSON, nor null, a callback.
    return undefined;
  }
}
