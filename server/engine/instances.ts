// The idle instances of a worker: as many as were needed lately, and hardly one that has grown large.
import type { Vm } from "./vm.ts";

/** Instances that nobody runs in. */
export interface Instances {
  /** How many are idle. */
  readonly idle: number;
  /** Gives the instance used last, whose memory is still in the processor's cache, or opens one. */
  take(): Vm | Promise<Vm>;
  /** Takes an instance back. One that is spent, or large while another large one is idle, is dropped. */
  give(vm: Vm): void;
}

/** How long an instance stays that was not needed. */
const restMs = 10_000;
/** An idle instance takes about 1 MB; more than so many stay only while they are needed. */
const keptAtRest = 8;
/**
 * By so much a run may make the heap outgrow its image. What a run touches stays resident, however
 * often it is wiped. One such instance stays for a while, or a script that always needs much would
 * pay for a new one in each run.
 */
const growthBytes = 2 * 1024 * 1024;
/** So much dropped memory is worth a collection. */
const collectBytes = 64 * 1024 * 1024;

/** Keeps instances that `open` makes; every `rests` milliseconds those go that were not needed. */
export const openInstances = (open: () => Promise<Vm>, rests = restMs): Instances => {
  const idle: Vm[] = [];
  const large = new WeakSet<Vm>();
  let inUse = 0;
  let mostInUse = 0;
  let droppedBytes = 0;
  let resting: NodeJS.Timeout | undefined;

  const drop = (vm: Vm): void => {
    droppedBytes += vm.touchedBytes;
  };
  const rest = (): void => {
    resting = undefined;
    const needed = Math.max(keptAtRest, mostInUse - inUse);
    for (const vm of idle.splice(0, Math.max(0, idle.length - needed))) drop(vm);
    const kept = idle.splice(0);
    for (const vm of kept) {
      if (large.has(vm)) drop(vm);
      else idle.push(vm);
    }
    mostInUse = inUse;
    if (droppedBytes >= collectBytes) {
      droppedBytes = 0;
      collect();
    }
    if (idle.length > keptAtRest) restLater();
  };
  const restLater = (): void => {
    if (resting === undefined) resting = setTimeout(rest, rests).unref();
  };

  return {
    get idle() {
      return idle.length;
    },
    take() {
      mostInUse = Math.max(mostInUse, ++inUse);
      return idle.pop() ?? open();
    },
    give(vm) {
      inUse--;
      if (vm.grownBytes > growthBytes) large.add(vm);
      const isDropped = vm.spent || (large.has(vm) && idle.some((other) => large.has(other)));
      if (isDropped) drop(vm);
      else idle.push(vm);
      if (isDropped || large.has(vm) || idle.length > keptAtRest) restLater();
    },
  };
};

const pressureBytes = 128 * 1024 * 1024;

/**
 * Makes V8 look for garbage: it does not count the memory of instances, so in a quiet worker dropped
 * ones would stay for ever. What is allocated for that is never touched and takes no memory.
 */
const collect = (): void => {
  for (let count = 0; count < 4; count++) new ArrayBuffer(pressureBytes);
};
