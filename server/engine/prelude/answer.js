// What leaves the guest: the script's result or its error, as JSON text that is made in here.
import { hide, setPrototypeOf, stringify } from "./builtins.js";
import { JavaObject, MissingClass } from "./java_classes.js";
import { writeLog } from "./log.js";

const { InternalError } = globalThis;

/** A result outside of the contract. */
class InvalidResult extends Error {
  /** What went wrong inside of the script says where. */
  constructor(message, cause) {
    super(message);
    if (cause instanceof Error) hide(this, "stack", stackOf(cause));
  }
}

/** A script without an `execute` to call. */
export class MissingExecute extends Error {}

const codes = [
  [MissingExecute, 3002],
  [MissingClass, 3003],
  [InvalidResult, 3004],
];

/** Limits that the interpreter reports as errors which a script may see. */
const limitMessages = [
  ["stack overflow", "stack"],
  ["out of memory", "memory"],
];

const limitOf = (thrown, message) =>
  thrown instanceof InternalError
    ? limitMessages.find(([text]) => message.startsWith(`InternalError: ${text}`))?.[1]
    : undefined;

/** An object that no prototype of the script reaches into, not even by a toJSON. */
const bare = (fields) => setPrototypeOf(fields, null);

const jsonOf = (value, field) => {
  try {
    const json = stringify(value);
    if (json !== undefined) return json;
  } catch (thrown) {
    throw new InvalidResult(`${field} cannot be written as JSON: ${thrownText(thrown)}`, thrown);
  }
  throw new InvalidResult(`${field} cannot be written as JSON`);
};

/** A payload is text. Other values become it, with a warning; functions and cycles do not. */
const payload = (value, field) => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (value instanceof String) return String(value);
  if (typeof value === "function" || typeof value === "symbol") {
    throw new InvalidResult(`${field} is a ${typeof value}`);
  }
  const isScalar = typeof value !== "object" || (value instanceof JavaObject && !hasJson(value));
  const text = isScalar ? String(value) : jsonOf(value, field);
  writeLog("warn", `${field} is not a string; ${isScalar ? "its text" : "its JSON"} is returned`);
  return text;
};

/** Lists and maps of Java have JSON of their own; a UUID's is its text. */
const hasJson = (value) => typeof value.toJSON?.() === "object";

/** The JSON text of a result. Every field is read once, since reading may run code of the script. */
export const describe = (result) => {
  if (typeof result !== "object" || result === null) {
    throw new InvalidResult("execute did not return an object");
  }
  const { status, user } = result;
  const returned = bare({
    status: typeof status === "number" ? status : null,
    responsePayload: payload(result.responsePayload, "responsePayload"),
    registrationData: payload(result.registrationData, "registrationData"),
    user: typeof user === "object" ? user : undefined,
  });
  return jsonOf(bare({ returned }), "the result");
};

/** The text of anything thrown; describing it may run code of the script and fail again. */
const thrownText = (thrown) => {
  try {
    const isPlain = typeof thrown === "object" && thrown !== null && !(thrown instanceof Error);
    return (isPlain && !(thrown instanceof JavaObject) && stringify(thrown)) || String(thrown);
  } catch {
    return "an error that cannot be shown";
  }
};

const stackOf = (thrown) => {
  try {
    return thrown instanceof Error ? String(thrown.stack) : "";
  } catch {
    return "";
  }
};

const textLength = 16384;

/** The JSON text of an error. */
export const explain = (thrown) => {
  const message = thrownText(thrown);
  const failed = bare({
    code: codes.find(([type]) => thrown instanceof type)?.[1] ?? 3001,
    name: thrown instanceof Error ? String(message.split(":", 1)[0]) : "",
    message: message.slice(0, textLength),
    stack: stackOf(thrown).slice(0, textLength),
    limit: limitOf(thrown, message),
  });
  return stringify(bare({ failed }));
};
