// The upstream over a grpc-js channel, which brings connections, keepalive, retries and balancing.
import { isIP } from "node:net";
import type { DescMethod, Message } from "@bufbuild/protobuf";
import { fromBinary } from "@bufbuild/protobuf";
import type { CallOptions, ServiceConfig, ServiceError } from "@grpc/grpc-js";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { answerLimitBytes } from "../../proto/bounds.ts";
import { exchangeOf, services } from "../../proto/contract.ts";
import { pathOf } from "../methods.ts";
import { failureOf } from "./status.ts";
import type { Upstream, UpstreamCall } from "./upstream.ts";
import { Failure, forwardedHeaders, requestBytes } from "./upstream.ts";

// Bytes cross grpc-js as they are; messages are read and written on this side of it.
const raw = (bytes: Buffer): Buffer => bytes;

function encode(method: DescMethod, request: Message): Buffer {
  const bytes = requestBytes(method, request);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// The channel writes a user agent of its own.
const forwardedAs: Readonly<Record<string, string>> = { "user-agent": "x-forwarded-user-agent" };

function metadata(call: UpstreamCall): Metadata {
  const result = new Metadata();
  for (const name of forwardedHeaders) {
    const value = call.header(name);
    if (value !== undefined) result.set(forwardedAs[name] ?? name, value);
  }
  result.set("x-forwarded-for", call.peer);
  return result;
}

const options = (call: UpstreamCall): CallOptions => ({ deadline: Date.now() + call.timeoutMs });

/**
 * Cancels `wire` when the caller goes away; gives what ends that watch, so that no listener stays.
 */
function follow(call: UpstreamCall, wire: { cancel(): void }): () => void {
  const { signal } = call;
  const cancel = (): void => wire.cancel();
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return () => signal.removeEventListener("abort", cancel);
}

/** Only a call that does no harm when repeated may be repeated by the channel. */
function serviceConfig(): ServiceConfig {
  const name = services.flatMap((service) =>
    service.methods
      .filter((method) => exchangeOf(method).idempotent)
      .map((method) => ({ service: service.typeName, method: method.name })),
  );
  const retryPolicy = {
    maxAttempts: 3,
    initialBackoff: "0.05s",
    maxBackoff: "1s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return {
    loadBalancingConfig: [{ round_robin: {} }] as never,
    methodConfig: [{ name, retryPolicy }],
  } as ServiceConfig;
}

function connect(address: string, longestMs: number, secureMessageBytes: number): Client {
  const [, tls, target] = /^grpc(s?):\/\/([^/]+)$/.exec(address) ?? [];
  if (target === undefined)
    throw new Error(`${address} is not grpc://host:port or grpcs://host:port`);
  // A client cannot ask for an address by SNI (RFC 6066 section 3), and grpc-js asks for whatever
  // it is given, so such a channel would never come up.
  if (tls === "s" && isIP(target.replace(/:[0-9]+$/, "").replace(/^\[(.*)\]$/, "$1")) !== 0)
    throw new Error(`${address} has an address where TLS takes the name of a host`);
  const wire = tls === "s" ? credentials.createSsl() : credentials.createInsecure();
  return new Client(target, wire, {
    // A ping while a server drains ends the call, so pings are rarer than the longest call is long.
    "grpc.keepalive_time_ms": Math.max(30_000, longestMs + 10_000),
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_receive_message_length": answerLimitBytes(secureMessageBytes),
    // Requests are bounded where they are received, by their methods.
    "grpc.max_send_message_length": -1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.service_config": JSON.stringify(serviceConfig()),
    "grpc.service_config_disable_resolution": 1,
  });
}

/**
 * Gives the message of an answer's bytes. Throws UNSPECIFIED when they are none: the caller did
 * nothing wrong.
 */
function decode(method: DescMethod, bytes: Buffer): Message {
  try {
    return fromBinary(method.output, bytes);
  } catch (cause) {
    throw new Failure("UNSPECIFIED", {}, { cause });
  }
}

/** What failed, whoever threw it. */
const failure = (error: unknown): Failure =>
  error instanceof Failure ? error : failureOf(error as ServiceError);

/** Calls a method with one answer; rejects with a `ServiceError`, or what the channel throws. */
function callOnce(
  client: Client,
  method: DescMethod,
  bytes: Buffer,
  call: UpstreamCall,
): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  // The channel calls this outside of every promise, where a throw would end the process. So the
  // bytes are only handed on.
  const done = (error: ServiceError | null, answer?: Buffer): void => {
    if (error) reject(error);
    else resolve(answer as Buffer);
  };
  const sent = [metadata(call), options(call)] as const;
  const wire = client.makeUnaryRequest(pathOf(method), raw, raw, bytes, ...sent, done);
  const unfollow = follow(call, wire);
  return promise.finally(unfollow);
}

/** Calls a method with a stream of answers; fails as `callOnce` does. */
async function* callStream(
  client: Client,
  method: DescMethod,
  bytes: Buffer,
  call: UpstreamCall,
): AsyncGenerator<Message> {
  const sent = [metadata(call), options(call)] as const;
  const wire = client.makeServerStreamRequest(pathOf(method), raw, raw, bytes, ...sent);
  // Cancelling is told as an error, when the reader has left and nobody else listens.
  wire.on("error", () => undefined);
  const unfollow = follow(call, wire);
  try {
    for await (const item of wire) yield decode(method, item as Buffer);
  } finally {
    unfollow();
    wire.cancel();
  }
}

/**
 * Gives the upstream at `address` (`grpc://host:port`, or with TLS `grpcs://name:port`, where an
 * address will not do). `longestMs`: the longest time that a call may be given, in milliseconds.
 * `secureMessageBytes`: the setting `secure_message`, which answers may bring.
 * Throws an Error for another form. A server that is dead or silent is UNAVAILABLE, at the latest
 * when the deadline of the call passes; the caller's address travels as `x-forwarded-for` and its user
 * agent as `x-forwarded-user-agent`. Methods
 * that the contract calls idempotent are tried again while the server is away. An answer that is no
 * message is UNSPECIFIED. Source: contract design section 9.
 */
export function grpcUpstream(address: string, longestMs: number, secureMessageBytes = 0): Upstream {
  const client = connect(address, longestMs, secureMessageBytes);
  return {
    async unary(method, request, call) {
      const bytes = encode(method, request);
      try {
        return decode(method, await callOnce(client, method, bytes, call));
      } catch (error) {
        throw failure(error);
      }
    },
    async *stream(method, request, call) {
      const bytes = encode(method, request);
      try {
        yield* callStream(client, method, bytes, call);
      } catch (error) {
        throw failure(error);
      }
    },
    close: () => client.close(),
  };
}
