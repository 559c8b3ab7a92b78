// From a set-up to what is to be written: checked as a whole, compared with what is there.
import type { Change } from "../../../gen/gatewright/v1/admin.ts";
import type { Setup } from "../../../gen/gatewright/v1/setup.ts";
import { hashSecret } from "../../identity/secret.ts";
import type { StoredObject } from "../configuration.ts";
import type { World } from "../world.ts";
import { kindOf } from "./kinds.ts";
import type { ScriptText, Wanted } from "./plan.ts";
import { changeOf, checkReferences, Problems, wantedBy } from "./plan.ts";
import type { Opened, PresentSetup } from "./present.ts";
import { presentSetup, storedAs } from "./present.ts";

/** What applying a set-up writes, and what that changes. */
export interface Changeset {
  /** The revision that it was made against. */
  readonly revision: number;
  readonly changes: readonly Change[];
  readonly puts: readonly StoredObject[];
  readonly scripts: readonly ScriptText[];
}

interface Planned {
  readonly object: Wanted;
  readonly change: Change | undefined;
  readonly put: () => Promise<StoredObject>;
  readonly scripts: readonly ScriptText[];
}

const find = (present: PresentSetup, { kind, id }: Wanted): Opened | undefined =>
  present.objects.find((object) => object.kind === kind && object.id === id);

/** Says whether a given secret is another one than the stored. Client secrets are stored as hashes. */
async function differs(world: World, wanted: Wanted, field: string, stored: string | undefined) {
  const given = wanted.secrets[field] ?? "";
  if (stored === undefined) return true;
  if (wanted.kind !== "clients") return given !== stored;
  return !(await world.identity.secrets.verify(wanted.id, given, stored));
}

async function sealedForm(world: World, wanted: Wanted, field: string): Promise<string> {
  const given = wanted.secrets[field] ?? "";
  return wanted.kind === "clients" ? hashSecret(given, world.identity.pepper) : given;
}

/** Makes the secrets that an object of this kind always has and nobody gave it yet. */
function madeSecrets({ kind, secrets }: Wanted, before: Opened | undefined) {
  const missing = Object.entries(kindOf(kind).made ?? {}).filter(
    ([field]) => (secrets[field] ?? before?.secrets[field]) === undefined,
  );
  return Object.fromEntries(missing.map(([field, make]) => [field, make()]));
}

/** Gives the former secrets that stay good beside those that take their place. */
function keptSecrets(
  { kind, secrets }: Wanted,
  before: Opened | undefined,
  changed: readonly string[],
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [field, name] of Object.entries(kindOf(kind).kept ?? {})) {
    const former = before?.secrets[field];
    const isWanted = changed.includes(field) && secrets[name] === undefined;
    if (isWanted && former !== undefined) kept[name] = former;
  }
  return kept;
}

async function planObject(world: World, wanted: Wanted, present: PresentSetup): Promise<Planned> {
  const before = find(present, wanted);
  const given: string[] = [];
  for (const field of Object.keys(wanted.secrets)) {
    if (await differs(world, wanted, field, before?.secrets[field])) given.push(field);
  }
  const made = { ...madeSecrets(wanted, before), ...keptSecrets(wanted, before, given) };
  const changedSecrets = [...Object.keys(made), ...given];
  const scripts = wanted.scripts.filter(
    ({ slot, sha256 }) => present.scripts.get(slot)?.sha256 !== sha256,
  );
  const steps = scripts.map(({ step }) => step);
  return {
    object: wanted,
    change: changeOf(wanted, before, changedSecrets, before ? steps : []),
    scripts,
    async put() {
      // Only what still is a secret stays one: a property may have been made plain.
      const kept = Object.entries(before?.secrets ?? {}).filter(([field]) =>
        wanted.secretFields.includes(field),
      );
      const secrets: Record<string, string> = Object.fromEntries(kept);
      for (const field of changedSecrets) {
        secrets[field] = made[field] ?? (await sealedForm(world, wanted, field));
      }
      return storedAs(world, wanted, secrets);
    },
  };
}

// What example files have in place of secrets; whoever uses it has a published one.
const placeholder = "change-me";

/** Notes clients that could never authenticate and secrets that were never given. */
function checkSecrets(wanted: readonly Wanted[], present: PresentSetup, problems: Problems): void {
  for (const object of wanted) {
    const known = [...Object.keys(object.secrets), ...(find(present, object)?.secretNames ?? [])];
    const given = new Set(known.filter((field) => object.secretFields.includes(field)));
    const { jwks, jwks_uri, value } = object.document;
    if (object.kind === "clients" && !given.has("secret") && (jwks ?? jwks_uri) === undefined) {
      problems.add(object, "has neither a secret nor keys to authenticate with");
    }
    const { authentication } = object.document;
    if (object.kind === "web_hooks" && authentication === "BASIC" && !given.has("password")) {
      problems.add(object, "password: BASIC needs one");
    }
    for (const [field, secret] of Object.entries(object.secrets)) {
      if (secret.startsWith(placeholder))
        problems.add(object, `${field}: put a secret of your own`);
    }
    if (object.kind === "properties" && value === undefined && !given.has("value")) {
      problems.add(object, "value: a property has one");
    }
  }
}

async function checkScripts(world: World, planned: readonly Planned[], problems: Problems) {
  for (const { object, scripts } of planned) {
    for (const { step, file, source } of scripts) {
      for (const { message, refused, place, hint } of await world.engine.check(source, file)) {
        const at = place ? `:${place.line}:${place.column}` : "";
        const text = `${file}${at}: ${message}${hint ? ` (${hint})` : ""}`;
        if (refused) problems.add(object, `scripts.${step}: ${text}`);
        else world.log.warn("script may fail", { kind: object.kind, id: object.id, step, text });
      }
    }
  }
}

/**
 * Plans what applying a set-up does. Throws SETUP_INVALID with everything that is wrong: files that are
 * missing, keys and scripts that are not accepted, references to nothing. Source: our decision.
 */
export async function planSetup(world: World, setup: Setup): Promise<Changeset> {
  const problems = new Problems();
  const present = await presentSetup(world);
  const wanted = wantedBy(setup, problems);
  const named = new Set(wanted.map(({ kind, id }) => JSON.stringify([kind, id])));
  const untouched = present.objects.filter(
    ({ kind, id }) => !named.has(JSON.stringify([kind, id])),
  );
  checkReferences([...untouched, ...wanted], problems);
  checkSecrets(wanted, present, problems);
  const planned: Planned[] = [];
  for (const object of wanted) planned.push(await planObject(world, object, present));
  const scripts = planned.flatMap((plan) => plan.scripts);
  await checkScripts(world, planned, problems);
  problems.settle();
  const changed = planned.filter((plan) => plan.change !== undefined);
  return {
    revision: present.revision,
    changes: changed.map((plan) => plan.change as Change),
    puts: await Promise.all(changed.map((plan) => plan.put())),
    scripts,
  };
}
