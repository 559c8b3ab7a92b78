// The gRPC listener: procedures, health and reflection on one grpc-js server.
import * as grpc from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { requestLimitBytes } from "../../proto/bounds.ts";
import { exchangeOf, services } from "../../proto/contract.ts";
import type { Tls } from "../../proto/settings.ts";
import { isLoopback, splitAddress } from "../../proto/settings.ts";
import { mount } from "./mount.ts";
import { peersBehind } from "./peer.ts";
import type { Procedure } from "./procedure.ts";
import { reflection } from "./reflection.ts";

/** The open listener. */
export interface GrpcListener {
  /** `host:port`, the port being the real one. */
  readonly address: string;
  /**
   * Says NOT_SERVING to health checks, ends streams, finishes what else is under way, and closes after
   * `graceMs` at the latest.
   */
  close(graceMs: number): Promise<void>;
}

/** What a listener is and whom it believes. */
export interface GrpcOptions {
  /** Whose forwarded addresses are believed. */
  readonly trustedProxies: readonly string[];
  /** The setting `secure_message`, in bytes: how much larger requests that carry one may be. */
  readonly secureMessageBytes?: number;
  readonly tls?: Tls | undefined;
}

/** Whoever may reach this listener from elsewhere is not thereby to reach administration. Source: SEC-82. */
const offered = (address: string, procedures: readonly Procedure[]): readonly Procedure[] =>
  isLoopback(splitAddress(address).host)
    ? procedures
    : procedures.filter(({ method }) => exchangeOf(method).listener === "public");

/**
 * Opens the listener at `host:port`; port 0 takes a free one. Methods of the admin listener are served
 * only on loopback. A request is bounded as at the REST endpoints. Rejects when the address is taken.
 */
export async function listenGrpc(
  address: string,
  procedures: readonly Procedure[],
  { trustedProxies, secureMessageBytes = 0, tls }: GrpcOptions,
): Promise<GrpcListener> {
  const server = new grpc.Server({
    // grpc-js has one bound for all methods; the narrower ones are those of `mount`.
    "grpc.max_receive_message_length": requestLimitBytes({ large: true }, secureMessageBytes),
    "grpc.max_metadata_size": 16 * 1024,
  });
  const draining = new AbortController();
  mount(server, offered(address, procedures), {
    peerOf: peersBehind(trustedProxies),
    draining: draining.signal,
    secureMessageBytes,
  });
  reflection(server);
  const names = ["", ...services.map((service) => service.typeName)];
  const health = new HealthImplementation(
    Object.fromEntries(names.map((name) => [name, "SERVING" as const])),
  );
  health.addToServer(server);
  const credentials = tls
    ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: tls.cert, private_key: tls.key }])
    : grpc.ServerCredentials.createInsecure();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `${address.slice(0, address.lastIndexOf(":"))}:${port}`,
    async close(graceMs) {
      for (const name of names) health.setStatus(name, "NOT_SERVING");
      draining.abort();
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };
}
