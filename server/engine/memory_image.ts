// The whole state of an instance as a copy of its memory, taken once and put back before every run.
import { Buffer } from "node:buffer";
import { cStackBytes, type Instance, initialPages } from "./glue.ts";
import { pageBytes } from "./wasm.ts";

/**
 * A copy of static data and heap. It holds no stack, so it may only be taken and restored while no
 * call is active; it is valid in every instance of the same module, because addresses are fixed.
 */
export interface MemoryImage {
  readonly staticData: Uint8Array;
  readonly heap: Uint8Array;
  /** The address at which the heap's last used byte ends. */
  readonly top: number;
}

/** Copies the state of an instance. No call may be active in it. */
export const takeImage = (instance: Instance): MemoryImage => {
  const { heapBase } = instance;
  const words = instance.words();
  let last = words.length - 1;
  while (last > 0 && words[last] === 0) last--;
  const top = Math.max(heapBase, (last + 1) * 4);
  const bytes = instance.bytes();
  return {
    staticData: bytes.slice(0, heapBase - cStackBytes),
    heap: bytes.slice(heapBase, top),
    top,
  };
};

/**
 * Makes an instance what the image is and removes every trace of what ran in it: the heap above the
 * image up to the allocator's break (read at `breakAddress`) and the used stack become zeros. No
 * call may be active. Source: D-29, SEC-68.
 */
export const restoreImage = (
  instance: Instance,
  image: MemoryImage,
  breakAddress: number,
): void => {
  const bytes = instance.bytes();
  const wipeEnd = heapEnd(instance, breakAddress);
  if (wipeEnd > image.top) bytes.fill(0, image.top, wipeEnd);
  bytes.set(image.staticData, 0);
  bytes.set(image.heap, instance.heapBase);
  wipeStack(bytes, instance.heapBase);
};

/** The address at which the heap ends by the allocator's word; the end of memory if it is damaged. */
export const heapEnd = (instance: Instance, breakAddress: number): number => {
  const { length } = instance.bytes();
  const end = instance.words()[breakAddress >> 2] ?? 0;
  return end >= instance.heapBase && end <= length ? end : length;
};

/** True while the memory can be restored: it cannot shrink again once it has grown. */
export const isRestorable = (instance: Instance): boolean =>
  instance.memory.buffer.byteLength === initialPages * pageBytes;

const wipeStepBytes = 64 * 1024;

/**
 * How much untouched stack proves that nothing lies below: more than the interpreter grants to one
 * frame or to all frames together, which is the stack limit of at most 256 KiB (SEC-65).
 */
const proofBytes = 320 * 1024;

/** Zeroes the stack from its start downwards, until enough of it is seen to be zero already. */
const wipeStack = (bytes: Uint8Array, stackStart: number): void => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const bottom = stackStart - cStackBytes;
  let wiped = stackStart;
  do {
    const from = Math.max(bottom, wiped - wipeStepBytes);
    bytes.fill(0, from, wiped);
    wiped = from;
  } while (wiped > bottom && !isZero(view, Math.max(bottom, wiped - proofBytes), wiped));
};

/** A range is zero when its first byte is and it equals itself shifted by one: one native compare. */
const isZero = (view: Buffer, from: number, to: number): boolean =>
  view[from] === 0 && view.compare(view, from, to - 1, from + 1, to) === 0;

/**
 * Finds the address of the allocator's break: the static word that a large allocation moves past
 * itself. Works on a fresh instance and leaves it as it was. Throws a fault when there is none.
 */
export const findBreak = (instance: Instance): number => {
  const { heapBase, quickjs } = instance;
  const before = takeImage(instance);
  const was = new Uint32Array(before.staticData.buffer);
  const probeBytes = 3 * 1024 * 1024;
  const block = quickjs._malloc(probeBytes);
  const words = instance.words();
  let found = 0;
  for (let index = 0; index < was.length; index++) {
    const [old = 0, now = 0] = [was[index], words[index]];
    const moved = now - old;
    const isBreak = old >= heapBase && moved >= probeBytes - pageBytes && moved < 2 * probeBytes;
    if (isBreak && now >= block + probeBytes && now > (words[found >> 2] ?? 0)) found = index * 4;
  }
  if (found === 0) throw new Error("QuickJS has no recognisable allocator break");
  restoreImage(instance, before, found);
  return found;
};
