// Events that are too old go.
import { prunedAtOnce } from "../../store/event_chain.ts";
import { ownOrigin } from "../origin.ts";
import type { World } from "../world.ts";
import { differingColumn } from "./walk.ts";

/**
 * Removes events beyond the age of the settings and gives how many. Only those that still are as they were
 * written go, so that nobody can have others removed, or hide by it that some are missing. Any process
 * may. Source: D-63, SEC-77.
 */
export async function pruneEvents(world: World): Promise<number> {
  const { store, identity, policy, clock, events } = world;
  const chain = identity.auditChain;
  const until = clock.now() - policy.eventsAge;
  let removed = 0;
  for (let step = prunedAtOnce; step === prunedAtOnce; removed += step) {
    step = await store.events.prune(chain, (row, previousMac) => {
      const isOld = row.occurredAt < until && differingColumn(row) === undefined;
      return isOld && chain.mac(previousMac, row.seq, row.body) === row.mac;
    });
  }
  if (removed > 0) events.add({ type: "EVENTS_REMOVED", details: { removed } }, ownOrigin);
  return removed;
}
