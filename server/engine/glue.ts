// Loads the pinned QuickJS build and takes over the five of its imports by which the host rules it.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import quickjsFactory from "@jitl/quickjs-wasmfile-release-sync/emscripten-module";
import { pageBytes, type WasmImports, type WasmMemory, type WasmModule, wasm } from "./wasm.ts";

/** The size of the C stack, which ends where the heap begins: a constant of the pinned build. */
export const cStackBytes = 5 * 1024 * 1024;

/** The memory an instance starts with: the least that the pinned build accepts. */
export const initialPages = 256;

/** A compiled QuickJS and the address at which its heap begins and its stack starts downwards. */
export interface CompiledQuickjs {
  readonly module: WasmModule;
  readonly heapBase: number;
}

/** The raw exports that the engine calls. All arguments and results are numbers or addresses. */
export interface Quickjs {
  _malloc(bytes: number): number;
  _free(address: number): void;
  _QTS_NewRuntime(): number;
  _QTS_NewContext(runtime: number, intrinsics: number): number;
  _QTS_RuntimeSetMemoryLimit(runtime: number, bytes: number): void;
  _QTS_RuntimeSetMaxStackSize(runtime: number, bytes: number): void;
  _QTS_RuntimeEnableInterruptHandler(runtime: number): void;
  _QTS_NewFunction(
    context: number,
    name: number,
    length: number,
    constructs: number,
    id: number,
  ): number;
  _QTS_NewString(context: number, text: number): number;
  _QTS_GetString(context: number, value: number): number;
  _QTS_FreeCString(context: number, text: number): void;
  _QTS_FreeValuePointer(context: number, value: number): void;
  _QTS_GetUndefined(): number;
  _QTS_GetProp(context: number, value: number, name: number): number;
  _QTS_Eval(
    context: number,
    source: number,
    length: number,
    file: number,
    detectModule: number,
    flags: number,
  ): number;
  _QTS_Call(context: number, callee: number, self: number, count: number, values: number): number;
  _QTS_ResolveException(context: number, value: number): number;
  _QTS_ArgvGetJSValueConstPointer(values: number, index: number): number;
  _QTS_PromiseState(context: number, value: number): number;
  _QTS_PromiseResult(context: number, value: number): number;
  _QTS_IsJobPending(runtime: number): number;
  _QTS_ExecutePendingJob(runtime: number, most: number, context: number): number;
}

/** What the host decides for an instance. */
export interface Hooks {
  /** The clock that scripts see, in milliseconds since the epoch. */
  now(): number;
  /** A call of the host function; the guest is suspended while a returned promise is pending. */
  hostCall(count: number, values: number): number | Promise<number>;
  /** Asked by the interpreter again and again; true ends the script, uncatchably. */
  interrupts(): boolean;
  /** The instance wanted more memory than it may have. */
  growthRefused(): void;
}

/** A running instance. `bytes` and `words` are views that follow the memory when it grows. */
export interface Instance {
  readonly quickjs: Quickjs;
  readonly memory: WasmMemory;
  readonly heapBase: number;
  bytes(): Uint8Array;
  words(): Uint32Array;
}

type Factory = (options: object) => Promise<Quickjs & { callbacks: object }>;

const wasmPath = fileURLToPath(import.meta.resolve("@jitl/quickjs-wasmfile-release-sync/wasm"));

/** Reads and compiles the pinned build; the result serves every worker of the process. */
export const compileQuickjs = async (): Promise<CompiledQuickjs> => {
  const file = await readFile(wasmPath);
  return { module: await wasm.compile(file), heapBase: stackStart(file) };
};

/**
 * Opens a fresh instance whose memory ends at `memoryBytes`. Throws a fault that names what has
 * changed when the glue is not the pinned one. Source: our design, boot self-test.
 */
export const openInstance = async (
  compiled: CompiledQuickjs,
  memoryBytes: number,
  hooks: Hooks,
): Promise<Instance> => {
  const maximum = Math.max(initialPages, Math.floor(memoryBytes / pageBytes));
  const memory = new wasm.Memory({ initial: initialPages, maximum });
  const quickjs = await (quickjsFactory as unknown as Factory)({
    wasmMemory: memory,
    instantiateWasm(imports: WasmImports, done: (instance: object, module: object) => void) {
      takeOver(imports.a ?? {}, hooks, memory);
      done(new wasm.Instance(compiled.module, imports), compiled.module);
    },
  });
  // The glue tells its library about dropped host functions; ours is never dropped.
  quickjs.callbacks = { freeHostRef() {} };
  return { quickjs, memory, heapBase: compiled.heapBase, ...viewsOf(memory) };
};

/** The imports are known by what the glue's text does, since their names are minified. */
const takeovers: readonly {
  what: string;
  known: (text: string) => boolean;
  replace: (
    original: (...values: number[]) => unknown,
    hooks: Hooks,
    memory: WasmMemory,
  ) => unknown;
}[] = [
  {
    what: "clock",
    known: (text) => text === "()=>Date.now()",
    replace: (_original, hooks) => () => hooks.now(),
  },
  {
    // Local time is UTC: a run goes the same way on every node, and in a replay anywhere.
    what: "local time",
    known: (text) => text.includes("getSeconds()"),
    replace: (original, _hooks, memory) => (time: number, address: number) => {
      original(time, address);
      new DataView(memory.buffer).setInt32(address + utcOffsetAt, 0, true);
    },
  },
  {
    what: "host call",
    known: (text) => text.includes("callbacks.callFunction"),
    replace: (_original, hooks) =>
      new wasm.Suspending((_context, _self, count, values) =>
        hooks.hostCall(count ?? 0, values ?? 0),
      ),
  },
  {
    what: "interrupt",
    known: (text) => text.includes("callbacks.shouldInterrupt"),
    replace: (_original, hooks) => () => (hooks.interrupts() ? 1 : 0),
  },
  {
    what: "memory growth",
    known: (text) => text.includes(".grow("),
    replace: (original, hooks) => (size: number) => {
      const grown = original(size);
      if (!grown) hooks.growthRefused();
      return grown;
    },
  },
];

/** Where C's broken-down time holds the distance from UTC, which is all that is read of it. */
const utcOffsetAt = 36;

const takeOver = (imports: Record<string, unknown>, hooks: Hooks, memory: WasmMemory): void => {
  for (const { what, known, replace } of takeovers) {
    const names = Object.keys(imports).filter((name) => {
      const imported = imports[name];
      return typeof imported === "function" && known(String(imported));
    });
    const [name] = names;
    if (name === undefined || names.length > 1) {
      throw new Error(`QuickJS glue has ${names.length} imports for "${what}" instead of one`);
    }
    imports[name] = replace(imports[name] as (...values: number[]) => unknown, hooks, memory);
  }
};

const viewsOf = (memory: WasmMemory): Pick<Instance, "bytes" | "words"> => {
  let bytes = new Uint8Array(memory.buffer);
  let words = new Uint32Array(memory.buffer);
  return {
    bytes() {
      if (bytes.buffer !== memory.buffer) bytes = new Uint8Array(memory.buffer);
      return bytes;
    },
    words() {
      if (words.buffer !== memory.buffer) words = new Uint32Array(memory.buffer);
      return words;
    },
  };
};

/**
 * Reads the initial value of the module's first global, the stack pointer. The pinned build has
 * exactly one mutable global; were there more, an image of the memory would not be the whole state.
 */
const stackStart = (file: Uint8Array): number => {
  let at = 8;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = file[at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < file.length) {
    const section = file[at++];
    const end = number() + at;
    if (section === globalSection) {
      const count = number();
      const [type, mutable, opcode] = file.subarray(at, at + 3);
      if (count !== 1 || type !== typeInt32 || mutable !== 1 || opcode !== constInt32) {
        throw new Error("QuickJS has other WebAssembly globals than its stack pointer");
      }
      at += 3;
      return number();
    }
    at = end;
  }
  throw new Error("QuickJS has no WebAssembly global for its stack pointer");
};

const globalSection = 6;
const typeInt32 = 0x7f;
const constInt32 = 0x41;
