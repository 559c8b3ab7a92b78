// The wire of browsers and everybody else: the Connect protocol over fetch, with nothing but the platform.
import type { CodeName } from "./call_error.ts";
import { CallError, codeNames } from "./call_error.ts";
import type { Wire, WireCall } from "./client.ts";

/** What fetch must do. */
export type Send = (url: string, init: RequestInit) => Promise<Response>;

type Bytes = Uint8Array<ArrayBuffer>;

// The longest answer of a server whose setting `secure_message` is as high as it goes.
const limitBytes = 36 << 20;
const flags = { compressed: 1, last: 2 } as const;

// Which code an answer stands for that does not come from a Connect server. Source: the Connect
// protocol, error codes, HTTP to error code.
const codeOfStatus: Readonly<Record<number, CodeName>> = {
  400: "internal",
  401: "unauthenticated",
  403: "permission_denied",
  404: "unimplemented",
  429: "unavailable",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/**
 * Gives a wire to the Connect server at a URL such as `https://id.example.com`. Runs in browsers and in Node. Redirects
 * are refused, since they would carry credentials to strangers. `send` stands in for fetch.
 */
export function webWire(url: string, send: Send = fetch): Wire {
  const base = url.replace(/\/+$/, "");
  async function post(
    path: string,
    type: string,
    body: Bytes,
    call: WireCall,
    signal: AbortSignal,
  ): Promise<Response> {
    const response = await send(base + path, {
      method: "POST",
      body,
      redirect: "error",
      headers: {
        ...call.headers,
        "content-type": type,
        "connect-protocol-version": "1",
        "connect-timeout-ms": String(Math.ceil(call.timeoutMs)),
      },
      signal,
    });
    // A page of some proxy would pass for a message, since any bytes may be unknown fields.
    const ours = response.headers.get("content-type")?.startsWith(type);
    if (!response.ok || !ours) throw await refusal(response);
    return response;
  }
  return {
    async unary(path, request, call) {
      const bound = bounded(call);
      try {
        const response = await post(path, "application/proto", request, call, bound.signal);
        return await bytesOf(response);
      } catch (error) {
        throw failure(error);
      } finally {
        bound.release();
      }
    },
    async *stream(path, request, call) {
      const bound = bounded(call);
      try {
        const type = "application/connect+proto";
        const response = await post(path, type, enveloped(request), call, bound.signal);
        if (response.body) yield* answers(response.body);
      } catch (error) {
        throw failure(error);
      } finally {
        bound.release();
      }
    },
  };
}

/** Gives a signal that aborts with the caller's or at the deadline; `release` ends the watch on both. */
function bounded({ signal, timeoutMs }: WireCall): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const cancel = () => controller.abort(new CallError("canceled", "The call was cancelled."));
  const expire = () =>
    controller.abort(new CallError("deadline_exceeded", "The call took longer than it may."));
  const timer = setTimeout(expire, timeoutMs);
  if (signal?.aborted) cancel();
  signal?.addEventListener("abort", cancel);
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  };
  return { signal: controller.signal, release };
}

const failure = (error: unknown): CallError =>
  error instanceof CallError
    ? error
    : new CallError("unavailable", "The server cannot be reached.", [], { cause: error });

/** Gives the bytes of an answer. Throws when they are more than the longest one has. */
async function bytesOf(response: Response): Promise<Bytes> {
  if (!response.body) return new Uint8Array(await response.arrayBuffer());
  const pieces: Bytes[] = [];
  let size = 0;
  for await (const piece of piecesOf(response.body)) {
    size += piece.length;
    if (size > limitBytes) throw new CallError("internal", "The answer is too large.");
    pieces.push(piece);
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

interface Problem {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
}

async function refusal(response: Response): Promise<CallError> {
  const code = codeOfStatus[response.status] ?? "unknown";
  const text = new TextDecoder().decode(await bytesOf(response));
  try {
    return problemError(JSON.parse(text) as Problem, code);
  } catch {
    return new CallError(code, `The server answered with status ${response.status}.`);
  }
}

function problemError({ code, message, details }: Problem, otherwise: CodeName): CallError {
  const known = codeNames.find((name) => name === code && name !== "ok") ?? otherwise;
  const list = Array.isArray(details) ? (details as { type?: unknown; value?: unknown }[]) : [];
  const decoded = list.map(({ type, value }) => ({
    typeUrl: String(type),
    value: Uint8Array.from(atob(String(value)), (letter) => letter.charCodeAt(0)),
  }));
  return new CallError(known, typeof message === "string" ? message : known, decoded);
}

function enveloped(request: Bytes): Bytes {
  const framed = new Uint8Array(5 + request.length);
  new DataView(framed.buffer).setUint32(1, request.length);
  framed.set(request, 5);
  return framed;
}

/** Gives the messages of a stream; throws what its last envelope says, or when that one is missing. */
async function* answers(body: ReadableStream<Bytes>): AsyncIterable<Bytes> {
  for await (const { flag, data } of envelopes(body)) {
    if (flag & flags.compressed) throw new CallError("internal", "The answer is compressed.");
    if (!(flag & flags.last)) {
      yield data;
      continue;
    }
    const { error } = JSON.parse(new TextDecoder().decode(data)) as { error?: Problem };
    if (error) throw problemError(error, "unknown");
    return;
  }
  throw new CallError("unavailable", "The stream broke off.");
}

async function* envelopes(
  body: ReadableStream<Bytes>,
): AsyncIterable<{ flag: number; data: Bytes }> {
  let held: Bytes = new Uint8Array(0);
  for await (const piece of piecesOf(body)) {
    const joined = new Uint8Array(held.length + piece.length);
    joined.set(held);
    joined.set(piece, held.length);
    held = joined;
    while (held.length >= 5) {
      const length = new DataView(held.buffer, held.byteOffset).getUint32(1);
      if (length > limitBytes) throw new CallError("internal", "The answer is too large.");
      if (held.length < 5 + length) break;
      yield { flag: held[0]!, data: held.subarray(5, 5 + length) };
      held = held.subarray(5 + length);
    }
  }
}

/** Gives what a body is made of, for platforms that cannot iterate over one. */
async function* piecesOf(body: ReadableStream<Bytes>): AsyncIterable<Bytes> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Tells the server that nobody listens any more; a stream that has ended or failed cannot mind.
    await reader.cancel().catch(() => undefined);
  }
}
