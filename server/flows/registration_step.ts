// What the steps of a custom registration share: who registers where, with what, and the script's run.
import type { Application, IdentityProvider } from "../../gen/gatewright/v1/setup.ts";
import { uuid } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import type { ScriptCall, ScriptKind, ScriptReturned } from "../engine/script.ts";
import type { Client } from "./client.ts";
import type { World } from "./world.ts";

/** The lists of strings that a request hands to a script, by name; null when it hands none. */
export type HookParameters = Readonly<Record<string, readonly string[]>> | null;

/**
 * Reads `hook_context_custom_params`. Throws REQUEST_INVALID when a list holds anything but strings.
 * Source: D-17.
 */
export function readHookParameters(
  parameters: ReadonlyMap<string, readonly unknown[] | undefined>,
): HookParameters {
  if (parameters.size === 0) return null;
  const read: Record<string, readonly string[]> = Object.create(null);
  for (const [name, values = []] of parameters) {
    if (!values.every((value): value is string => typeof value === "string")) {
      throw new Refusal("REQUEST_INVALID", {
        detail: "hook_context_custom_params takes lists of strings",
      });
    }
    read[name] = values;
  }
  return read;
}

/** Gives an identity provider that exists and is enabled, or throws IDP_NOT_FOUND or IDP_DISABLED. */
export function enabledProvider(world: World, id: string): IdentityProvider {
  const provider = world.configuration().identityProviders.get(id);
  if (!provider) throw new Refusal("IDP_NOT_FOUND");
  if (provider.enabled !== true) throw new Refusal("IDP_DISABLED");
  return provider;
}

/**
 * Gives the identity provider and the application of a registering client. Throws IDP_NOT_FOUND, and
 * IDP_DISABLED when it is disabled or not one of the application's. Source: D-10, Identity providers.
 */
export function registrationPlace(
  world: World,
  client: Client,
  id: string,
): { provider: IdentityProvider; application: Application } {
  const provider = enabledProvider(world, id);
  const { application } = client;
  if (!application?.identityProviders.includes(id)) throw new Refusal("IDP_DISABLED");
  return { provider, application };
}

/** A script could not be run: what the caller sees is an id under which the log has the rest. */
const scriptFailed = (executionId: string, cause: unknown): Refusal =>
  new Refusal("SCRIPT_FAILED", { error_id: executionId }, { cause });

/** What a flow hands to a script; absent arguments are null. */
export type ScriptArguments = Partial<
  Pick<
    ScriptCall,
    "requestPayload" | "userIdentifier" | "registrationData" | "hookContextCustomParams"
  >
>;

/**
 * Runs the live script of a slot (`identity_providers/<id>/<step>`). Returns what it returned, whatever
 * its status. Throws SCRIPT_FAILED with the execution's id when there is no script or it failed in any
 * way, UNAVAILABLE when it failed for want of a store; the detail goes to the log. Source: D-16, D-20, D-31.
 */
export async function runScript(
  world: World,
  slot: string,
  kind: ScriptKind,
  given: ScriptArguments,
  signal: AbortSignal,
): Promise<ScriptReturned> {
  const executionId = uuid();
  const script = world.configuration().scripts.get(slot);
  if (!script) throw scriptFailed(executionId, `3000: there is no script at ${slot}`);
  const run = await world.engine.run(script, {
    kind,
    executionId,
    requestPayload: null,
    userIdentifier: null,
    registrationData: null,
    hookContextCustomParams: null,
    ...given,
    signal,
  });
  const { outcome, durationMs, cpuMs, hostCalls, log } = run;
  const facts = { execution_id: executionId, script: slot, version: script.version };
  for (const { level, text } of log) {
    world.log[level === "trace" ? "debug" : level]("script log", { ...facts, text });
  }
  world.log.debug("script run", { ...facts, durationMs, cpuMs, hostCalls: hostCalls.length });
  if (outcome.kind === "returned") return outcome;
  world.log.warn("script failed", { ...facts, ...outcome });
  const cause = `${outcome.code}: ${outcome.message}`;
  if (outcome.isUnavailable) throw new Refusal("UNAVAILABLE", {}, { cause });
  throw scriptFailed(executionId, cause);
}
