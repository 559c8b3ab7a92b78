// What is set up now, straight from the store, with its secrets open.
import type { JsonObject } from "@bufbuild/protobuf";
import type { Script } from "../../engine/script.ts";
import type { Configuration, Secrets, StoredObject } from "../configuration.ts";
import { readConfiguration } from "../configuration.ts";
import type { World } from "../world.ts";
import type { SetupObject } from "./kinds.ts";
import type { Present } from "./plan.ts";
import { slotOf } from "./plan.ts";

/** An object with its secrets open. */
export interface Opened extends Present {
  readonly secrets: Secrets;
}

/** Everything that is set up at one revision. */
export interface PresentSetup {
  readonly revision: number;
  readonly objects: readonly Opened[];
  /** Live scripts by slot. */
  readonly scripts: ReadonlyMap<string, Script>;
}

/** Names the record that an object's secrets are sealed for. */
const sealedAs = (kind: string, id: string): string => `configuration/${kind}/${id}`;

/** Gives an object as it is stored, its secrets sealed for it. */
export const storedAs = (
  { identity }: Pick<World, "identity">,
  { kind, id, document }: SetupObject,
  secrets: Secrets,
): StoredObject => ({
  kind,
  id,
  document: JSON.stringify(document),
  sealed:
    Object.keys(secrets).length > 0
      ? identity.sealer.seal(sealedAs(kind, id), JSON.stringify(secrets))
      : null,
});

type Unsealing = Pick<World, "store"> & { readonly identity: Pick<World["identity"], "sealer"> };

const openWith =
  ({ identity }: Unsealing) =>
  ({ kind, id, sealed }: StoredObject): Secrets =>
    sealed === null
      ? {}
      : (JSON.parse(identity.sealer.open(sealedAs(kind, id), sealed)) as Secrets);

/** The file names of an object's scripts by step. */
const scriptFiles = (document: JsonObject): [string, string][] =>
  Object.entries((document.scripts ?? {}) as Record<string, string>);

async function load(world: Unsealing): Promise<{
  revision: number;
  objects: readonly StoredObject[];
  scripts: ReadonlyMap<string, Script>;
}> {
  const { revision, objects } = await world.store.configuration.load();
  const live = new Map((await world.store.scripts.live()).map((script) => [script.script, script]));
  const scripts = new Map<string, Script>();
  for (const { kind, id, document } of objects) {
    for (const [step, name] of scriptFiles(JSON.parse(document) as JsonObject)) {
      const slot = slotOf(kind, id, step);
      const found = live.get(slot);
      if (!found) throw new Error(`the script at ${slot} is not stored`);
      scripts.set(slot, {
        name,
        version: found.version,
        source: found.source,
        sha256: found.sha256,
      });
    }
  }
  return { revision, objects, scripts };
}

/** Reads what is set up, for planning a change of it. */
export async function presentSetup(world: Unsealing): Promise<PresentSetup> {
  const { revision, objects, scripts } = await load(world);
  const open = openWith(world);
  const opened = objects.map((object): Opened => {
    const secrets = open(object);
    const document = JSON.parse(object.document) as JsonObject;
    return {
      kind: object.kind,
      id: object.id,
      document,
      secrets,
      secretNames: Object.keys(secrets),
    };
  });
  return { revision, objects: opened, scripts };
}

/** Reads what is set up, as the flows use it. */
export async function loadConfiguration(world: Unsealing): Promise<Configuration> {
  const { revision, objects, scripts } = await load(world);
  return readConfiguration(revision, objects, scripts, openWith(world));
}
