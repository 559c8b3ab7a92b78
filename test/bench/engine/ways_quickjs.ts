// Our way of running the script, and the floor beside it: the same context again and again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seconds, systemClock } from "../../../server/core/clock.ts";
import { Budget, type Timing } from "../../../server/engine/budget.ts";
import { compileQuickjs } from "../../../server/engine/glue.ts";
import type { GuestHost } from "../../../server/engine/guest_host.ts";
import { newHeartbeat, openHeartbeat } from "../../../server/engine/heartbeat.ts";
import { defaultLimits } from "../../../server/engine/limits.ts";
import { readPrelude } from "../../../server/engine/prelude.ts";
import { openSandbox } from "../../../server/engine/sandbox.ts";
import { Turn } from "../../../server/engine/turn.ts";
import { Vm } from "../../../server/engine/vm.ts";
import type { ScriptCachePort } from "../../../server/engine/world.ts";
import { openScriptCache } from "../../../server/store/cache.ts";
import { engineOf } from "../../../server/store/engines/table.ts";
import { mapCache } from "../../engine/support/map_cache.ts";
import type { Guest, Way } from "./guest.ts";
import { hostSide, input, measuredScript } from "./guest.ts";

interface Cache extends AsyncDisposable {
  readonly port: ScriptCachePort;
}

const openMap = async (): Promise<Cache> => ({
  port: mapCache(),
  [Symbol.asyncDispose]: async () => {},
});

/** The cache of a script worker on embedded storage. */
const openSqlite = async (): Promise<Cache> => {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-bench-"));
  const url = `sqlite:${join(folder, "ephemeral.db")}`;
  const store = await engineOf(url).openEphemeral(url, systemClock, { atOnce: true });
  return {
    port: openScriptCache(store, seconds(300)) as ScriptCachePort,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
};

/** Gives what each run gets of the host, its times included. */
const hosts = (cache: Cache): (() => GuestHost & { readonly budget: Budget }) => {
  const timing: Timing = { heartbeat: openHeartbeat(newHeartbeat()), turn: new Turn() };
  const { signal } = new AbortController();
  const newCall = hostSide(cache.port);
  return () => ({
    budget: new Budget(defaultLimits, timing, 1),
    signal,
    now: Date.now,
    call: newCall(),
  });
};

const openClean = async (openCache: () => Promise<Cache>): Promise<Guest> => {
  const cache = await openCache();
  const newHost = hosts(cache);
  const sandbox = await openSandbox(await compileQuickjs(), defaultLimits, readPrelude());
  return {
    run: () => sandbox.execute(measuredScript, input, newHost()),
    async close() {
      await cache[Symbol.asyncDispose]();
    },
  };
};

/** Nothing of a run is freed before the next restore, so even the floor restores now and then. */
const runsBetweenRestores = 256;

const openReused = async (openCache: () => Promise<Cache>): Promise<Guest> => {
  const cache = await openCache();
  const newHost = hosts(cache);
  const vm = await Vm.open(await compileQuickjs(), defaultLimits);
  const base = vm.boot(readPrelude());
  vm.restore(base, base.image);
  const name = measuredScript.name;
  await vm.evaluate(measuredScript.source, name, newHost());
  const execute = await vm.evaluate("execute", name, newHost());
  if (!("value" in execute)) throw new Error(execute.explanation);
  const image = vm.capture();
  let runs = 0;
  return {
    run() {
      if (runs++ % runsBetweenRestores === 0) vm.restore(base, image);
      return vm.run(input, execute.value, newHost());
    },
    async close() {
      await cache[Symbol.asyncDispose]();
    },
  };
};

const nothingKept = "WebAssembly; nothing of another run";
const everythingKept = "WebAssembly; everything of other runs";

/** QuickJS in WebAssembly: each run from a clean state, and the floor. */
export const quickjsWays: readonly Way[] = [
  { name: "clean state", isolation: nothingKept, slice: 500, open: () => openClean(openMap) },
  {
    name: "context reused",
    isolation: everythingKept,
    slice: 800,
    open: () => openReused(openMap),
  },
  {
    name: "clean state, cache in SQLite",
    isolation: nothingKept,
    slice: 300,
    open: () => openClean(openSqlite),
  },
  {
    name: "context reused, cache in SQLite",
    isolation: everythingKept,
    slice: 400,
    open: () => openReused(openSqlite),
  },
];
