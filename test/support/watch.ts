// A portal that watches transactions, over any wire for streams.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { CallError } from "../../clients/call_error.ts";
import type { Wire } from "../../clients/client.ts";
import { createClient } from "../../clients/client.ts";
import { grpcWire } from "../../clients/grpc.ts";
import { webWire } from "../../clients/web.ts";
import type { WatchTransactionResponse } from "../../gen/gatewright/v1/mobile_auth.ts";
import { MobileAuthenticationServiceDefinition } from "../../gen/gatewright/v1/mobile_auth.ts";
import { asPortal } from "./mobile_portal.ts";

interface Place {
  readonly http: string;
  readonly grpc: string;
}

/** The ways to a stream of the public listener. */
export const watchWires: Readonly<
  Record<"gRPC" | "Connect", (server: Place) => Wire & Partial<Disposable>>
> = {
  gRPC: ({ grpc }) => grpcWire(grpc),
  Connect: ({ http }) => webWire(http),
};

/** A watched transaction. */
export interface Watch {
  /** What was told so far. */
  readonly told: readonly WatchTransactionResponse[];
  /** Resolves when it has ended: undefined, or what it ended with. */
  readonly ended: Promise<CallError | undefined>;
  /** Resolves when so much was told; fails after 15 s. */
  has(count: number): Promise<readonly string[]>;
  /** Leaves. */
  stop(): Promise<void>;
}

/** Watches a transaction over a wire, as the bank unless told otherwise. */
export function openWatch(
  server: Place,
  wire: keyof typeof watchWires,
  transactionId: string,
  headers: Readonly<Record<string, string>> = asPortal(),
): Watch {
  const opened = watchWires[wire](server);
  const leaving = new AbortController();
  const told: WatchTransactionResponse[] = [];
  async function read(): Promise<CallError | undefined> {
    try {
      const client = createClient(MobileAuthenticationServiceDefinition, opened);
      const options = { headers, signal: leaving.signal };
      for await (const answer of client.watchTransaction({ transactionId }, options)) {
        told.push(answer);
      }
      return undefined;
    } catch (error) {
      return error as CallError;
    } finally {
      opened[Symbol.dispose]?.();
    }
  }
  const ended = read();
  return {
    told,
    ended,
    async has(count) {
      for (let tries = 0; told.length < count && tries < 150; tries += 1) await sleep(100);
      assert.ok(told.length >= count, `only ${told.length} of ${count} states were told`);
      return told.map(({ state }) => state);
    },
    async stop() {
      leaving.abort();
      await ended;
    },
  };
}
