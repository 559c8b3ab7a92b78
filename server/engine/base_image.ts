// Builds the image that every script starts from: a context of the interpreter with the prelude in it.
import { strict as assert } from "node:assert";
import type { Instance } from "./glue.ts";
import { newString, writeText } from "./guest_text.ts";
import { findCountdown } from "./interrupts.ts";
import type { Limits } from "./limits.ts";
import { findBreak, type MemoryImage, takeImage } from "./memory_image.ts";

/** The image with the prelude but no script, and the addresses that hold in every image made of it. */
export interface BaseImage {
  readonly image: MemoryImage;
  readonly runtime: number;
  readonly context: number;
  readonly undefinedValue: number;
  /** Handles of the prelude's two functions: `run(input, execute)` and `explain(thrown)`. */
  readonly run: number;
  readonly explain: number;
  readonly breakAddress: number;
  readonly countdownAddress: number;
}

/** The file name of the prelude's frames, which explanations leave out. No script can have it. */
export const preludeFile = "<prelude>";

/** The largest single allocation of a script: a quarter of the memory it may have. */
const allocationShare = 4;
const allIntrinsics = 0;
/** The id of the one host function; the glue gives it back with every call and nobody looks. */
const hostFunctionId = 1;

/**
 * Evaluates the prelude in a fresh instance and gives the base image. `onPoll` installs what each
 * poll of the interpreter calls meanwhile. Throws a fault when the build is not the pinned one.
 */
export const buildBaseImage = (
  instance: Instance,
  limits: Limits,
  prelude: string,
  onPoll: (look: (() => void) | undefined) => void,
): BaseImage => {
  const { quickjs } = instance;
  const breakAddress = findBreak(instance);
  const runtime = quickjs._QTS_NewRuntime();
  quickjs._QTS_RuntimeSetMemoryLimit(runtime, limits.memoryBytes / allocationShare);
  quickjs._QTS_RuntimeSetMaxStackSize(runtime, limits.stackBytes);
  const context = quickjs._QTS_NewContext(runtime, allIntrinsics);
  quickjs._QTS_RuntimeEnableInterruptHandler(runtime);
  const evaluate = (source: string): number => evaluateTrusted(instance, context, source);
  const countdownAddress = findCountdown(instance, context, evaluate, onPoll);
  const undefinedValue = quickjs._QTS_GetUndefined();
  const start = evaluate(prelude);
  const { address: name } = writeText(instance, "host");
  const host = quickjs._QTS_NewFunction(context, name, 2, 0, hostFunctionId);
  const values = quickjs._malloc(Uint32Array.BYTES_PER_ELEMENT);
  instance.words()[values >> 2] = host;
  const guest = quickjs._QTS_Call(context, start, undefinedValue, 1, values);
  assert.equal(quickjs._QTS_ResolveException(context, guest), 0, "the prelude does not start");
  const part = (key: string): number =>
    quickjs._QTS_GetProp(context, guest, newString(instance, context, key));
  const [run, explain] = [part("run"), part("explain")];
  const image = takeImage(instance);
  return { image, runtime, context, undefinedValue, run, explain, breakAddress, countdownAddress };
};

/** Evaluates text of our own, which calls nothing of the host and throws nothing. */
const evaluateTrusted = (instance: Instance, context: number, source: string): number => {
  const { quickjs } = instance;
  const text = writeText(instance, source);
  const file = writeText(instance, preludeFile);
  const value = quickjs._QTS_Eval(context, text.address, text.length, file.address, 0, 0);
  quickjs._free(text.address);
  quickjs._free(file.address);
  assert.equal(quickjs._QTS_ResolveException(context, value), 0, "the prelude cannot be loaded");
  return value;
};
