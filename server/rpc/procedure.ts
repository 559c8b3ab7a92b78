// A service as procedures: bytes in, bytes out. The gRPC listener, the gateway in the same process
// and the tests call the same ones.
import type { DescMethod } from "@bufbuild/protobuf";
import type { BinaryReader, BinaryWriter } from "@bufbuild/protobuf/wire";
import { registry } from "../../proto/contract.ts";
import type { Milliseconds } from "../core/clock.ts";

/** What a procedure learns of the call beside its request. */
export interface Call {
  /** Gives a request header (gRPC metadata) by its lower-case name. */
  header(name: string): string | undefined;
  /** Aborts when the caller went away or the deadline passed. */
  readonly signal: AbortSignal;
  /** Instant by which the answer is wanted; undefined without one. */
  readonly deadline: Milliseconds | undefined;
  /** Address of the caller, as far as it is known. */
  readonly peer: string;
}

/** A method with one answer. */
export interface Unary {
  readonly method: DescMethod;
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly stream: false;
  call(request: Uint8Array, call: Call): Promise<Uint8Array>;
}

/** A method with a stream of answers. */
export interface ServerStream {
  readonly method: DescMethod;
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly stream: true;
  call(request: Uint8Array, call: Call): AsyncIterable<Uint8Array>;
}

/** A method that can be called with bytes. */
export type Procedure = Unary | ServerStream;

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
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** A service as ts-proto defines it. */
export interface ServiceDefinition {
  readonly fullName: string;
  readonly methods: Readonly<Record<string, MethodDefinition>>;
}

type Request<M> = M extends { requestType: Codec<infer T, never> } ? T : never;
type Partial_<M> = M extends { responseType: { fromPartial(object: infer P): unknown } }
  ? P
  : never;

/** The handlers of a service: request and call in, response out. */
export type Handlers<D extends ServiceDefinition> = {
  [K in keyof D["methods"]]: (
    request: Request<D["methods"][K]>,
    call: Call,
  ) => D["methods"][K] extends { responseStream: true }
    ? AsyncIterable<Partial_<D["methods"][K]>>
    : Promise<Partial_<D["methods"][K]>> | Partial_<D["methods"][K]>;
};

type AnyHandler = (request: unknown, call: Call) => unknown;

/** Gives the procedures of a service from its handlers. */
export function implement<D extends ServiceDefinition>(
  definition: D,
  handlers: Handlers<D>,
): Procedure[] {
  return Object.entries(definition.methods).map(
    ([key, { name, requestType, responseType, responseStream }]) => {
      const handler = handlers[key as keyof Handlers<D>] as AnyHandler;
      const method = registry.getService(definition.fullName)?.methods.find((m) => m.name === name);
      if (!method) throw new Error(`the contract has no ${definition.fullName}.${name}`);
      const path = `/${definition.fullName}/${name}`;
      const encode = (partial: unknown): Uint8Array =>
        responseType.encode(responseType.fromPartial(partial)).finish();
      if (!responseStream) {
        return {
          method,
          path,
          stream: false,
          call: async (bytes, call) => encode(await handler(requestType.decode(bytes), call)),
        };
      }
      return {
        method,
        path,
        stream: true,
        async *call(bytes, call) {
          const items = handler(requestType.decode(bytes), call) as AsyncIterable<unknown>;
          for await (const item of items) yield encode(item);
        },
      };
    },
  );
}
