// What is wrong with a source text.
import type {
  CheckScriptRequest,
  CheckScriptResponse,
} from "../../../gen/gatewright/v1/script_admin.ts";
import type { World } from "../world.ts";

/** Gives what saving would say of a source text, and saves nothing. Source: D-31. */
export async function checkScript(
  world: World,
  { name, source }: CheckScriptRequest,
): Promise<CheckScriptResponse> {
  const problems = await world.engine.check(source, name || "script.js");
  return {
    problems: problems.map(({ code, message, refused, place, hint = "" }) => ({
      code,
      message,
      refused,
      position: place,
      hint,
    })),
  };
}
