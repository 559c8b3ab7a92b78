// The only way from the guest to the host: one function, JSON text in and JSON text out.
import { parse, stringify } from "./builtins.js";
import { exceptionOf } from "./java_throwables.js";

let hostFunction;

/** Keeps the host's function; no script can name it. */
export const connect = (host) => {
  hostFunction = host;
};

/** Calls an operation of the host: gives its value, or throws the exception it answers with. */
export const call = (operation, ...values) => {
  const { value, thrown } = parse(hostFunction(operation, stringify(values)));
  if (thrown !== undefined) throw exceptionOf(thrown.javaClass, thrown.message);
  return value;
};

/**
 * Has the host load a module, and tells whether it did. Its name goes as it is: no script can have
 * changed what carries it.
 */
export const loadFromHost = (file) => hostFunction("module.load", file) === file;
