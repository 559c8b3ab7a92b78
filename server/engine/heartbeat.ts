// What a worker tells the watchdog without a message: shared numbers that outlive a stuck thread.

/** The shared memory of one worker's heartbeat. */
export type HeartbeatMemory = SharedArrayBuffer;

/** The worker's side: says which run is in the guest, and since when. */
export interface Heartbeat {
  /** A run was taken up; its side effects can no longer be excluded. */
  begun(run: number): void;
  /** The guest of this run executes from `start` and must end by `end`, on this thread's clock. */
  running(run: number, start: number, end: number): void;
  /** No guest is executing. */
  resting(): void;
}

/** The watchdog's side of one worker. */
export interface Pulse {
  /**
   * The run whose guest is executing, for how many milliseconds, and by how many it is overdue
   * (negative while it is in time); undefined when none is executing.
   */
  running(): { readonly run: number; readonly ms: number; readonly overdueMs: number } | undefined;
  /** The highest run that was taken up. Runs above it have done nothing yet. */
  lastBegun(): number;
}

const slots = { start: 0, end: 1, run: 2, begun: 3 } as const;
const slotBytes = 8;

/** Makes the memory of one heartbeat. */
export const newHeartbeat = (): HeartbeatMemory =>
  new SharedArrayBuffer(Object.keys(slots).length * slotBytes);

/** Opens the worker's side. */
export const openHeartbeat = (memory: HeartbeatMemory): Heartbeat => {
  const numbers = new Float64Array(memory);
  return {
    begun(run) {
      numbers[slots.begun] = run;
    },
    running(run, start, end) {
      numbers[slots.run] = run;
      numbers[slots.end] = performance.timeOrigin + end;
      numbers[slots.start] = performance.timeOrigin + start;
    },
    resting() {
      numbers[slots.start] = 0;
    },
  };
};

/** Opens the watchdog's side. */
export const openPulse = (memory: HeartbeatMemory): Pulse => {
  const numbers = new Float64Array(memory);
  return {
    running() {
      const start = numbers[slots.start] ?? 0;
      if (start === 0) return undefined;
      const now = performance.timeOrigin + performance.now();
      const [end = 0, run = 0] = [numbers[slots.end], numbers[slots.run]];
      return { run, ms: now - start, overdueMs: now - end };
    },
    lastBegun: () => numbers[slots.begun] ?? 0,
  };
};
