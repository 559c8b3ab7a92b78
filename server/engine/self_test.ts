// Proves, before the first script runs, that the pinned engine still does what everything relies on.
import { readAnswer } from "./answer.ts";
import { Breach, breachOf } from "./breach.ts";
import { Budget } from "./budget.ts";
import type { CompiledQuickjs } from "./glue.ts";
import type { GuestHost } from "./guest_host.ts";
import { newHeartbeat, openHeartbeat } from "./heartbeat.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import type { Prelude } from "./prelude.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { Turn } from "./turn.ts";

/** Little memory, so that filling it is quick, and more time than even a slow machine needs for it. */
const limits: Limits = {
  ...defaultLimits,
  cpuMs: 10_000,
  deadlineMs: 30_000,
  memoryBytes: 24 * 1024 * 1024,
};

const briefMs = 20;

/** Each probe is a script, its answer to host calls, and what must come of running it twice. */
interface Probe {
  readonly law: string;
  readonly body: string;
  readonly cpuMs?: number;
  readonly calls?: (withdraw: () => void) => Promise<string>;
  readonly expected: string;
}

const probes: readonly Probe[] = [
  {
    law: "a run sees nothing of the one before",
    body: `Array.prototype.seen = (Array.prototype.seen ?? 0) + 1; globalThis.runs = (globalThis.runs ?? 0) + 1;
      return { status: 2000, responsePayload: [].seen + "/" + runs };`,
    expected: "1/1",
  },
  {
    law: "a host call suspends the script and gives its answer",
    body: `return { status: 2000, responsePayload: CACHE.fetch("key") };`,
    calls: async () => '{"value":"found"}',
    expected: "found",
  },
  {
    law: "a loop ends at the limit of processor time, whatever the script catches",
    body: "for (;;) { try { for (;;) {} } catch {} }",
    cpuMs: briefMs,
    expected: "cpu",
  },
  {
    law: "a loop of slow calls ends at the limit of processor time",
    body: `const text = "a b ".repeat(25000); for (;;) text.replace(/ /g, "-");`,
    cpuMs: briefMs,
    expected: "cpu",
  },
  {
    law: "memory is bounded, whatever the script catches",
    body: `let list = []; for (;;) {
      try { for (;;) list.push(new Uint8Array(4096)); } catch { list = []; }
    }`,
    expected: "memory",
  },
  {
    law: "a suspended script can be ended, whatever it catches",
    body: `for (;;) { try { CACHE.fetch("key"); } catch {} }`,
    calls: (withdraw) => {
      setImmediate(withdraw);
      return new Promise(() => {});
    },
    expected: "deadline",
  },
];

/**
 * Runs the probes in a sandbox of their own. Throws a fault that names the first law which does not
 * hold. Source: our design, boot self-test.
 */
export const testSandbox = async (quickjs: CompiledQuickjs, prelude: Prelude): Promise<void> => {
  const sandbox = await openSandbox(quickjs, limits, prelude);
  for (const [index, probe] of probes.entries()) {
    for (const round of ["first", "second"]) {
      const got = await outcomeOf(sandbox, probe, `probe ${index}`);
      if (got === probe.expected) continue;
      throw new Error(`script engine self-test: ${probe.law}; the ${round} run gave ${got}`);
    }
  }
};

const outcomeOf = async (
  sandbox: Sandbox,
  { body, cpuMs = limits.cpuMs, calls = async () => "{}" }: Probe,
  name: string,
): Promise<string> => {
  const source = `function execute() { ${body} }`;
  using budget = new Budget(
    { ...limits, cpuMs },
    { heartbeat: openHeartbeat(newHeartbeat()), turn: new Turn() },
    0,
  );
  const controller = new AbortController();
  const withdraw = (): void => controller.abort(breachOf("deadline"));
  const host: GuestHost = {
    budget,
    signal: controller.signal,
    now: Date.now,
    call: () => calls(withdraw),
  };
  try {
    const input = JSON.stringify({ seed: [1, 2, 3, 4], values: [null, null, null, null] });
    const script = { name, version: 1, source, sha256: name };
    const outcome = readAnswer(await sandbox.execute(script, input, host), "init", limits);
    return outcome.kind === "returned" ? (outcome.responsePayload ?? "") : outcome.message;
  } catch (cause) {
    if (cause instanceof Breach) return cause.limit ?? cause.message;
    throw cause;
  }
};
