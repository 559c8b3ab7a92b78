// The script that is measured, and what a way of running it is.
import { createHash } from "node:crypto";
import { livePerformer, openHostCalls } from "../../../server/engine/host_calls.ts";
import { defaultLimits } from "../../../server/engine/limits.ts";
import { maskOf } from "../../../server/engine/mask.ts";
import { openRunLog } from "../../../server/engine/run_log.ts";
import type { Script } from "../../../server/engine/script.ts";
import type { RunWorld, ScriptCachePort } from "../../../server/engine/world.ts";
import { mapCache } from "../../engine/support/map_cache.ts";

/** A script made ready in one of the ways. */
export interface Guest {
  /** Runs it once and gives the JSON text of the guest's answer. */
  run(): string | Promise<string>;
  close(): void | Promise<void>;
}

/** A way of running the script: a row of the table. */
export interface Way {
  readonly name: string;
  /** What keeps a run from another and from the host. */
  readonly isolation: string;
  /** How many runs make a slice of some 50 ms. */
  readonly slice: number;
  open(): Promise<Guest>;
}

const source = `function execute(requestPayload) {
  var payload = JSON.parse(requestPayload);
  var identifier = java.util.UUID.randomUUID().toString();
  CACHE.store(identifier, payload.userId, 35);
  var transactionId = CACHE.fetch(payload.userId);
  transactionId = java.util.UUID.randomUUID().toString();
  CACHE.store(payload.userId, transactionId, 300);
  CACHE.store(transactionId, payload.callbackUrl, 300);
  LOG.info("storing userId: {}", payload.userId);
  return {
    status: 2000,
    responsePayload: JSON.stringify({ transaction: transactionId, uuid: identifier })
  };
}
`;

/** The backchannel of a QR registration: seven host calls (2 UUIDs, 3 stores, 1 fetch, 1 line). */
export const measuredScript: Script = {
  name: "backchannel.js",
  version: 1,
  source,
  sha256: createHash("sha256").update(source).digest("base64url"),
};

const requestPayload = JSON.stringify({
  userId: "4b1f3c4e-7f0c-4b43-a6b4-6a0f0f5b5b37",
  callbackUrl: "https://portal.example.com/callback",
});

/** The arguments and the seed of a run, as the guest's side of the engine reads them. */
export const input = JSON.stringify({
  seed: [1, 2, 3, 4],
  values: [requestPayload, null, null, null],
});

/** Answers host calls, JSON in and JSON out. */
export type HostCall = (operation: string, values: string) => string;

const nowhere = { request: () => Promise.reject(new Error("the script makes no requests")) };

/** Gives the host's side of a run, the same for every way; CACHE is a map unless another is given. */
export const hostSide = (cache: ScriptCachePort = mapCache()): (() => HostCall) => {
  const { signal } = new AbortController();
  return () => {
    const world: RunWorld = {
      cache,
      signal,
      egress: { ...nowhere, [Symbol.asyncDispose]: async () => {} },
      properties: new Map(),
      limits: defaultLimits,
      log: openRunLog(defaultLimits.logBytes, maskOf(new Map())),
      noteUnavailable() {},
      countEgress() {},
    };
    return openHostCalls(world, livePerformer(undefined)).call as HostCall;
  };
};
