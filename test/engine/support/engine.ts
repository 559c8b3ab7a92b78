// Opens engines for tests, and runs a script in one line.
import { hash } from "node:crypto";
import { type Engine, type EngineOptions, openEngine } from "../../../server/engine/engine.ts";
import { defaultLimits, type Limits } from "../../../server/engine/limits.ts";
import type {
  Script,
  ScriptCall,
  ScriptFailed,
  ScriptReturned,
  ScriptRun,
} from "../../../server/engine/script.ts";

const workerUrl = new URL("./worker.ts", import.meta.url);

/** What a test may choose of an engine. */
export interface TestEngineOptions extends Partial<Omit<EngineOptions, "limits">> {
  readonly limits?: Partial<Limits>;
}

/** Opens an engine with one worker, a map for CACHE and nothing allowed, unless told otherwise. */
export const testEngine = ({ limits, ...options }: TestEngineOptions = {}): Promise<Engine> =>
  openEngine({
    workerUrl,
    workers: 1,
    recording: false,
    properties: new Map(),
    egress: { allow: [] },
    ...options,
    limits: { ...defaultLimits, ...limits },
  });

/** Makes a script of a source text. */
export const scriptOf = (source: string, name = "test.js"): Script => ({
  name,
  version: 1,
  source,
  sha256: hash("sha256", source, "base64url"),
});

/** Makes a call; what is not given is null. */
export const callOf = (call: Partial<ScriptCall> = {}): ScriptCall => ({
  kind: "init",
  executionId: "execution",
  requestPayload: null,
  userIdentifier: null,
  registrationData: null,
  hookContextCustomParams: null,
  ...call,
});

/** Runs `function execute(payload, user, data, params) { body }` once. */
export const runBody = (
  engine: Engine,
  body: string,
  call: Partial<ScriptCall> = {},
): Promise<ScriptRun> =>
  engine.run(scriptOf(`function execute(payload, user, data, params) {\n${body}\n}`), callOf(call));

/** The outcome of a run that must have returned. */
export const returned = (run: ScriptRun): ScriptReturned => {
  if (run.outcome.kind === "returned") return run.outcome;
  throw new Error(`the script failed: ${JSON.stringify(run.outcome)}`);
};

/** The outcome of a run that must have failed. */
export const failed = (run: ScriptRun): ScriptFailed => {
  if (run.outcome.kind === "failed") return run.outcome;
  throw new Error(`the script returned: ${JSON.stringify(run.outcome)}`);
};

/** The value of an expression of the guest, carried out as JSON. */
export const evaluate = async (engine: Engine, expression: string): Promise<unknown> => {
  const body = `return { status: 2000, responsePayload: JSON.stringify({ value: ${expression} }) };`;
  return JSON.parse(returned(await runBody(engine, body)).responsePayload ?? "{}").value;
};
