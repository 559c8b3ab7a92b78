// Records of executions that are too old, or too many, go.
import type { World } from "../world.ts";

/** Removes the records beyond the bounds of the settings, and gives how many. Source: D-32, SEC-85. */
export async function sweepExecutions({ store, policy, clock, log }: World): Promise<number> {
  const { executionsAge, executionsKept } = policy;
  const swept = await store.executions.sweep(clock.now(), executionsAge, executionsKept);
  if (swept > 0) log.debug("executions swept", { executions: swept });
  return swept;
}
