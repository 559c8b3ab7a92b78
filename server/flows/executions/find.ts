// One execution, wherever its record is.
import { Refusal } from "../../core/refusal.ts";
import type { ExecutionRecord } from "../../store/executions.ts";
import type { World } from "../world.ts";
import { recordOf, sealedAs } from "./record.ts";

/** Gives a record, also one that this process has not written yet. Throws OBJECT_NOT_FOUND. */
export async function findExecution(world: World, id: string): Promise<ExecutionRecord> {
  const { store, identity, clock, recorder } = world;
  const waiting = recorder.waiting(id);
  if (waiting) return recordOf(waiting, identity.sealer, clock.now());
  const [record] = await store.executions.get([id]);
  if (!record) throw new Refusal("OBJECT_NOT_FOUND");
  return record;
}

/** Gives the text of an execution's recording, undefined when there is none. */
export const openRecording = (
  { identity }: Pick<World, "identity">,
  { id, recording }: ExecutionRecord,
): string | undefined =>
  recording === null ? undefined : identity.sealer.open(sealedAs(id), recording);
