// Asks the guest which of the Java names in a script lead to no class of its table.
import { readAnswer } from "../answer.ts";
import { Breach } from "../breach.ts";
import type { Budget } from "../budget.ts";
import type { GuestHost } from "../guest_host.ts";
import { defaultLimits } from "../limits.ts";
import type { Sandbox } from "../sandbox.ts";
import type { Script, ScriptProblem } from "../script.ts";
import type { Dialect } from "./dialect.ts";
import { type JavaName, javaNamesIn } from "./java_names.ts";
import { originOf } from "./patched_text.ts";
import { placeAt } from "./place.ts";

/**
 * Gives the problems of a script with Java names that the engine does not have: a class, a member of
 * a class, or an imported package without classes. Those outside of functions are refused, the others
 * fail with 3003 when they are reached. Nothing when the script is no JavaScript or nested too deep.
 */
export const missingClasses = async (
  sandbox: Sandbox,
  budget: Budget,
  source: string,
  { program, patched }: Dialect,
): Promise<readonly ScriptProblem[]> => {
  const names = program === undefined ? [] : namesIn(program);
  if (names.length === 0) return [];
  const missing = await missingAmong(names, sandbox, budget);
  return names.flatMap(({ offset, atTopLevel }, index): readonly ScriptProblem[] => {
    const found = missing[index];
    if (found === undefined || found === null) return [];
    const { message, hint } = found;
    const place = placeAt(source, originOf(patched, offset));
    const refused = atTopLevel;
    return [{ code: "java_class", message, refused, place, ...(hint === null ? {} : { hint }) }];
  });
};

/** More names than this say nothing more. */
const namesLimit = 1_000;

const namesIn = (program: NonNullable<Dialect["program"]>): readonly JavaName[] => {
  try {
    return javaNamesIn(program).slice(0, namesLimit);
  } catch (error) {
    if (error instanceof RangeError) return [];
    throw error;
  }
};

type Missing = { readonly message: string; readonly hint: string | null } | null;

/** The prelude's table is the only list of classes, so the question is a script of our own. */
const question: Script = {
  name: "missing_classes",
  version: 1,
  source: `function execute(payload) {
    return { status: 2000, responsePayload: JSON.stringify(JSON.parse(payload).map(
      function (name) { return Java.missing(name[0], name[1]); })) };
  }`,
  sha256: "missing_classes",
};

const missingAmong = async (
  names: readonly JavaName[],
  sandbox: Sandbox,
  budget: Budget,
): Promise<readonly Missing[]> => {
  const host: GuestHost = {
    budget,
    signal: new AbortController().signal,
    now: () => 0,
    call(): never {
      throw new Breach(undefined, "looking for a class calls the host");
    },
  };
  const payload = JSON.stringify(names.map(({ path, mustBeClass }) => [path, mustBeClass]));
  const input = JSON.stringify({ seed: [1, 2, 3, 4], values: [payload, null, null, null] });
  const text = await sandbox.execute(question, input, host).catch(nothingIfLimited);
  if (text === undefined) return [];
  const limits = { ...defaultLimits, outputBytes: Number.POSITIVE_INFINITY };
  const answer = readAnswer(text, "init", limits);
  if (answer.kind === "failed") throw new Error(answer.message);
  return JSON.parse(answer.responsePayload ?? "[]");
};

/** A deployment may allow its scripts too little to answer; then nothing is known to be missing. */
const nothingIfLimited = (cause: unknown): undefined => {
  if (!(cause instanceof Breach)) throw cause;
};
