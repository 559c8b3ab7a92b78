// ScriptAdminService: each method with the flow that serves it, for administrators only.
import { ScriptAdminServiceDefinition } from "../../gen/gatewright/v1/script_admin.ts";
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

/** Gives the procedures of ScriptAdminService. Source: SEC-71, SEC-82. */
export function scriptAdmin(world: World): Procedure[] {
  const admitted =
    <Request, Response>(
      flow: (world: World, request: Request, author: string) => Promise<Response>,
    ) =>
    async (request: Request, call: Call): Promise<Response> =>
      flow(world, request, await administrator(world, call));
  return implement(ScriptAdminServiceDefinition, {
    listScripts: admitted(listScripts),
    listScriptVersions: admitted(listScriptVersions),
    getScriptVersion: admitted(getScriptVersion),
    activateScriptVersion: admitted(activateScriptVersion),
    checkScript: admitted(checkScript),
    listExecutions: admitted(listExecutions),
    getExecution: admitted(getExecution),
    replayExecution: admitted(replayExecution),
    async *tailExecutions(request, call) {
      await administrator(world, call);
      yield* tailExecutions(world, request, call.signal);
    },
  });
}
