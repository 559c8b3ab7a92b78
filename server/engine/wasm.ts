// The part of WebAssembly that the engine uses, typed here because no installed library declares it.

/** A compiled module; it can be posted to a worker. */
export interface WasmModule {
  readonly wasmModule: unique symbol;
}

/** The linear memory of an instance. Its buffer is replaced when it grows. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** An instance of a compiled module. */
export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

/** The functions that a module imports, by namespace and name. */
export type WasmImports = Record<string, Record<string, unknown>>;

interface WasmApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  Instance: new (module: WasmModule, imports: WasmImports) => WasmInstance;
  Memory: new (pages: { initial: number; maximum: number }) => WasmMemory;
  RuntimeError: new (message: string) => Error;
  /** Thrown by a suspending import that something else than a `promising` export reached. */
  SuspendError: new (
    message: string,
  ) => Error;
  /** Makes an import suspend its caller while the promise that it returned is pending. */
  Suspending: new (
    host: (...values: number[]) => number | Promise<number>,
  ) => object;
  /** Makes an export return a promise, so that imports reached from it may suspend. */
  promising(guest: (...values: number[]) => number): (...values: number[]) => Promise<number>;
}

/** WebAssembly with suspending host calls, as Node 26 has it. */
export const wasm: WasmApi = (globalThis as unknown as { WebAssembly: WasmApi }).WebAssembly;

/** The size of one page of linear memory in bytes. */
export const pageBytes = 65_536;
