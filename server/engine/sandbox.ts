// The instances of a worker and the prepared scripts: what stands between a run and a fresh VM.
import { LRUCache } from "lru-cache";
import type { BaseImage } from "./base_image.ts";
import { Breach } from "./breach.ts";
import type { CompiledQuickjs } from "./glue.ts";
import type { GuestHost } from "./guest_host.ts";
import { type Instances, openInstances } from "./instances.ts";
import type { Limit, Limits } from "./limits.ts";
import type { MemoryImage } from "./memory_image.ts";
import { preludeFile } from "./own_code.ts";
import type { Prelude } from "./prelude.ts";
import { type Script, versionName } from "./script.ts";
import { type Evaluated, Vm } from "./vm.ts";

/** Runs scripts in instances that are as fresh as on the first day, each time. */
export interface Sandbox {
  readonly limits: Limits;
  /** How many instances wait for a run. */
  readonly idleInstances: number;
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

/**
 * The image that runs of a script start from: the prelude with the optional modules that the source
 * names. When loading the script has no effects, it is loaded there, and `execute` is its handle;
 * otherwise each run loads it.
 */
interface Prepared {
  readonly image: MemoryImage;
  readonly execute?: number;
}

/** What ended the loading of a script, and when. */
interface Unloadable {
  readonly breach: Breach;
  readonly at: number;
}

/**
 * An image takes 0.4 MB without Java names and about 1 MB with many, beside what its script makes
 * while it is loaded, which may be most of an instance; the least recently used ones make room.
 */
const imagesLimit = 128;
const imagesLimitBytes = 128 * 1024 * 1024;

/** Opens a sandbox with `prelude` as the guest's side. Source: D-29, SEC-66, SEC-68. */
export const openSandbox = async (
  compiled: CompiledQuickjs,
  limits: Limits,
  prelude: Prelude,
): Promise<Sandbox> => {
  const base = (await Vm.open(compiled, limits)).boot(prelude);
  const instances = openInstances(() => Vm.open(compiled, limits));
  const prepared = new LRUCache<string, Prepared>({
    max: imagesLimit,
    maxSize: imagesLimitBytes,
    sizeCalculation: ({ image }) => image.staticData.length + image.heap.length,
  });
  const unloadable = new LRUCache<string, Unloadable>({ max: imagesLimit });

  const prepare = async (key: string, script: Script, host: GuestHost): Promise<Prepared> => {
    const failed = unloadable.get(key);
    // Many that wait for their turn with the same script would all spend the whole limit on it.
    if (failed !== undefined && host.budget.beganBefore(failed.at)) throw failed.breach;
    try {
      const found = await inSegment(host, instances, (vm) => probe(vm, base, script, host));
      prepared.set(key, found);
      return found;
    } catch (cause) {
      const isOfScript = cause instanceof Breach && scriptLimits.has(cause.limit);
      if (isOfScript) unloadable.set(key, { breach: cause, at: performance.now() });
      throw cause;
    }
  };

  return {
    limits,
    get idleInstances() {
      return instances.idle;
    },
    execute: (script, input, host) =>
      inTurn(host, async () => {
        const key = versionName(script);
        const ready = prepared.get(key) ?? (await prepare(key, script, host));
        return inSegment(host, instances, async (vm) => {
          vm.restore(base, ready.image);
          if (ready.execute !== undefined) return vm.run(input, ready.execute, host);
          const loaded = await evaluateScript(vm, script, host);
          return "explanation" in loaded ? loaded.explanation : vm.run(input, loaded.value, host);
        });
      }),
    load: (source, file, host) =>
      inTurn(host, () => {
        const passing = { take: () => Vm.open(compiled, limits), give() {} };
        return inSegment(host, passing, async (vm) => {
          vm.restore(base, base.image);
          const evaluated = await vm.evaluate(source, file, host);
          if ("explanation" in evaluated) return evaluated;
          const type = await vm.evaluate("typeof execute", preludeFile, host);
          return "explanation" in type ? type : { executeType: vm.textOf(type.value) };
        });
      }),
  };
};

/** The limits that the loading of a script runs into by itself, whatever else goes on. */
const scriptLimits: ReadonlySet<Limit | undefined> = new Set<Limit>(["cpu", "memory", "stack"]);

/** Does work when it is the run's turn, or throws the reason for which the run was ended before. */
const inTurn = async <T>(host: GuestHost, work: () => Promise<T>): Promise<T> => {
  const { budget, signal } = host;
  signal.throwIfAborted();
  let go = (): void => {};
  let isOurs = false;
  budget.takeTurn(() => {
    isOurs = true;
    go();
  });
  if (!isOurs) {
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      go = () => {
        signal.removeEventListener("abort", abort);
        // A run that was ended meanwhile gives the turn on at once.
        if (signal.aborted) budget.leave();
        else resolve();
      };
    });
  }
  try {
    return await work();
  } finally {
    budget.leave();
  }
};

/** Does work in an instance, of which only the work itself counts as the run's time. */
const inSegment = async <T>(
  { budget }: GuestHost,
  instances: Pick<Instances, "take" | "give">,
  work: (vm: Vm) => Promise<T>,
): Promise<T> => {
  const taken = instances.take();
  const vm = taken instanceof Promise ? await taken : taken;
  try {
    budget.enter();
    return await work(vm);
  } finally {
    budget.rest();
    instances.give(vm);
  }
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
      // Not the run's clock: this load is no part of the run, and a recording must not show it.
      return Date.now();
    },
    call() {
      pure = false;
      throw new Breach(undefined, "loading this script calls the host");
    },
  };
  vm.restore(base, base.image);
  await vm.load(script.source, host);
  const unloaded: Prepared = { image: vm.capture() };
  try {
    const loaded = await evaluateScript(vm, script, probing);
    const keeps = pure && "value" in loaded && !vm.spent;
    return keeps ? { image: vm.capture(), execute: loaded.value } : unloaded;
  } catch (cause) {
    if (!pure && cause instanceof Breach && cause.limit === undefined) return unloaded;
    throw cause;
  }
};

/** The name that stack traces show: a script's name without what would garble a trace. */
export const fileOf = (name: string): string => name.replace(/[^\w.-]+/g, "_").slice(0, 64) || "_";
