// Applies a set-up, or says what applying it would change.
import { hash } from "node:crypto";
import type { ApplySetupResponse, DiffSetupResponse } from "../../gen/gatewright/v1/admin.ts";
import type { Setup } from "../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../core/refusal.ts";
import type { EventDetails } from "./events/event.ts";
import type { EventType } from "./events/event_types.ts";
import type { Changeset } from "./setup/changeset.ts";
import { planSetup } from "./setup/changeset.ts";
import type { World } from "./world.ts";

/** Refuses a change of the set-up that another change overtook. */
export const overtaken = (): Refusal =>
  new Refusal("OBJECT_CONFLICT", { detail: "somebody else changed the set-up meanwhile" });

/** Events name so many changed objects at most, and scripts. */
const namedLimit = 10;

/** Gives what an event says of changes: which objects, and which scripts by their digests. */
function detailsOf({ changes, scripts }: Changeset): EventDetails {
  const objects = changes.slice(0, namedLimit).map((one) => `${one.action} ${one.kind}/${one.id}`);
  const named = scripts.slice(0, namedLimit).map(({ slot, sha256 }) => `${slot} ${sha256}`);
  return {
    changes: changes.length,
    // Over the list as the answer and the log have it, so that what is not named here is proven as well.
    changes_sha256: hash("sha256", JSON.stringify(changes), "base64url"),
    ...Object.fromEntries(objects.map((text, index) => [`object_${index + 1}`, text])),
    ...(scripts.length > 0 && { scripts: scripts.length }),
    ...Object.fromEntries(named.map((text, index) => [`script_${index + 1}`, text])),
  };
}

/**
 * Applies a set-up in one transaction: all of it, or nothing. Changed scripts become new live versions
 * under `author`. `expectedRevision`: the revision at which the caller decided on it, when that matters.
 * The event of it is written in the same transaction, as `type`.
 * Throws SETUP_INVALID, and OBJECT_CONFLICT when another change came in between.
 * Source: D-31, our decision.
 */
export async function applySetup(
  world: World,
  setup: Setup,
  author: string,
  expectedRevision?: number,
  type: EventType = "ADMIN_SETUP_APPLIED",
): Promise<ApplySetupResponse> {
  const changeset = await planSetup(world, setup);
  const { revision, changes, puts, scripts } = changeset;
  if (expectedRevision !== undefined && revision !== expectedRevision) throw overtaken();
  if (changes.length === 0) return { changes: [] };
  const applied = await world.store.configuration.apply(
    revision,
    puts,
    [],
    scripts.map(({ slot, source }) => ({ script: slot, source, author, message: "" })),
    world.clock.now(),
    world.events.carried({ type, agent: author, details: detailsOf(changeset) }, world.origin),
  );
  if (applied === "conflict") throw overtaken();
  await world.refreshConfiguration();
  world.log.info("set-up applied", { author, changes });
  return { changes: [...changes] };
}

/** Says what applying a set-up would change. Throws SETUP_INVALID. */
export const diffSetup = async (world: World, setup: Setup): Promise<DiffSetupResponse> => ({
  changes: [...(await planSetup(world, setup)).changes],
});
