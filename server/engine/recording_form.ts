// Says whether a value has the form of a recording, field by field.
import { breachMessages } from "./breach.ts";
import type { ScriptKind } from "./script.ts";
import { formNames } from "./secret_forms.ts";

type Fields = Readonly<Record<string, unknown>>;
type Test = (value: unknown) => boolean;

/**
 * Gives what keeps a value from being a recording of this format, undefined when nothing does.
 * Recordings come out of our own store; this is for damaged texts and other versions' ones.
 */
export const problemOf = (value: unknown, format: number): string | undefined => {
  if (!isFields(value)) return "it is not a JSON object";
  if (value.format !== format) return `its format is ${String(value.format)} and not ${format}`;
  const wrong = Object.keys(fields).find((name) => !fields[name]?.(value[name]));
  if (wrong !== undefined) return `its ${wrong} cannot be read`;
  const calls = value.calls as readonly Fields[];
  const open = calls.findIndex(({ answer }) => answer === undefined);
  const isOpenEnd = open === -1 || (open === calls.length - 1 && value.end !== undefined);
  return isOpenEnd ? undefined : `its call ${open + 1} has no answer`;
};

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isText: Test = (value) => typeof value === "string";

const isTrue: Test = (value) => value === true;

const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);

const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);

const recordOf =
  (test: Test, names: readonly string[]): Test =>
  (value) =>
    isFields(value) && names.every((name) => test(value[name]));

const isPiece: Test = (value) =>
  isText(value) ||
  (Array.isArray(value) && value.length === 2 && isText(value[0]) && formNames.has(value[1]));

const isSplitText: Test = (value) => isText(value) || listOf(isPiece)(value);

const isCount: Test = (value) => Number.isSafeInteger(value) && Number(value) >= 0;

const isCall: Test = (value) =>
  isFields(value) &&
  isText(value.name) &&
  isSplitText(value.arguments) &&
  optional(isSplitText)(value.answer) &&
  optional(isTrue)(value.isDown);

const kinds: ReadonlySet<unknown> = new Set(
  Object.keys({
    init: true,
    complete: true,
    backchannel: true,
    registration: true,
    authentication: true,
  } satisfies Record<ScriptKind, true>),
);

const limitNames: ReadonlySet<unknown> = new Set(Object.keys(breachMessages));

const isClock: Test = (value) =>
  Array.isArray(value) &&
  value.length % 2 === 0 &&
  value.every((number, index) => Number.isSafeInteger(number) && (index % 2 === 0 || number > 0));

const fields: Readonly<Record<string, Test>> = {
  script: recordOf(isText, ["name", "sha256"]),
  kind: (value) => kinds.has(value),
  values: (value) =>
    Array.isArray(value) &&
    value.length === 4 &&
    value.every((one) => one === null || isSplitText(one)),
  seed: (value) => Array.isArray(value) && value.length === 4 && value.every(Number.isInteger),
  limits: recordOf(isCount, ["outputBytes", "logBytes", "egressCalls", "hostCalls"]),
  clock: isClock,
  calls: listOf(isCall),
  lines: listOf(isText),
  outcome: isText,
  end: optional(
    (value) =>
      isFields(value) &&
      isText(value.message) &&
      optional((limit) => limitNames.has(limit))(value.limit) &&
      optional(isTrue)(value.isCutOff),
  ),
  salt: isText,
  secrets: (value) => isFields(value) && Object.values(value).every(isText),
  fingerprint: recordOf(isText, ["exact", "moved"]),
};
