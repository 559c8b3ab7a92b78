// Signed statements of where the chain of events ends.
import type { GetAuditCheckpointResponse } from "../../../gen/gatewright/v1/audit.ts";
import { isSealed } from "../../store/event_chain.ts";
import type { World } from "../world.ts";
import type { AuditPorts } from "./verify_audit.ts";

/**
 * Gives a checkpoint of this moment. An end that is not as it was written is a fault: nobody is to sign
 * it. Source: SEC-77.
 */
export async function auditCheckpoint(
  world: AuditPorts & Pick<World, "clock">,
): Promise<GetAuditCheckpointResponse> {
  await world.events.drain();
  const chain = world.identity.auditChain;
  const ends = await world.store.events.ends();
  if (!isSealed(ends, chain)) throw new Error("the end of the audit chain was changed");
  const { lastSeq: end, lastMac: mac } = ends;
  return { checkpoint: chain.writeCheckpoint({ seq: end, at: world.clock.now(), mac }), end };
}

/** Says in the log where the chain ends, for logs are kept elsewhere. */
export async function logCheckpoint(world: World): Promise<void> {
  const { checkpoint, end } = await auditCheckpoint(world);
  world.log.info("audit checkpoint", { checkpoint, end });
}
