// Everything that was set up, in a form that can be applied again.
import type { JsonObject } from "@bufbuild/protobuf";
import { fromJson, toBinary } from "@bufbuild/protobuf";
import type { ExportSetupResponse } from "../../gen/gatewright/v1/admin.ts";
import { Setup } from "../../gen/gatewright/v1/setup.ts";
import { messageOf, registry } from "../../proto/contract.ts";
import { setupOf } from "./setup/kinds.ts";
import { slotOf } from "./setup/plan.ts";
import { presentSetup } from "./setup/present.ts";
import type { World } from "./world.ts";

/** Gives a name under which this text is, or can be put, among the files. */
function freeName(
  files: Readonly<Record<string, string>>,
  wanted: string,
  slot: string,
  source: string,
): string {
  const isFree = (name: string) => files[name] === undefined || files[name] === source;
  if (isFree(wanted)) return wanted;
  let name = `${slot}.js`;
  for (let number = 2; !isFree(name); number++) name = `${slot}-${number}.js`;
  return name;
}

/**
 * Gives the set-up: objects without their secrets, scripts as files of the set-up itself. Two scripts
 * that came from files of one name get names of their own. Source: our decision.
 */
export async function exportSetup(world: World): Promise<ExportSetupResponse> {
  const { objects, scripts } = await presentSetup(world);
  const files: Record<string, string> = Object.create(null);
  const exported = objects.map((object) => {
    const named = Object.keys((object.document.scripts ?? {}) as JsonObject);
    if (named.length === 0) return object;
    const renamed = named.map((step) => {
      const slot = slotOf(object.kind, object.id, step);
      const script = scripts.get(slot);
      if (!script) throw new Error(`the script at ${slot} is not stored`);
      const name = freeName(files, script.name, slot, script.source);
      files[name] = script.source;
      return [step, name];
    });
    return { ...object, document: { ...object.document, scripts: Object.fromEntries(renamed) } };
  });
  const schema = messageOf("Setup");
  const json = { ...setupOf(exported), files };
  return { setup: Setup.decode(toBinary(schema, fromJson(schema, json, { registry }))) };
}
