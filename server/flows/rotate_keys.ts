// Replaces the signing key.
import type { RotateKeysResponse } from "../../gen/gatewright/v1/admin.ts";
import { after, toSeconds } from "../core/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { addKey } from "./maintain.ts";
import type { World } from "./world.ts";

/**
 * Makes a new signing key. It is published at once and signs once verifiers that cached the old set had
 * time to fetch it; the old key then retires and stays published as long as what it signed may live.
 * Throws OBJECT_CONFLICT while an earlier new key has not begun to sign. Source: SEC-18, D-61.
 */
export async function rotateKeys(world: World, author: string): Promise<RotateKeysResponse> {
  const now = world.clock.now();
  const keys = await world.store.signingKeys.list();
  if (keys.some((key) => key.activeFrom > now)) {
    throw new Refusal("OBJECT_CONFLICT", { detail: "a new key is announced already" });
  }
  const activeFrom = after(now, world.policy.keyAnnouncement);
  const kid = (await addKey(world, activeFrom, author)) ?? "";
  await world.identity.refreshKeyRing();
  world.log.info("signing key made", { author, kid, active_from: activeFrom });
  return { kid, activeFrom: toSeconds(activeFrom) };
}
