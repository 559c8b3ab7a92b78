// One run of a live script on behalf of a caller, and the record that it leaves.
import { uuid } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import type {
  Script,
  ScriptCall,
  ScriptKind,
  ScriptReturned,
  ScriptRun,
} from "../engine/script.ts";
import type { Client } from "./client.ts";
import { scriptLimits } from "./limits.ts";
import type { World } from "./world.ts";

/** What a flow hands to a script; absent arguments are null. */
export type ScriptArguments = Partial<
  Pick<
    ScriptCall,
    "requestPayload" | "userIdentifier" | "registrationData" | "hookContextCustomParams"
  >
>;

/** A script could not be run: what the caller sees is an id under which its execution is found. */
const scriptFailed = (executionId: string, cause: unknown): Refusal =>
  new Refusal("SCRIPT_FAILED", { error_id: executionId }, { cause });

const nonsense = 3004;

/** Tells whether a refusal is for what a script returned, and not for how it ran. Source: D-21. */
export const isForResult = ({ cause }: Refusal): boolean =>
  typeof cause === "string" && cause.startsWith(`${nonsense}:`);

/** Gives the run of a script that never came to an end of its own. */
function lostRun(executionId: string, startedAt: number, message: string): ScriptRun {
  const durationMs = Math.max(0, Date.now() - startedAt);
  const facts = { executionId, startedAt, durationMs, cpuMs: 0, log: [], hostCalls: [] };
  return { ...facts, outcome: { kind: "failed", code: 3000, message } };
}

/** Gives why the engine did not run a script; what is wrong with the engine is in the log alone. */
const reasonOf = (error: unknown): string =>
  error instanceof Refusal && error.cause instanceof Error
    ? error.cause.message
    : "the script engine failed";

/** Runs a script and records the run, also when the engine gave it up. Throws as the engine does. */
async function recordedRun(
  world: World,
  slot: string,
  script: Script,
  call: ScriptCall,
): Promise<ScriptRun> {
  const startedAt = Date.now();
  try {
    const run = await world.engine.run(script, call);
    world.recorder.add({ slot, script, run });
    return run;
  } catch (error) {
    const run = lostRun(call.executionId, startedAt, reasonOf(error));
    world.recorder.add({ slot, script, run });
    if (error instanceof Refusal) throw error;
    world.log.error("script engine failed", { execution_id: call.executionId, error });
    throw scriptFailed(call.executionId, error);
  }
}

// What a script may cost without being counted: ordinary ones never come near.
const lightRunMs = 10;

/** Counts what a heavy run cost beyond a light one. */
function countCost(world: World, caller: Client, { cpuMs }: ScriptRun): void {
  const cost = cpuMs - lightRunMs;
  if (cost <= 0) return;
  for (const [limit, key] of scriptLimits(world, caller)) world.limits.spend(limit, key, cost);
}

/** Says of a run what belongs into the log of the process. */
function logRun(world: World, slot: string, { version }: Script, run: ScriptRun): void {
  const { executionId: execution_id, outcome, durationMs, cpuMs, hostCalls } = run;
  const facts = { execution_id, script: slot, version };
  for (const { level, text } of run.log) {
    world.log[level === "trace" ? "debug" : level]("script log", { ...facts, text });
  }
  world.log.debug("script run", { ...facts, durationMs, cpuMs, hostCalls: hostCalls.length });
  if (outcome.kind === "failed") world.log.warn("script failed", { ...facts, ...outcome });
}

/**
 * Runs the live script of a slot (`identity_providers/<id>/<step>`) for the client that calls. Returns
 * what it returned, whatever its status. Throws SCRIPT_FAILED with the execution's id when there is no
 * script or it failed in any way, UNAVAILABLE when it failed for want of a store, RATE_LIMITED when the
 * caller's heavy runs used up its budget, and what the engine refuses with, RATE_LIMITED among it; the
 * detail goes to the log. Every run leaves a record, which nobody waits for.
 * Source: D-16, D-20, D-31, D-32, SEC-75.
 */
export async function runScript(
  world: World,
  caller: Client,
  slot: string,
  kind: ScriptKind,
  given: ScriptArguments,
  signal: AbortSignal,
): Promise<ScriptReturned> {
  for (const [limit, key] of scriptLimits(world, caller)) world.limits.demand(limit, key);
  const executionId = uuid();
  const script = world.configuration().scripts.get(slot);
  if (!script) {
    const message = `there is no script at ${slot}`;
    world.recorder.add({ slot, script, run: lostRun(executionId, Date.now(), message) });
    throw scriptFailed(executionId, `3000: ${message}`);
  }
  const run = await recordedRun(world, slot, script, {
    kind,
    executionId,
    requestPayload: null,
    userIdentifier: null,
    registrationData: null,
    hookContextCustomParams: null,
    ...given,
    signal,
  });
  countCost(world, caller, run);
  logRun(world, slot, script, run);
  const { outcome } = run;
  if (outcome.kind === "returned") return outcome;
  const cause = `${outcome.code}: ${outcome.message}`;
  if (outcome.isUnavailable) throw new Refusal("UNAVAILABLE", {}, { cause });
  throw scriptFailed(executionId, cause);
}
