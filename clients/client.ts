// One typed client for every wire: grpc-js inside the network, fetch in browsers, portals and SDKs.
import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { CallError } from "./call_error.ts";

/** What a caller may say about one call. */
export interface CallOptions {
  /** Request headers (gRPC metadata), by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long the call may take, retries included. Default 20 s; a stream 600 s. */
  readonly timeoutMs?: number;
  /** Ends the call when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the call may be made twice. Default: what its definition says. */
  readonly idempotent?: boolean;
}

/** What a wire learns of one call. */
export interface WireCall {
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Carries bytes to a method (`/package.Service/Method`) and back. Fails with `CallError` only. */
export interface Wire {
  unary(path: string, request: Uint8Array<ArrayBuffer>, call: WireCall): Promise<Uint8Array>;
  stream(path: string, request: Uint8Array<ArrayBuffer>, call: WireCall): AsyncIterable<Uint8Array>;
}

interface Codec<T, P> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
  fromPartial(object: P): T;
}

// biome-ignore lint/suspicious/noExplicitAny: the messages of a method are known only to its definition.
type AnyCodec = Codec<any, any>;

interface MethodDefinition {
  readonly name: string;
  readonly requestType: AnyCodec;
  readonly responseType: AnyCodec;
  readonly responseStream: boolean;
  readonly options: object;
}

/** A service as ts-proto defines it. */
export interface ServiceDefinition {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

type Request<M> = M extends { requestType: { fromPartial(object: infer P): unknown } } ? P : never;
type Response<M> = M extends { responseType: { fromPartial(object: never): infer T } } ? T : never;

/** The methods of a service: a partial request in, the response (or a stream of them) out. */
export type Client<D extends ServiceDefinition> = {
  readonly [K in keyof D["methods"]]: (
    request: Request<D["methods"][K]>,
    options?: CallOptions,
  ) => D["methods"][K] extends { responseStream: true }
    ? AsyncIterable<Response<D["methods"][K]>>
    : Promise<Response<D["methods"][K]>>;
};

const unaryTimeoutMs = 20_000;
const streamTimeoutMs = 600_000;
const tries = 3;
const firstPauseMs = 100;
const longestPauseMs = 1000;

/**
 * Gives the client of a service over a wire. Every call has a deadline. A call of one answer that may be
 * made twice is tried up to three times when the server is not available, with a random pause between
 * and within the one deadline. Whatever goes wrong is a `CallError`.
 */
export function createClient<D extends ServiceDefinition>(definition: D, wire: Wire): Client<D> {
  const calls = Object.entries(definition.methods).map(([key, method]) => {
    const path = `/${definition.fullName}/${method.name}`;
    const encode = (partial: unknown) =>
      method.requestType.encode(method.requestType.fromPartial(partial)).finish();
    const unary = async (request: unknown, options: CallOptions = {}): Promise<unknown> => {
      const bytes = encode(request);
      const send = (call: WireCall) => wire.unary(path, bytes, call);
      return decoded(method, await insistently(send, mayRepeat(method), options));
    };
    const stream = async function* (request: unknown, options: CallOptions = {}) {
      const answers = wire.stream(path, encode(request), wireCall(options, streamTimeoutMs));
      for await (const bytes of answers) yield decoded(method, bytes);
    };
    return [key, method.responseStream ? stream : unary];
  });
  return Object.fromEntries(calls) as Client<D>;
}

function decoded({ responseType }: MethodDefinition, bytes: Uint8Array): unknown {
  try {
    return responseType.decode(bytes);
  } catch (cause) {
    throw new CallError("internal", "The answer cannot be read.", [], { cause });
  }
}

const wireCall = (options: CallOptions, defaultMs: number): WireCall => ({
  headers: options.headers ?? {},
  timeoutMs: options.timeoutMs ?? defaultMs,
  signal: options.signal,
});

/** Whether the contract says that a method may be called twice (google.protobuf.MethodOptions). */
const mayRepeat = ({ options }: MethodDefinition): boolean =>
  "idempotencyLevel" in options && options.idempotencyLevel !== "IDEMPOTENCY_UNKNOWN";

async function insistently(
  send: (call: WireCall) => Promise<Uint8Array>,
  repeatable: boolean,
  options: CallOptions,
): Promise<Uint8Array> {
  const call = wireCall(options, unaryTimeoutMs);
  const end = performance.now() + call.timeoutMs;
  const most = (options.idempotent ?? repeatable) ? tries : 1;
  for (let count = 1; ; count += 1) {
    try {
      return await send({ ...call, timeoutMs: end - performance.now() });
    } catch (error) {
      // The pause is random so that callers that failed together do not come back together.
      const pauseMs = Math.random() * Math.min(longestPauseMs, firstPauseMs * 2 ** count);
      const hopeful = error instanceof CallError && error.retryable && !call.signal?.aborted;
      if (!hopeful || count >= most || performance.now() + pauseMs >= end) throw error;
      await pause(pauseMs, call.signal);
    }
  }
}

/** Waits, but not longer than until the signal aborts; leaves no listener behind. */
const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
