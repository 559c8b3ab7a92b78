// Reads what the guest answered: believes nothing of it and turns it into an outcome.
import type { Limit, Limits } from "./limits.ts";
import { ownFrames, placeOf } from "./position.ts";
import type {
  FailureCode,
  Json,
  ScriptFailed,
  ScriptKind,
  ScriptOutcome,
  ScriptReturned,
  ScriptUser,
} from "./script.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Gives the outcome of an answer of the guest, which is JSON text written by the prelude but full
 * of the script's own values. An answer outside of the contract is a failure with code 3004, one
 * that is too large a failure by the output limit. Source: D-20, D-21, D-30, SEC-35, SEC-69.
 */
export const readAnswer = (text: string, kind: ScriptKind, limits: Limits): ScriptOutcome => {
  // Nobody watches the time of what follows, so it must be short.
  if (text.length > longestEscape * limits.outputBytes + errorRoom) return tooLarge(limits);
  const answer = fieldsOf(parsed(text));
  const returned = fieldsOf(answer?.returned);
  if (returned !== undefined) return readReturned(returned, kind, limits);
  const failed = fieldsOf(answer?.failed);
  if (failed !== undefined) return readFailed(failed);
  return invalid("the script left no answer");
};

/** Reads the explanation of something thrown outside of `execute`. */
export const readExplanation = (text: string): ScriptFailed & { readonly name: string } => {
  const failed = fieldsOf(fieldsOf(parsed(text))?.failed) ?? {};
  return { ...readFailed(failed), name: textOr(failed.name, "Error") };
};

const readReturned = (fields: Fields, kind: ScriptKind, limits: Limits): ScriptOutcome => {
  const { status, responsePayload, registrationData } = fields;
  if (!isStatus(status)) return invalid("the script returned no valid status");
  if (!isOptionalText(responsePayload) || !isOptionalText(registrationData)) {
    return invalid("the script returned a payload that is not text");
  }
  if (!isWellFormed(responsePayload) || !isWellFormed(registrationData)) {
    return invalid("the script returned a payload with ill-formed Unicode");
  }
  const problem = kind === "complete" ? problemOf(fields.user) : undefined;
  if (problem !== undefined) return invalid(`the script returned a user with ${problem}`);
  const user = kind === "complete" ? readUser(fields.user) : undefined;
  if (kind === "complete" && isSuccess(status) && user?.id === undefined) {
    return invalid("the script returned success without a valid user id");
  }
  const size = sizeOf(responsePayload) + sizeOf(registrationData) + sizeOf(user);
  if (size > limits.outputBytes) {
    return tooLarge(limits);
  }
  const returned: ScriptReturned = { kind: "returned", status };
  return {
    ...returned,
    ...(responsePayload === undefined ? {} : { responsePayload }),
    ...(registrationData === undefined ? {} : { registrationData }),
    ...(user === undefined ? {} : { user }),
  };
};

/** JSON takes up to six characters for one; an error is bounded apart. */
const longestEscape = 6;
const errorRoom = 256 * 1024;

const tooLarge = ({ outputBytes }: Limits): ScriptFailed =>
  failedBy("output", `the script returned more than ${outputBytes} bytes`);

/** A failure by a limit. */
const failedBy = (limit: Limit, message: string): ScriptFailed => ({
  kind: "failed",
  code: 3001,
  limit,
  message,
});

const invalid = (message: string): ScriptFailed => ({ kind: "failed", code: 3004, message });

const statusBands: readonly (readonly [number, number])[] = [
  [2000, 2999],
  [4000, 4999],
  [5000, 5999],
];

const isStatus = (status: unknown): status is number =>
  Number.isInteger(status) &&
  statusBands.some(([low, high]) => low <= Number(status) && Number(status) <= high);

const isSuccess = (status: number): boolean => status < 3000;

const isOptionalText = (value: unknown): value is string | undefined =>
  value === undefined || typeof value === "string";

/** Nothing that keeps or sends text can carry half a surrogate pair. */
const isWellFormed = (text: string | undefined): boolean => text?.isWellFormed() ?? true;

// D-13: 1 to 256 characters, none of them a control character. Half a surrogate pair is none either.
const userIdForm = /^[^\p{Cc}\p{Cs}]{1,256}$/u;

// What encodes a user later stops at 50 levels, some of which are its own.
const nestingLimit = 16;

/**
 * Says what of a user could not be passed on, wherever in it: a text or a name that no encoding of
 * Unicode can carry, or objects and arrays that are nested deeper than 16 below the user.
 */
const problemOf = (value: unknown, depth = 0): string | undefined => {
  if (typeof value === "string") return value.isWellFormed() ? undefined : "ill-formed Unicode";
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > nestingLimit) return `values that are nested deeper than ${nestingLimit}`;
  for (const [name, inner] of Object.entries(value)) {
    const problem = problemOf(name) ?? problemOf(inner, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/** A user that is no valid one is left out; only a successful complete step insists on an id. */
const readUser = (value: unknown): ScriptUser | undefined => {
  const fields = fieldsOf(value);
  if (fields === undefined) return undefined;
  const { id, amr } = fields;
  const attributes: Record<string, Json> = Object.create(null);
  for (const [name, attribute] of Object.entries(fields)) {
    if (name !== "id" && name !== "amr") attributes[name] = attribute as Json;
  }
  const isId = typeof id === "string" && userIdForm.test(id);
  const isAmr = Array.isArray(amr) && amr.every((method) => typeof method === "string");
  return { ...(isId ? { id } : {}), ...(isAmr ? { amr } : {}), attributes };
};

const codes: ReadonlySet<unknown> = new Set<FailureCode>([3001, 3002, 3003, 3004]);
const guestLimits: ReadonlySet<unknown> = new Set<Limit>(["memory", "stack"]);

const readFailed = (fields: Fields): ScriptFailed => {
  const { code, limit } = fields;
  const stack = ownFrames(textOr(fields.stack, ""), framesLimit).join("\n");
  const place = placeOf(stack);
  return {
    kind: "failed",
    code: codes.has(code) ? (code as FailureCode) : 3001,
    message: textOr(fields.message, "the script failed"),
    ...(guestLimits.has(limit) ? { limit: limit as Limit } : {}),
    ...(place === undefined ? {} : { place }),
    ...(stack === "" ? {} : { stack }),
  };
};

const framesLimit = 16;

/** The guest cuts the texts of an error at this many UTF-16 units. */
export const guestTextLength = 16_384;

const sizeOf = (value: unknown): number =>
  value === undefined
    ? 0
    : Buffer.byteLength(typeof value === "string" ? value : JSON.stringify(value));

const textOr = (value: unknown, otherwise: string): string =>
  typeof value === "string" ? value : otherwise;

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
