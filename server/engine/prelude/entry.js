// The start of the guest side: what the host calls, and the one place where `execute` is called.
import "./hardening.js";
import "./java_text.js";
import "./java_values.js";
import "./rest_template.js";
import "./http.js";
import "./cache.js";
import "./properties.js";
import { describe, explain, MissingExecute } from "./answer.js";
import { connect } from "./bridge.js";
import { apply, parse, stringify } from "./builtins.js";
import { classNames } from "./java_classes.js";
import { growPackages } from "./java_packages.js";
import { learnModules, loadNamed, moduleExports, shareExports } from "./modules.js";
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
    const parameters = values[3] === null ? null : parametersOf(values[3]);
    const result = apply(execute, undefined, [values[0], values[1], values[2], parameters]);
    const isPromise = typeof result === "object" && typeof result?.then === "function";
    return isPromise ? settle(result) : describe(result);
  } catch (thrown) {
    return explain(thrown);
  }
};

const parametersOf = (value) => moduleExports("java_maps.js").javaValueOf(value);

/** Takes the catalog of optional modules; after this the guest is what every script starts from. */
const learn = (catalogText) => {
  learnModules(catalogText);
  growPackages();
};

const load = (source) => {
  loadNamed(source);
  return "";
};

/** Takes the host's function and all exports, and gives the functions that the host calls. */
export const start = (host, scope) => {
  connect(host);
  shareExports(scope);
  return { run, explain, learn, load, names: () => stringify(classNames()) };
};
