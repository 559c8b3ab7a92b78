// What a server does again and again, a row each.
import type { Log } from "./core/log.ts";
import { sweepCallbacks } from "./flows/callbacks/sweep_callbacks.ts";
import { logCheckpoint } from "./flows/events/checkpoint.ts";
import { pruneEvents } from "./flows/events/prune_events.ts";
import { sweepExecutions } from "./flows/executions/sweep_executions.ts";
import { tendKeys } from "./flows/maintain.ts";
import type { World } from "./flows/world.ts";

/** A work, how often it is done, and what it is called in the log when it fails. */
interface Chore {
  readonly name: string;
  readonly everyMs: number;
  readonly work: (world: World) => Promise<unknown>;
}

const chores: readonly Chore[] = [
  { name: "sweep", everyMs: 30_000, work: ({ store }) => store.sweep() },
  // More often than the others: a busy server makes many records in half a minute.
  { name: "executions", everyMs: 10_000, work: sweepExecutions },
  { name: "callbacks", everyMs: 30_000, work: sweepCallbacks },
  { name: "keys", everyMs: 60_000, work: tendKeys },
  { name: "events", everyMs: 60_000, work: pruneEvents },
  { name: "audit checkpoint", everyMs: 3_600_000, work: logCheckpoint },
  {
    name: "configuration",
    everyMs: 1_000,
    async work(world) {
      const revision = await world.store.configuration.revision();
      if (revision !== world.configuration().revision) await world.refreshConfiguration();
    },
  },
];

/** Runs work again and again, the next time only after the last has ended, until it is stopped. */
function repeat(everyMs: number, log: Log, name: string, work: () => Promise<unknown>): () => void {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const next = () => {
    timer = setTimeout(async () => {
      try {
        await work();
      } catch (error) {
        log.warn("maintenance failed", { name, error });
      }
      if (!stopped) next();
    }, everyMs);
    timer.unref();
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** Begins the maintenance of a server, and gives what ends it. */
export function maintain(world: World): Disposable {
  const stops = chores.map(({ name, everyMs, work }) =>
    repeat(everyMs, world.log, name, () => work(world)),
  );
  return {
    [Symbol.dispose]() {
      for (const stop of stops) stop();
    },
  };
}
