// One instance of the interpreter without workers, for tests that look into its memory.
import assert from "node:assert/strict";
import type { BaseImage } from "../../../server/engine/base_image.ts";
import { Budget } from "../../../server/engine/budget.ts";
import { compileQuickjs } from "../../../server/engine/glue.ts";
import type { GuestHost } from "../../../server/engine/guest_host.ts";
import { newHeartbeat, openHeartbeat } from "../../../server/engine/heartbeat.ts";
import { defaultLimits, type Limits } from "../../../server/engine/limits.ts";
import type { MemoryImage } from "../../../server/engine/memory_image.ts";
import { readPrelude } from "../../../server/engine/prelude.ts";
import { Turn } from "../../../server/engine/turn.ts";
import { Vm } from "../../../server/engine/vm.ts";
import { type WasmMemory, wasm } from "../../../server/engine/wasm.ts";

/** A script that was loaded, as the state after loading and the handle of its function. */
export interface LoadedScript {
  readonly image: MemoryImage;
  readonly execute: number;
}

/** An instance with the prelude in it. */
export interface BareInstance {
  readonly vm: Vm;
  readonly base: BaseImage;
  /** Loads a function expression and gives the state after that. */
  load(expression: string): Promise<LoadedScript>;
}

const heartbeat = openHeartbeat(newHeartbeat());

/** Makes a host for one run, which has the thread for itself; `call` answers its host calls. */
export const hostOf = (
  call: GuestHost["call"] = () => "{}",
  signal: AbortSignal = new AbortController().signal,
  limits: Limits = defaultLimits,
): GuestHost => ({
  budget: new Budget(limits, { heartbeat, turn: new Turn() }, 1),
  signal,
  now: Date.now,
  call,
});

/** Opens an instance and restores the base image in it. */
export const openInstance = async (): Promise<BareInstance> => {
  const vm = await Vm.open(await compileQuickjs(), defaultLimits);
  const base = vm.boot(readPrelude());
  return {
    vm,
    base,
    async load(expression) {
      vm.restore(base, base.image);
      await vm.load(expression, hostOf());
      const loaded = await vm.evaluate(`(${expression})`, "s.js", hostOf());
      assert.ok("value" in loaded, JSON.stringify(loaded));
      return { image: vm.capture(), execute: loaded.value };
    },
  };
};

/** What `execute` is called with: always the same seed, so that a run can be compared with another. */
export const inputOf = (payload: string | null): string =>
  JSON.stringify({ seed: [1, 2, 3, 4], values: [payload, null, null, null] });

/** How often a text stands in memory, as UTF-8 or as UTF-16. */
export const copiesOf = (text: string, memory: Uint8Array): number => {
  const haystack = Buffer.from(memory.buffer);
  let count = 0;
  for (const encoding of ["utf8", "utf16le"] as const) {
    const needle = Buffer.from(text, encoding);
    for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) count++;
  }
  return count;
};

/** Gives the memories of all instances that `work` makes, while it goes on and after it. */
export const watchMemories = async <T>(
  work: (memories: readonly WasmMemory[]) => Promise<T>,
): Promise<T> => {
  const { Memory } = wasm;
  const made: WasmMemory[] = [];
  wasm.Memory = class extends Memory {
    constructor(pages: { initial: number; maximum: number }) {
      super(pages);
      made.push(this);
    }
  };
  try {
    return await work(made);
  } finally {
    wasm.Memory = Memory;
  }
};
