// The instances of a worker and the prepared scripts: what stands between a run and a fresh VM.
import { LRUCache } from "lru-cache";
import { type BaseImage, preludeFile } from "./base_image.ts";
import { Breach } from "./breach.ts";
import type { CompiledQuickjs } from "./glue.ts";
import type { Limits } from "./limits.ts";
import type { MemoryImage } from "./memory_image.ts";
import type { Script } from "./script.ts";
import { type Evaluated, type GuestHost, Vm } from "./vm.ts";

/** Runs scripts in instances that are as fresh as on the first day, each time. */
export interface Sandbox {
  readonly limits: Limits;
  /**
   * Calls the script's `execute` with JSON input and gives the JSON text of the guest's answer.
   * Throws a Breach when a limit ended the run.
   */
  execute(script: Script, input: string, host: GuestHost): Promise<string>;
  /**
   * Loads source text into an instance of its own, which is thrown away. Gives the guest's
   * explanation when it cannot be loaded, and the type of `execute` otherwise. Throws a Breach when
   * a limit or a host call ended it.
   */
  load(source: string, file: string, host: GuestHost): Promise<Loaded>;
}

/** What came of loading source text. */
export type Loaded = { readonly explanation: string } | { readonly executeType: string };

/** A script is kept as an image when loading it has no effects, and is loaded in every run if not. */
type Prepared = { readonly image: MemoryImage; readonly execute: number } | "load in every run";

/** An image takes about 0.8 MB; the least recently used ones make room. */
const imagesLimit = 128;
/** An idle instance takes about 1 MB. */
const idleInstancesLimit = 64;

/** Opens a sandbox with `prelude` as the text of the guest's side. Source: D-29, SEC-66, SEC-68. */
export const openSandbox = async (
  compiled: CompiledQuickjs,
  limits: Limits,
  prelude: string,
): Promise<Sandbox> => {
  const base = (await Vm.open(compiled, limits)).boot(prelude);
  const idle: Vm[] = [];
  const prepared = new LRUCache<string, Promise<Prepared>>({ max: imagesLimit });

  /** The instance used last is the one whose memory is still in the processor's cache. */
  const withVm = async <T>(work: (vm: Vm) => Promise<T>): Promise<T> => {
    const vm = idle.pop() ?? (await Vm.open(compiled, limits));
    try {
      return await work(vm);
    } finally {
      if (!vm.spent && idle.length < idleInstancesLimit) idle.push(vm);
    }
  };

  const prepare = (script: Script, host: GuestHost): Promise<Prepared> => {
    const key = `${script.sha256} ${script.name}`;
    const known = prepared.get(key);
    if (known !== undefined) return known;
    const preparing = withVm((vm) => probe(vm, base, script, host));
    prepared.set(key, preparing);
    preparing.catch(() => prepared.delete(key));
    return preparing;
  };

  return {
    limits,
    async execute(script, input, host) {
      const ready = await prepare(script, host);
      return withVm(async (vm) => {
        if (ready !== "load in every run") {
          vm.restore(base, ready.image);
          return vm.run(input, ready.execute, host);
        }
        vm.restore(base, base.image);
        const loaded = await evaluateScript(vm, script, host);
        return "explanation" in loaded ? loaded.explanation : vm.run(input, loaded.value, host);
      });
    },
    async load(source, file, host) {
      const vm = await Vm.open(compiled, limits);
      vm.restore(base, base.image);
      const evaluated = await vm.evaluate(source, file, host);
      if ("explanation" in evaluated) return evaluated;
      const type = await vm.evaluate("typeof execute", preludeFile, host);
      return "explanation" in type ? type : { executeType: vm.textOf(type.value) };
    },
  };
};

/** Loads a script and gives the handle of its `execute`, of `undefined` when it has none. */
const evaluateScript = async (vm: Vm, script: Script, host: GuestHost): Promise<Evaluated> => {
  const evaluated = await vm.evaluate(script.source, fileOf(script.name), host);
  if ("explanation" in evaluated) return evaluated;
  return vm.evaluate('typeof execute === "function" ? execute : undefined', preludeFile, host);
};

/**
 * Loads a script once to see whether loading it is pure: it read no clock, called nothing of the
 * host and did not fail. Only then the state after loading may be kept and used for every run;
 * anything else would be frozen at this moment.
 */
const probe = async (
  vm: Vm,
  base: BaseImage,
  script: Script,
  host: GuestHost,
): Promise<Prepared> => {
  let pure = true;
  const probing: GuestHost = {
    budget: host.budget,
    signal: host.signal,
    now() {
      pure = false;
      return host.now();
    },
    call() {
      pure = false;
      throw new Breach(undefined, "loading this script calls the host");
    },
  };
  vm.restore(base, base.image);
  try {
    const loaded = await evaluateScript(vm, script, probing);
    const keeps = pure && "value" in loaded && !vm.spent;
    return keeps ? { image: vm.capture(), execute: loaded.value } : "load in every run";
  } catch (cause) {
    if (!pure && cause instanceof Breach && cause.limit === undefined) return "load in every run";
    throw cause;
  }
};

/** The name that stack traces show: a script's name without what would garble a trace. */
export const fileOf = (name: string): string => name.replace(/[^\w.-]+/g, "_").slice(0, 64) || "_";
