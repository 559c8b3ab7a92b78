// CACHE: short-lived text that the steps of a flow share.
import { call } from "./bridge.js";
import { freeze, hide, stringify } from "./builtins.js";
import { JavaObject } from "./java_classes.js";
import { writeLog } from "./log.js";

/** The text that is stored: null deletes, undefined is the word, objects become JSON. */
const storedText = (value) => {
  if (value === null || typeof value === "string") return value;
  const isPlain = typeof value === "object" && !(value instanceof String);
  const hasJson = isPlain && (!(value instanceof JavaObject) || typeof value.toJSON === "function");
  if (!hasJson) return String(value);
  const json = stringify(value);
  if (typeof json !== "string" || json[0] === '"') return String(value);
  writeLog("warn", "CACHE.store was given an object; its JSON is stored");
  return json;
};

const CACHE = {
  store(key, value, ttlSeconds) {
    call("cache.store", String(key), storedText(value), ttlSeconds ?? null);
  },
  fetch: (key) => call("cache.fetch", String(key)),
  take: (key) => call("cache.take", String(key)),
  delete(key) {
    call("cache.delete", String(key));
  },
};
hide(globalThis, "CACHE", freeze(CACHE));
