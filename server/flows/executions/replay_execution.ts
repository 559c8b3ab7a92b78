// A recorded execution runs again.
import { hash } from "node:crypto";
import type {
  ReplayExecutionRequest,
  ReplayExecutionResponse,
} from "../../../gen/gatewright/v1/script_admin.ts";
import { Refusal } from "../../core/refusal.ts";
import { sourceLimitBytes } from "../../engine/limits.ts";
import type { Script } from "../../engine/script.ts";
import type { ExecutionRecord } from "../../store/executions.ts";
import type { World } from "../world.ts";
import { findExecution, openRecording } from "./find.ts";
import { fullExecution, listedExecution, recordOf } from "./record.ts";

/** Gives the version that ran, which is stored for ever. */
async function versionThatRan(world: World, record: ExecutionRecord): Promise<Script> {
  const { script, version } = record;
  const saved = await world.store.scripts.version(script, version);
  if (!saved) throw new Error(`version ${version} of ${script} ran, and is not stored`);
  const { source, sha256 } = saved;
  return { name: listedExecution(record).file, version, source, sha256 };
}

/** Gives another text in place of the version that ran. Throws REQUEST_INVALID when it is too large. */
function otherSource(record: ExecutionRecord, source: string): Script {
  if (Buffer.byteLength(source) > sourceLimitBytes) {
    throw new Refusal("REQUEST_INVALID", {
      detail: `source is larger than ${sourceLimitBytes} bytes`,
    });
  }
  const sha256 = hash("sha256", source, "base64url");
  return { name: listedExecution(record).file, version: 0, source, sha256 };
}

/**
 * Runs an execution again on its recording, with the version that ran or with another source, and says
 * whether it went the same way. Leaves no record of its own. Throws OBJECT_NOT_FOUND,
 * EXECUTION_NOT_RECORDED, and REQUEST_INVALID when the source is too large. Source: D-32.
 */
export async function replayExecution(
  world: World,
  { id, source }: ReplayExecutionRequest,
): Promise<ReplayExecutionResponse> {
  const record = await findExecution(world, id);
  const recording = openRecording(world, record);
  if (recording === undefined) throw new Refusal("EXECUTION_NOT_RECORDED");
  const script =
    source === undefined ? await versionThatRan(world, record) : otherSource(record, source);
  const replay = await world.engine.replay(script, recording);
  // The run has no recording of its own, and goes by the id of the one that it repeats.
  const { recording: _, ...run } = { ...replay.run, executionId: id };
  const ended = { slot: record.script, script, run };
  return {
    identical: replay.identical,
    divergence: replay.divergence,
    execution: fullExecution(recordOf(ended, world.identity.sealer, world.clock.now())),
    changedProperties: [...replay.changedProperties],
  };
}
