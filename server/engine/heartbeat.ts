// What a worker tells the watchdog without a message: shared numbers that outlive a stuck thread.

/** The shared memory of one worker's heartbeat. */
export type HeartbeatMemory = SharedArrayBuffer;

/** The worker's side: says which run is in the guest, and since when. */
export interface Heartbeat {
  /**
   * The guest of this run executes from `start` and must end by `end`, on this thread's clock. From
   * the first time on the run has begun: its side effects can no longer be excluded.
   */
  running(run: number, start: number, end: number): void;
  /** No guest is executing. */
  resting(): void;
}

/** The watchdog's side of one worker. */
export interface Pulse {
  /**
   * The run whose guest is executing, for how many milliseconds, and by how many it is overdue
   * (negative while it is in time); undefined when none is executing, or one begins or ends right now.
   */
  running(): { readonly run: number; readonly ms: number; readonly overdueMs: number } | undefined;
  /** True when the guest of this run was ever entered; one that was not has done nothing yet. */
  hasBegun(run: number): boolean;
}

const slots = { start: 0, end: 1, run: 2, sequence: 3, begun: 4 } as const;
const slotBytes = 8;

/**
 * Makes the memory of one heartbeat, for up to `runs` at a time. Of runs that are under way together
 * no two numbers may leave the same rest when divided by `runs`.
 */
export const newHeartbeat = (runs = 1): HeartbeatMemory =>
  new SharedArrayBuffer((slots.begun + runs) * slotBytes);

/** Where it stands that a run has begun: the last number that did of those with its rest. */
const begunSlot = (numbers: Float64Array, run: number): number =>
  slots.begun + (run % (numbers.length - slots.begun));

/**
 * The word that counts changes of the segment, odd while one is being written: numbers of two segments,
 * read together, would blame a run for the time of another.
 */
const sequenceOf = (memory: HeartbeatMemory): Int32Array =>
  new Int32Array(memory, slots.sequence * slotBytes, 1);

/** Opens the worker's side. */
export const openHeartbeat = (memory: HeartbeatMemory): Heartbeat => {
  const numbers = new Float64Array(memory);
  const sequence = sequenceOf(memory);
  const { timeOrigin } = performance;
  return {
    running(run, start, end) {
      numbers[begunSlot(numbers, run)] = run;
      Atomics.add(sequence, 0, 1);
      numbers[slots.run] = run;
      numbers[slots.end] = timeOrigin + end;
      numbers[slots.start] = timeOrigin + start;
      Atomics.add(sequence, 0, 1);
    },
    resting() {
      Atomics.add(sequence, 0, 1);
      numbers[slots.start] = 0;
      Atomics.add(sequence, 0, 1);
    },
  };
};

/** Opens the watchdog's side. */
export const openPulse = (memory: HeartbeatMemory): Pulse => {
  const numbers = new Float64Array(memory);
  const sequence = sequenceOf(memory);
  return {
    running() {
      const before = Atomics.load(sequence, 0);
      const { start: at, end: until, run: whose } = slots;
      const [start = 0, end = 0, run = 0] = [numbers[at], numbers[until], numbers[whose]];
      const isTorn = before % 2 !== 0 || Atomics.load(sequence, 0) !== before;
      if (start === 0 || isTorn) return undefined;
      const now = performance.timeOrigin + performance.now();
      return { run, ms: now - start, overdueMs: now - end };
    },
    hasBegun: (run) => numbers[begunSlot(numbers, run)] === run,
  };
};
