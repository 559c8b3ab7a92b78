// One execution with everything that is known of it.
import type {
  GetExecutionRequest,
  GetExecutionResponse,
} from "../../../gen/gatewright/v1/script_admin.ts";
import { readRecording } from "../../engine/recording.ts";
import type { World } from "../world.ts";
import { findExecution, openRecording } from "./find.ts";
import { fullExecution } from "./record.ts";

/**
 * Gives an execution by its id, which is the `error_id` of a call that failed by it; with what it was
 * given and what the host answered, where that was recorded. Throws OBJECT_NOT_FOUND. Source: D-16, D-32.
 */
export async function getExecution(
  world: World,
  { id }: GetExecutionRequest,
): Promise<GetExecutionResponse> {
  const record = await findExecution(world, id);
  const recording = openRecording(world, record);
  const recorded = recording === undefined ? undefined : readRecording(recording);
  return { execution: fullExecution(record, recorded) };
}
