// Writes what executions leave behind, in batches and behind the calls that caused them.
import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Sealer } from "../../identity/seal.ts";
import type { Executions } from "../../store/executions.ts";
import type { Ended } from "./record.ts";
import { recordOf } from "./record.ts";
import type { WaitingBounds } from "./waiting.ts";
import { openWaiting } from "./waiting.ts";

/** Records executions. Disposing writes what waits; while the store is down it gives that up. */
export interface ExecutionRecorder extends AsyncDisposable {
  /** Takes an execution that has ended, and returns at once. Never throws. */
  add(ended: Ended): void;
  /** Gives an execution that is not in the store yet. */
  waiting(id: string): Ended | undefined;
}

/** The bounds of a recorder. */
export interface RecorderBounds extends WaitingBounds {
  /** How long one waits for others to be written with, in milliseconds. */
  readonly gatherMs: number;
  /** How long a store that failed is left alone, in milliseconds. */
  readonly pauseMs: number;
}

/** What a recorder stands on. */
export interface RecorderOptions {
  readonly executions: Pick<Executions, "add">;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Log;
  readonly bounds?: Partial<RecorderBounds>;
}

const usual: RecorderBounds = {
  batch: 64,
  gatherMs: 100,
  pauseMs: 1_000,
  waiting: 10_000,
  characters: 16 << 20,
};

/**
 * Opens a recorder. Executions are in the store within about 100 ms. While the store is down they wait,
 * within bounds; beyond those the oldest go, and the log says how many once the store is back or the
 * recorder is closed. Source: D-32.
 */
export function openRecorder(options: RecorderOptions): ExecutionRecorder {
  const bounds = { ...usual, ...options.bounds };
  const { executions, sealer, clock, log } = options;
  const queue = openWaiting(bounds);
  const closing = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let isDown = false;

  /** Writes some; false when the store is down. */
  async function write(batch: readonly Ended[]): Promise<boolean> {
    try {
      // When it was recorded is the moment of this attempt: who reads what is new looks there.
      const now = clock.now();
      await executions.add(batch.map((ended) => recordOf(ended, sealer, now)));
    } catch (error) {
      if (error instanceof Refusal) {
        if (!isDown) log.warn("executions wait for the store", { error });
        isDown = true;
        return false;
      }
      if (batch.length === 1) {
        log.error("execution not recorded", { execution_id: batch[0]?.run.executionId, error });
      } else {
        // One that cannot be written must not keep the others from it.
        for (const ended of batch) if (!(await write([ended]))) return false;
      }
    }
    queue.remove(batch);
    isDown = false;
    return true;
  }

  async function writeOut(): Promise<void> {
    do {
      if (await write(queue.nextBatch())) {
        tellDropped();
        continue;
      }
      if (closing.signal.aborted) break;
      await sleep(bounds.pauseMs, undefined, { signal: closing.signal, ref: false }).catch(
        () => {},
      );
    } while (isDown || queue.length >= bounds.batch);
  }

  function tellDropped(): void {
    const dropped = queue.takeDropped();
    if (dropped > 0) log.error("executions dropped", { dropped });
  }

  function begin(): void {
    clearTimeout(timer);
    timer = undefined;
    writing ??= writeOut().finally(() => {
      writing = undefined;
      arm();
    });
  }

  function arm(): void {
    if (writing || closing.signal.aborted || queue.length === 0) return;
    if (queue.length >= bounds.batch) begin();
    else timer ??= setTimeout(begin, bounds.gatherMs).unref();
  }

  return {
    add(ended) {
      queue.put(ended);
      arm();
    },
    waiting: (id) => queue.find(id),
    async [Symbol.asyncDispose]() {
      closing.abort();
      clearTimeout(timer);
      await writing;
      while (!isDown && queue.length > 0) await write(queue.nextBatch());
      queue.dropAll();
      tellDropped();
    },
  };
}
