// The saved versions of scripts.
import type {
  GetScriptVersionRequest,
  GetScriptVersionResponse,
  ListScriptsResponse,
  ListScriptVersionsRequest,
  ListScriptVersionsResponse,
  ScriptVersion,
} from "../../../gen/gatewright/v1/script_admin.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Scripts } from "../../store/scripts.ts";
import { slotOf } from "../setup/plan.ts";
import { presentSetup } from "../setup/present.ts";
import type { World } from "../world.ts";

type Label = Awaited<ReturnType<Scripts["versions"]>>[number];

/** Gives a saved version as administrators see it. */
export const shownVersion = (label: Label): ScriptVersion => ({
  script: label.script,
  version: label.version,
  sha256: label.sha256,
  author: label.author,
  message: label.message,
  createdAt: new Date(label.createdAt),
  live: label.live,
});

/** Gives the live version of every script that an object of the set-up has. Source: D-31. */
export async function listScripts(world: World): Promise<ListScriptsResponse> {
  const { scripts } = await presentSetup(world);
  // The script of a removed object stays stored, and runs no more.
  const live = (await world.store.scripts.live()).filter(({ script }) => scripts.has(script));
  return { scripts: live.map((version) => shownVersion({ ...version, live: true })) };
}

/** Gives all versions of a script, the newest first. Throws OBJECT_NOT_FOUND. Source: D-31. */
export async function listScriptVersions(
  world: World,
  { kind, id, step }: ListScriptVersionsRequest,
): Promise<ListScriptVersionsResponse> {
  const versions = await world.store.scripts.versions(slotOf(kind, id, step));
  if (versions.length === 0) throw new Refusal("OBJECT_NOT_FOUND");
  return { versions: versions.map(shownVersion) };
}

/** Gives one version with its source. Throws OBJECT_NOT_FOUND. Source: D-31. */
export async function getScriptVersion(
  world: World,
  { kind, id, step, version }: GetScriptVersionRequest,
): Promise<GetScriptVersionResponse> {
  const found = await world.store.scripts.version(slotOf(kind, id, step), version);
  if (!found) throw new Refusal("OBJECT_NOT_FOUND");
  return { version: shownVersion(found), source: found.source };
}
