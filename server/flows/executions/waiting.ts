// Executions that wait to be written, within bounds.
import type { Ended } from "./record.ts";

/** The bounds of those who wait. */
export interface WaitingBounds {
  /** How many are written together at most. */
  readonly batch: number;
  /** How many may wait, and about how many characters they may have together. */
  readonly waiting: number;
  readonly characters: number;
}

/** Those who wait, the oldest first. */
export interface Waiting {
  readonly length: number;
  find(id: string): Ended | undefined;
  /** Adds one; beyond the bounds the oldest go that are in no batch. */
  put(ended: Ended): void;
  /** Gives those who are to be written next; they stay until they are removed. */
  nextBatch(): readonly Ended[];
  remove(written: readonly Ended[]): void;
  /** Gives up all. */
  dropAll(): void;
  /** Gives how many were given up since this was asked last. */
  takeDropped(): number;
}

/** A batch has no more characters than this, so that writing it keeps nobody waiting for long. */
const batchCharacters = 1 << 20;

/** About how many characters the record of an execution has. */
function sizeOf({ run }: Ended): number {
  let size = 500 + (run.recording?.length ?? 0) + run.hostCalls.length * 60;
  for (const { text } of run.log) size += 60 + text.length;
  return size;
}

/** Opens an empty list of those who wait. */
export function openWaiting(bounds: WaitingBounds): Waiting {
  const all = new Map<string, { readonly ended: Ended; readonly size: number }>();
  let batch: ReadonlySet<string> = new Set();
  let characters = 0;
  let dropped = 0;

  function take(id: string): void {
    characters -= all.get(id)?.size ?? 0;
    all.delete(id);
  }

  // Those that are being written may be written already.
  function dropOldest(): boolean {
    for (const id of all.keys()) {
      if (batch.has(id)) continue;
      take(id);
      dropped += 1;
      return true;
    }
    return false;
  }

  return {
    get length() {
      return all.size;
    },
    find: (id) => all.get(id)?.ended,
    put(ended) {
      const size = sizeOf(ended);
      all.set(ended.run.executionId, { ended, size });
      characters += size;
      const isOver = () => all.size > bounds.waiting || characters > bounds.characters;
      while (isOver() && dropOldest());
    },
    nextBatch() {
      const next: Ended[] = [];
      let left = batchCharacters;
      for (const { ended, size } of all.values()) {
        if (next.length === bounds.batch || (next.length > 0 && size > left)) break;
        next.push(ended);
        left -= size;
      }
      batch = new Set(next.map(({ run }) => run.executionId));
      return next;
    },
    remove(written) {
      for (const { run } of written) take(run.executionId);
    },
    dropAll() {
      dropped += all.size;
      all.clear();
      characters = 0;
    },
    takeDropped() {
      const count = dropped;
      dropped = 0;
      return count;
    },
  };
}
