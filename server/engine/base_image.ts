// Builds the image that every script starts from: a context of the interpreter with the prelude's core in it.
import { strict as assert } from "node:assert";
import type { Instance } from "./glue.ts";
import { newString, readString, writeText } from "./guest_text.ts";
import { findCountdown } from "./interrupts.ts";
import type { Limits } from "./limits.ts";
import { findBreak, type MemoryImage, restoreImage, takeImage } from "./memory_image.ts";
import { callOwn, evaluateOwn, loadModule } from "./own_code.ts";
import { type Prelude, type PreludeModule, sharedObject } from "./prelude.ts";

/** The image with the core of the prelude but no script, and the addresses that hold in every image made of it. */
export interface BaseImage {
  readonly image: MemoryImage;
  readonly runtime: number;
  readonly context: number;
  readonly undefinedValue: number;
  /**
   * Handles of the prelude's functions: `run(input, execute)`, `explain(thrown)`, and `load(source)`,
   * which loads the optional modules that a source text names.
   */
  readonly run: number;
  readonly explain: number;
  readonly load: number;
  /** Loads an optional module in an instance of this image; false when there is none, or it fails. */
  loadModule(instance: Instance, file: string): boolean;
  readonly breakAddress: number;
  readonly countdownAddress: number;
}

/** The largest single allocation of a script: a quarter of the memory it may have. */
const allocationShare = 4;
const allIntrinsics = 0;
/** The id of the one host function; the glue gives it back with every call and nobody looks. */
const hostFunctionId = 1;

/**
 * Loads the core in a fresh instance, sees which classes the optional modules bring, and gives the base
 * image, which has that catalog but none of them. `onPoll` installs what each poll of
 * the interpreter calls meanwhile. Throws a fault when the build is not the pinned one.
 */
export const buildBaseImage = (
  instance: Instance,
  limits: Limits,
  prelude: Prelude,
  onPoll: (look: (() => void) | undefined) => void,
): BaseImage => {
  const { quickjs } = instance;
  const breakAddress = findBreak(instance);
  const runtime = quickjs._QTS_NewRuntime();
  quickjs._QTS_RuntimeSetMemoryLimit(runtime, limits.memoryBytes / allocationShare);
  quickjs._QTS_RuntimeSetMaxStackSize(runtime, limits.stackBytes);
  const context = quickjs._QTS_NewContext(runtime, allIntrinsics);
  quickjs._QTS_RuntimeEnableInterruptHandler(runtime);
  const evaluate = (source: string): number => must(evaluateOwn(instance, context, source));
  const call = (callee: number, ...values: number[]): number =>
    must(callOwn(instance, context, callee, values));
  const part = (owner: number, key: string): number =>
    quickjs._QTS_GetProp(context, owner, newString(instance, context, key));
  const countdownAddress = findCountdown(instance, context, evaluate, onPoll);
  const undefinedValue = quickjs._QTS_GetUndefined();
  const shared = evaluate(sharedObject);
  const load = (module: PreludeModule): void => {
    assert(loadModule(instance, context, shared, module), `the prelude's ${module.file} fails`);
  };
  for (const module of prelude.core) load(module);
  const { address: name } = writeText(instance, "host");
  const host = quickjs._QTS_NewFunction(context, name, 2, 0, hostFunctionId);
  const guest = call(part(shared, "start"), host, shared);
  const namesPart = part(guest, "names");
  const names = (): string => readString(instance, context, call(namesPart)) ?? "[]";
  const bare = takeImage(instance);
  const catalog = catalogOf(prelude, load, names);
  restoreImage(instance, bare, breakAddress);
  call(part(guest, "learn"), newString(instance, context, catalog));
  const optional = new Map(prelude.optional.map((module) => [module.file, module]));
  return {
    runtime,
    context,
    undefinedValue,
    run: part(guest, "run"),
    explain: part(guest, "explain"),
    load: part(guest, "load"),
    loadModule(target, file) {
      const module = optional.get(file);
      return module !== undefined && loadModule(target, context, shared, module);
    },
    breakAddress,
    countdownAddress,
    image: takeImage(instance),
  };
};

/**
 * Loads each optional module to see which classes it brings, and gives the catalog as the guest takes
 * it: `[[file, needs, classes], ...]` in JSON.
 */
const catalogOf = (
  { core, optional }: Prelude,
  load: (module: PreludeModule) => void,
  names: () => string,
): string => {
  const inCore = new Set(core.map(({ file }) => file));
  let known = new Set<string>(JSON.parse(names()));
  const rows = optional.map((module) => {
    load(module);
    const all = new Set<string>(JSON.parse(names()));
    const brought = [...all.difference(known)];
    known = all;
    return [module.file, module.needs.filter((file) => !inCore.has(file)), brought];
  });
  return JSON.stringify(rows);
};

const must = (value: number | undefined): number => {
  assert(value !== undefined, "the prelude does not start");
  return value;
};
