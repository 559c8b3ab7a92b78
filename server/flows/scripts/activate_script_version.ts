// Another version of a script goes live.
import type {
  ActivateScriptVersionRequest,
  ActivateScriptVersionResponse,
} from "../../../gen/gatewright/v1/script_admin.ts";
import { Refusal } from "../../core/refusal.ts";
import { overtaken } from "../apply_setup.ts";
import { slotOf } from "../setup/plan.ts";
import { presentSetup } from "../setup/present.ts";
import type { World } from "../world.ts";
import { shownVersion } from "./read_scripts.ts";

/** What an activation stands on. */
type Ports = Pick<World, "store" | "log" | "events" | "origin" | "refreshConfiguration"> & {
  readonly identity: Pick<World["identity"], "sealer">;
};

/**
 * Makes a saved version the live one; one that is live already stays. Throws OBJECT_NOT_FOUND when no
 * object of the set-up has such a script, or it has no such version, and OBJECT_CONFLICT when another
 * change came in between. Source: D-31, SEC-71.
 */
export async function activateScriptVersion(
  world: Ports,
  { kind, id, step, version }: ActivateScriptVersionRequest,
  author: string,
): Promise<ActivateScriptVersionResponse> {
  const script = slotOf(kind, id, step);
  const { revision, scripts } = await presentSetup(world);
  const live = scripts.get(script);
  const saved = live && (await world.store.scripts.version(script, version));
  if (!saved) throw new Refusal("OBJECT_NOT_FOUND");
  if (live.version !== version) {
    const { sha256 } = saved;
    const details = { script, version, before: live.version, sha256 };
    const event = { type: "ADMIN_SCRIPT_ACTIVATED", agent: author, details } as const;
    const carried = world.events.carried(event, world.origin);
    const done = await world.store.scripts.activate(revision, script, version, carried);
    if (done !== "activated") throw overtaken();
    await world.refreshConfiguration();
    world.log.info("script version activated", { author, script, version, before: live.version });
  }
  return { version: shownVersion({ ...saved, live: true }) };
}
