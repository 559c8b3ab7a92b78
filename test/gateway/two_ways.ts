// Starts the gateway before a small server made of the real procedures, once in process and once
// over gRPC.
import assert from "node:assert/strict";
import { connect } from "node:net";
import * as grpc from "@grpc/grpc-js";
import type { ListenerOptions } from "../../gateway/listener.ts";
import { listen } from "../../gateway/listener.ts";
import { embedded } from "../../gateway/upstream/embedded.ts";
import { grpcUpstream } from "../../gateway/upstream/grpc.ts";
import type { Upstream } from "../../gateway/upstream/upstream.ts";
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { AuditServiceDefinition } from "../../gen/gatewright/v1/audit.ts";
import { AuthenticatorServiceDefinition } from "../../gen/gatewright/v1/authenticator.ts";
import { CallbackAdminServiceDefinition } from "../../gen/gatewright/v1/callback.ts";
import { DeviceServiceDefinition } from "../../gen/gatewright/v1/device.ts";
import { EndUserServiceDefinition } from "../../gen/gatewright/v1/end_user.ts";
import { EventServiceDefinition } from "../../gen/gatewright/v1/event.ts";
import {
  MobileAuthenticationServiceDefinition,
  MobileDeviceServiceDefinition,
} from "../../gen/gatewright/v1/mobile_auth.ts";
import { RegistrationServiceDefinition } from "../../gen/gatewright/v1/registration.ts";
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import { requestLimitBytes } from "../../proto/bounds.ts";
import { silentLog } from "../../server/core/log.ts";
import { answering } from "../../server/rpc/answer.ts";
import { mount } from "../../server/rpc/mount.ts";
import type { Call, Handlers, Procedure, ServiceDefinition } from "../../server/rpc/procedure.ts";
import { implement } from "../../server/rpc/procedure.ts";

/** What the server behind the gateway does with a call. */
// biome-ignore lint/suspicious/noExplicitAny: it stands for the handlers of every method.
type Handler = (request: any, call: Call) => unknown;

/** The ways from the gateway to the server. */
export const ways = ["embedded", "grpc"] as const;

/** A server whose methods do what the test says last. */
export interface Behind {
  readonly procedures: readonly Procedure[];
  /** What every method does. */
  handle: Handler;
}

const definitions: readonly ServiceDefinition[] = [
  AdminServiceDefinition,
  AuditServiceDefinition,
  AuthenticatorServiceDefinition,
  CallbackAdminServiceDefinition,
  DeviceServiceDefinition,
  EndUserServiceDefinition,
  EventServiceDefinition,
  MobileAuthenticationServiceDefinition,
  MobileDeviceServiceDefinition,
  RegistrationServiceDefinition,
  ScriptAdminServiceDefinition,
  TokenServiceDefinition,
];

/** Gives a server of all methods of the contract. */
export function behind(): Behind {
  const result: Behind & { procedures: Procedure[] } = {
    procedures: [],
    handle: () => ({}),
  };
  for (const definition of definitions) {
    const handlers = Object.fromEntries(
      Object.keys(definition.methods).map((key) => [
        key,
        (request: unknown, call: Call) => result.handle(request, call),
      ]),
    ) as Handlers<ServiceDefinition>;
    for (const procedure of implement(definition, handlers)) {
      result.procedures.push(answering(procedure, silentLog));
    }
  }
  return result;
}

/** Serves procedures over gRPC on a free port. */
export async function grpcServer(
  procedures: readonly Procedure[],
  secureMessageBytes = 0,
): Promise<{ address: string; stop(): void }> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": requestLimitBytes({ large: true }, secureMessageBytes),
  });
  mount(server, procedures, { secureMessageBytes });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
  return { address: `grpc://127.0.0.1:${await promise}`, stop: () => server.forceShutdown() };
}

/** Both listeners of a gateway. */
export interface Gateway {
  readonly public: string;
  readonly admin: string;
  readonly upstream: Upstream;
  readonly faults: unknown[];
  stop(): Promise<void>;
}

/** Starts both listeners before an upstream. */
export async function gateway(
  upstream: Upstream,
  options: Partial<ListenerOptions> = {},
): Promise<Gateway> {
  const faults: unknown[] = [];
  const start = (listener: "public" | "admin") =>
    listen({
      upstream,
      listener,
      address: "127.0.0.1:0",
      origins: ["https://portal.example.com"],
      trustedProxies: [],
      deadlineMs: 5_000,
      onFault: (error) => faults.push(error),
      ...options,
    });
  const [open, admin] = [await start("public"), await start("admin")];
  return {
    public: open.address,
    admin: admin.address,
    upstream,
    faults,
    async stop() {
      await Promise.all([open.close(), admin.close()]);
      upstream.close();
    },
  };
}

/** Starts the same server behind both ways. */
export async function bothWays(options: Partial<ListenerOptions> = {}): Promise<{
  server: Behind;
  gateways: Record<(typeof ways)[number], Gateway>;
  stop(): Promise<void>;
}> {
  const server = behind();
  const bytes = options.secureMessageBytes;
  const wire = await grpcServer(server.procedures, bytes);
  const gateways = {
    embedded: await gateway(embedded(server.procedures), options),
    grpc: await gateway(grpcUpstream(wire.address, 5_000, bytes), options),
  };
  return {
    server,
    gateways,
    async stop() {
      await Promise.all([gateways.embedded.stop(), gateways.grpc.stop()]);
      wire.stop();
    },
  };
}

/** Posts JSON. */
export const post = (address: string, path: string, json: unknown): Promise<Response> =>
  fetch(`http://${address}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(json),
  });

/** Posts a form. */
export const postForm = (address: string, path: string, form: string): Promise<Response> =>
  fetch(`http://${address}${path}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form,
  });

/** Writes bytes to the gateway as they are and gives all that comes back until it closes. */
export function raw(address: string, bytes: string | Buffer, end = false): Promise<string> {
  const [host, port] = address.split(":") as [string, string];
  const { promise, resolve } = Promise.withResolvers<string>();
  const chunks: Buffer[] = [];
  const socket = connect({ host, port: Number(port), allowHalfOpen: true });
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  socket.on("error", () => undefined);
  socket.on("end", () => socket.end());
  socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  socket.write(bytes);
  if (end) socket.end();
  return promise;
}

/** Gives the statuses of the answers in what `raw` gave. */
export const statuses = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

/** Checks a refusal's status and word and gives its body. */
export async function refused(
  response: Response,
  status: number,
  word: string,
): Promise<Record<string, string>> {
  const body = (await response.json()) as Record<string, string>;
  assert.deepEqual([response.status, body.error], [status, word]);
  return body;
}
