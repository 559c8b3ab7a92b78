// One QuickJS instance: puts an image back, evaluates or calls in it, and says what came out.
import { type BaseImage, buildBaseImage } from "./base_image.ts";
import { Breach, breachOf } from "./breach.ts";
import { type CompiledQuickjs, type Instance, openInstance } from "./glue.ts";
import { guestEnd } from "./guest_end.ts";
import type { GuestHost } from "./guest_host.ts";
import { newString, readString, writeText } from "./guest_text.ts";
import { type PollPace, pacePolls } from "./interrupts.ts";
import type { Limit, Limits } from "./limits.ts";
import {
  heapEnd,
  isRestorable,
  type MemoryImage,
  restoreImage,
  takeImage,
} from "./memory_image.ts";
import type { Prelude } from "./prelude.ts";
import { wasm } from "./wasm.ts";

/** A value of the guest, or the JSON text in which the guest explains what was thrown. */
export type Evaluated = { readonly value: number } | { readonly explanation: string };

/** The one operation that the instance itself answers. */
const moduleOperation = "module.load";

/** The interpreter runs so many promise jobs before the host looks at the time. */
const jobSlice = 64;

const promiseState = { pending: 0, fulfilled: 1, rejected: 2 } as const;

/**
 * A QuickJS instance. It runs one guest at a time and lives until `spent`: after a breach or a trap
 * its state is unknown, and memory that has grown cannot shrink. Source: SEC-66.
 */
export class Vm {
  readonly #limits: Limits;
  #instance!: Instance;
  #callGuest!: (...values: number[]) => Promise<number>;
  #evaluateGuest!: (...values: number[]) => Promise<number>;
  #runJobs!: (...values: number[]) => Promise<number>;
  #base: BaseImage | undefined;
  #imageTop = 0;
  #context = 0;
  #pace: PollPace | undefined;
  #look: (() => void) | undefined;
  #host: GuestHost | undefined;
  #breached: Limit | undefined;
  #broken = false;

  private constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Opens a fresh instance. Throws a fault when the build is not the pinned one. */
  static async open(compiled: CompiledQuickjs, limits: Limits): Promise<Vm> {
    const vm = new Vm(limits);
    vm.#instance = await openInstance(compiled, limits.memoryBytes, {
      now: () => vm.#host?.now() ?? 0,
      hostCall: (count, values) => vm.#hostCall(count, values),
      interrupts: () => vm.#interrupts(),
      growthRefused: () => vm.#growthRefused(),
    });
    const { quickjs } = vm.#instance;
    vm.#callGuest = wasm.promising(quickjs._QTS_Call);
    vm.#evaluateGuest = wasm.promising(quickjs._QTS_Eval);
    vm.#runJobs = wasm.promising(quickjs._QTS_ExecutePendingJob);
    return vm;
  }

  /** True when the instance must not be used again. */
  get spent(): boolean {
    return this.#broken || !isRestorable(this.#instance);
  }

  /** How many bytes of memory it has touched at most: all when nobody knows, the heap's otherwise. */
  get touchedBytes(): number {
    return this.spent ? this.memory.length : heapEnd(this.#instance, this.#base?.breakAddress ?? 0);
  }

  /** By how many bytes the heap has outgrown the image that was restored last. */
  get grownBytes(): number {
    return this.touchedBytes - this.#imageTop;
  }

  /** The instance's memory, for tests that look for residue. */
  get memory(): Uint8Array {
    return this.#instance.bytes();
  }

  /** Evaluates the core of the prelude in a fresh instance and gives the base image of all scripts. */
  boot(prelude: Prelude): BaseImage {
    return buildBaseImage(this.#instance, this.#limits, prelude, (look) => {
      this.#look = look;
    });
  }

  /** Puts an image back that was made from `base`. No call may be active. */
  restore(base: BaseImage, image: MemoryImage): void {
    restoreImage(this.#instance, image, base.breakAddress);
    if (this.#base !== base) {
      this.#base = base;
      this.#context = base.context;
      this.#pace = pacePolls(this.#instance, base.countdownAddress);
    }
    this.#imageTop = image.top;
    this.#breached = undefined;
  }

  /** Copies the present state, for later `restore`. No call may be active. */
  capture(): MemoryImage {
    return takeImage(this.#instance);
  }

  /**
   * Evaluates source text under the limits of `host`, whose segment is open. Gives its value or the
   * guest's explanation of what it threw. Throws a Breach when a limit ended it.
   */
  async evaluate(source: string, file: string, host: GuestHost): Promise<Evaluated> {
    return this.#inside(host, async (base) => {
      const code = writeText(this.#instance, source);
      const name = writeText(this.#instance, file);
      const value = await this.#evaluateGuest(
        base.context,
        code.address,
        code.length,
        name.address,
        0,
        0,
      );
      const thrown = this.#instance.quickjs._QTS_ResolveException(base.context, value);
      if (thrown === 0) return { value };
      if (this.#breached !== undefined) throw breachOf(this.#breached);
      return { explanation: await this.#textOf(base, base.explain, thrown) };
    });
  }

  /**
   * Calls the prelude's `run` with JSON input and the script's `execute`, and gives the JSON text of
   * its answer; promises are awaited by running jobs. Throws a Breach when a limit ended it.
   */
  async run(input: string, execute: number, host: GuestHost): Promise<string> {
    return this.#inside(host, (base) =>
      this.#textOf(base, base.run, newString(this.#instance, base.context, input), execute),
    );
  }

  /** Loads the optional modules of the prelude that a source text names. Throws as `run` does. */
  async load(source: string, host: GuestHost): Promise<void> {
    await this.#inside(host, (base) =>
      this.#textOf(base, base.load, newString(this.#instance, base.context, source)),
    );
  }

  /** Reads a primitive string that `evaluate` gave. */
  textOf(value: number): string {
    return readString(this.#instance, this.#context, value) ?? "";
  }

  /** Enters the guest and translates every way in which it may break. */
  async #inside<T>(host: GuestHost, enter: (base: BaseImage) => Promise<T>): Promise<T> {
    const base = this.#base;
    if (base === undefined) throw new Error("an instance runs only what was restored in it");
    this.#host = host;
    this.#pace?.reset(performance.now());
    try {
      const result = await enter(base);
      if (this.#breached !== undefined) throw breachOf(this.#breached);
      return result;
    } catch (cause) {
      this.#broken = true;
      throw guestEnd(cause, this.#breached);
    } finally {
      this.#host = undefined;
    }
  }

  /** Calls a function of the prelude, which answers with text or a promise of text. */
  async #textOf(base: BaseImage, callee: number, ...values: number[]): Promise<string> {
    const { context, undefinedValue } = base;
    const answer = await this.#callGuest(
      context,
      callee,
      undefinedValue,
      values.length,
      this.#vector(...values),
    );
    const { quickjs } = this.#instance;
    this.#requireNoException(answer);
    const state = quickjs._QTS_PromiseState(context, answer);
    const settled = isPromise(state) ? await this.#settle(base, answer) : answer;
    const text = readString(this.#instance, context, settled);
    if (text === undefined) throw breachOf("memory");
    return text;
  }

  /** Runs promise jobs until the promise is settled; it is the prelude's and never rejects. */
  async #settle(base: BaseImage, promise: number): Promise<number> {
    const { quickjs } = this.#instance;
    const slot = quickjs._malloc(4);
    while (quickjs._QTS_PromiseState(base.context, promise) === promiseState.pending) {
      if (quickjs._QTS_IsJobPending(base.runtime) === 0) {
        throw new Breach(undefined, "the promise returned by execute never settles");
      }
      await this.#runJobs(base.runtime, jobSlice, slot);
      this.#endIfExceeded();
    }
    const result = quickjs._QTS_PromiseResult(base.context, promise);
    this.#requireNoException(result);
    return result;
  }

  /** The prelude catches everything, so an exception that reaches the host is a limit's. */
  #requireNoException(value: number): void {
    if (this.#instance.quickjs._QTS_ResolveException(this.#context, value) === 0) return;
    if (this.#breached !== undefined) throw breachOf(this.#breached);
    throw new Breach(undefined, "the script left its prelude in an undefined state");
  }

  #vector(...values: number[]): number {
    const address = this.#instance.quickjs._malloc(values.length * 4);
    if (address === 0) throw breachOf("memory");
    this.#instance.words().set(values, address >> 2);
    return address;
  }

  #interrupts(): boolean {
    if (this.#look !== undefined) {
      this.#look();
      return false;
    }
    if (this.#host === undefined) return false;
    const now = performance.now();
    this.#pace?.polled(now);
    this.#breached ??= this.#host.budget.exceeded(now);
    return this.#breached !== undefined;
  }

  /** A refused growth is final: the script may catch the error, but its next step ends it. */
  #growthRefused(): void {
    this.#breached ??= "memory";
    this.#pace?.pollAtOnce();
  }

  #endIfExceeded(): void {
    this.#breached ??= this.#host?.budget.exceeded(performance.now());
    if (this.#breached !== undefined) throw breachOf(this.#breached);
  }

  #hostCall(count: number, values: number): number | Promise<number> {
    const host = this.#host;
    if (host === undefined || count < 2)
      throw new Breach(undefined, "a host call outside of a run");
    this.#endIfExceeded();
    host.signal.throwIfAborted();
    const operation = this.#argument(values, 0);
    const given = this.#argument(values, 1);
    const answer = operation === moduleOperation ? this.#load(given) : host.call(operation, given);
    return typeof answer === "string"
      ? newString(this.#instance, this.#context, answer)
      : this.#wait(host, answer);
  }

  /** The prelude asks for a part of itself, which is no business of the host of the run. */
  #load(file: string): string {
    const isLoaded = this.#base?.loadModule(this.#instance, file) ?? false;
    this.#endIfExceeded();
    return isLoaded ? file : "";
  }

  #argument(values: number, index: number): string {
    const value = this.#instance.quickjs._QTS_ArgvGetJSValueConstPointer(values, index);
    const text = readString(this.#instance, this.#context, value);
    if (text === undefined) throw breachOf("memory");
    return text;
  }

  /** Suspends the guest until the answer or the end of the run, whichever comes first. */
  #wait(host: GuestHost, answer: Promise<string>): Promise<number> {
    host.budget.leave();
    return new Promise((resume, unwind) => {
      const end = (): void => unwind(host.signal.reason);
      host.signal.addEventListener("abort", end, { once: true });
      answer
        .then((text) =>
          host.budget.takeTurn(() => {
            if (host.signal.aborted) {
              host.budget.leave();
              return;
            }
            host.budget.enter();
            host.signal.removeEventListener("abort", end);
            this.#pace?.reset(performance.now());
            // Whoever gave the turn on must not suffer from what this guest has no memory for.
            try {
              resume(newString(this.#instance, this.#context, text));
            } catch (cause) {
              unwind(cause);
            }
          }),
        )
        .catch(unwind);
    });
  }
}

const isPromise = (state: number): boolean =>
  state === promiseState.pending ||
  state === promiseState.fulfilled ||
  state === promiseState.rejected;
