// The start of the guest side: what the host calls, and the one place where `execute` is called.
import "./hardening.js";
import "./java_lang.js";
import "./java_util.js";
import "./java_security.js";
import "./java_packages.js";
import "./spring_client.js";
import "./http.js";
import "./cache.js";
import "./properties.js";
import { describe, explain, MissingExecute } from "./answer.js";
import { connect } from "./bridge.js";
import { apply, parse } from "./builtins.js";
import { javaValueOf } from "./java_maps.js";
import { seedRandom } from "./random.js";

/** An async function gives a promise of the language itself, whatever the script returned. */
const settle = async (promise) => {
  try {
    return describe(await promise);
  } catch (thrown) {
    return explain(thrown);
  }
};

/** Calls `execute` and gives the JSON text of its answer, or a promise of it. */
const run = (inputText, execute) => {
  const { seed, values } = parse(inputText);
  seedRandom(seed);
  try {
    if (typeof execute !== "function") {
      throw new MissingExecute("the script has no function named execute");
    }
    const parameters = values[3] === null ? null : javaValueOf(values[3]);
    const result = apply(execute, undefined, [values[0], values[1], values[2], parameters]);
    const isPromise = typeof result === "object" && typeof result?.then === "function";
    return isPromise ? settle(result) : describe(result);
  } catch (thrown) {
    return explain(thrown);
  }
};

/** Takes the host's function and gives the two functions that the host calls. */
export const start = (host) => {
  connect(host);
  return { run, explain };
};
