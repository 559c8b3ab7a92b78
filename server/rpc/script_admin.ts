// ScriptAdminService: each method with the flow that serves it, for administrators only.
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
import type { EventDetails } from "../flows/events/event.ts";
import type { EventType } from "../flows/events/event_types.ts";
import { getExecution } from "../flows/executions/get_execution.ts";
import { listExecutions } from "../flows/executions/list_executions.ts";
import { replayExecution } from "../flows/executions/replay_execution.ts";
import { tailExecutions } from "../flows/executions/tail_executions.ts";
import { activateScriptVersion } from "../flows/scripts/activate_script_version.ts";
import { checkScript } from "../flows/scripts/check_script.ts";
import {
  getScriptVersion,
  listScripts,
  listScriptVersions,
} from "../flows/scripts/read_scripts.ts";
import type { World } from "../flows/world.ts";
import { administrator } from "./caller.ts";
import type { Call, Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

const namedFields = ["id", "kind", "step", "version", "script", "failed"] as const;

/** Gives what an event says of a look: at what, and with which part of the request; never a source. */
function lookedAt(flow: string, request: object): EventDetails {
  const given = Object.entries(request).filter(
    ([name, value]) => (namedFields as readonly string[]).includes(name) && value !== undefined,
  );
  const details = given.map(([name, value]) => [name, String(value)]);
  return { read: flow, ...Object.fromEntries(details) };
}

/** Gives the procedures of ScriptAdminService. Source: SEC-71, SEC-82. */
export function scriptAdmin(world: World): Procedure[] {
  type Flow<Request, Response> = (
    world: World,
    request: Request,
    author: string,
  ) => Promise<Response>;
  const admitted =
    <Request, Response>(flow: Flow<Request, Response>) =>
    async (request: Request, call: Call): Promise<Response> => {
      const here = within(world, call);
      return flow(here, request, await administrator(here, call));
    };
  /** Does the same and notes, behind the answer, who looked at what. */
  const noting =
    <Request extends object, Response>(type: EventType, flow: Flow<Request, Response>) =>
    async (request: Request, call: Call): Promise<Response> => {
      const here = within(world, call);
      const agent = await administrator(here, call);
      const answer = await flow(here, request, agent);
      here.events.add({ type, agent, details: lookedAt(flow.name, request) }, here.origin);
      return answer;
    };
  const reading = <Request extends object, Response>(flow: Flow<Request, Response>) =>
    noting("ADMIN_DATA_READ", flow);
  return implement(ScriptAdminServiceDefinition, {
    listScripts: reading(listScripts),
    listScriptVersions: reading(listScriptVersions),
    getScriptVersion: reading(getScriptVersion),
    activateScriptVersion: admitted(activateScriptVersion),
    checkScript: admitted(checkScript),
    listExecutions: reading(listExecutions),
    getExecution: reading(getExecution),
    replayExecution: noting("ADMIN_EXECUTION_REPLAYED", replayExecution),
    async *tailExecutions(request, call) {
      const here = within(world, call);
      const agent = await administrator(here, call);
      const details = lookedAt(tailExecutions.name, request);
      here.events.add({ type: "ADMIN_DATA_READ", agent, details }, here.origin);
      yield* tailExecutions(here, request, call.signal);
    },
  });
}
