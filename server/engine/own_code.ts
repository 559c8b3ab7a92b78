// Runs code of our own in an instance, beside a script or before there is one.
import type { Instance } from "./glue.ts";
import { writeText } from "./guest_text.ts";
import type { PreludeModule } from "./prelude.ts";

/** The file name of the prelude's frames, which explanations leave out. No script can have it. */
export const preludeFile = "<prelude>";

/** Evaluates text that calls nothing of the host; undefined when it throws. */
export const evaluateOwn = (
  instance: Instance,
  context: number,
  source: string,
): number | undefined => {
  const { quickjs } = instance;
  const text = writeText(instance, source);
  const file = writeText(instance, preludeFile);
  const value = quickjs._QTS_Eval(context, text.address, text.length, file.address, 0, 0);
  quickjs._free(text.address);
  quickjs._free(file.address);
  return quickjs._QTS_ResolveException(context, value) === 0 ? value : undefined;
};

/** Calls a function that calls nothing of the host; undefined when it throws. */
export const callOwn = (
  instance: Instance,
  context: number,
  callee: number,
  values: readonly number[],
): number | undefined => {
  const { quickjs } = instance;
  const vector = quickjs._malloc((values.length + 1) * Uint32Array.BYTES_PER_ELEMENT);
  instance.words().set(values, vector >> 2);
  const undefinedValue = quickjs._QTS_GetUndefined();
  const result = quickjs._QTS_Call(context, callee, undefinedValue, values.length, vector);
  quickjs._free(vector);
  return quickjs._QTS_ResolveException(context, result) === 0 ? result : undefined;
};

/**
 * Evaluates a module and has it put its exports into the object that all share. False when it throws,
 * which it does only after a script has changed what it stands on.
 */
export const loadModule = (
  instance: Instance,
  context: number,
  shared: number,
  { text }: PreludeModule,
): boolean => {
  const load = evaluateOwn(instance, context, text);
  if (load === undefined) return false;
  const loaded = callOwn(instance, context, load, [shared]);
  instance.quickjs._QTS_FreeValuePointer(context, load);
  return loaded !== undefined;
};
