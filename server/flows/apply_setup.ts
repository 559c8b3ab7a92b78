// Applies a set-up, or says what applying it would change.
import type { ApplySetupResponse, DiffSetupResponse } from "../../gen/gatewright/v1/admin.ts";
import type { Setup } from "../../gen/gatewright/v1/setup.ts";
import { Refusal } from "../core/refusal.ts";
import { planSetup } from "./setup/changeset.ts";
import type { World } from "./world.ts";

/** Refuses a change of the set-up that another change overtook. */
export const overtaken = (): Refusal =>
  new Refusal("OBJECT_CONFLICT", { detail: "somebody else changed the set-up meanwhile" });

/**
 * Applies a set-up in one transaction: all of it, or nothing. Changed scripts become new live versions
 * under `author`. `expectedRevision`: the revision at which the caller decided on it, when that matters.
 * Throws SETUP_INVALID, and OBJECT_CONFLICT when another change came in between.
 * Source: D-31, our decision.
 */
export async function applySetup(
  world: World,
  setup: Setup,
  author: string,
  expectedRevision?: number,
): Promise<ApplySetupResponse> {
  const { revision, changes, puts, scripts } = await planSetup(world, setup);
  if (expectedRevision !== undefined && revision !== expectedRevision) throw overtaken();
  if (changes.length === 0) return { changes: [] };
  const applied = await world.store.configuration.apply(
    revision,
    puts,
    [],
    scripts.map(({ slot, source }) => ({ script: slot, source, author, message: "" })),
    world.clock.now(),
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
