// Removes an object of the set-up.
import type { DeleteObjectRequest, DeleteObjectResponse } from "../../gen/gatewright/v1/admin.ts";
import { Refusal } from "../core/refusal.ts";
import { overtaken } from "./apply_setup.ts";
import { referencesOf } from "./setup/kinds.ts";
import { presentSetup } from "./setup/present.ts";
import type { World } from "./world.ts";

/**
 * Removes an object. Throws OBJECT_NOT_FOUND, and OBJECT_CONFLICT while another object refers to it,
 * naming that one. Versions of its scripts stay stored. Source: our decision.
 */
export async function deleteObject(
  world: World,
  { kind, id }: DeleteObjectRequest,
  author: string,
): Promise<DeleteObjectResponse> {
  const { revision, objects } = await presentSetup(world);
  if (!objects.some((object) => object.kind === kind && object.id === id)) {
    throw new Refusal("OBJECT_NOT_FOUND", { kind, id });
  }
  const user = objects.find((object) =>
    referencesOf(object).some((reference) => reference.kind === kind && reference.id === id),
  );
  if (user) {
    throw new Refusal("OBJECT_CONFLICT", { detail: `${user.kind} ${user.id} refers to it` });
  }
  const removes = [{ kind, id }];
  const applied = await world.store.configuration.apply(
    revision,
    [],
    removes,
    [],
    world.clock.now(),
    world.events.carried(
      { type: "ADMIN_OBJECT_REMOVED", agent: author, details: { kind, id } },
      world.origin,
    ),
  );
  if (applied === "conflict") throw overtaken();
  await world.refreshConfiguration();
  world.log.info("object removed", { author, kind, id });
  return {};
}
