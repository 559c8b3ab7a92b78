// PROPERTIES and its alias: values that the operator keeps outside of scripts.
import { call } from "./bridge.js";
import { hide } from "./builtins.js";

const readProperty = (id) => call("properties.get", String(id));

const PROPERTIES = new Proxy(Object.freeze({}), {
  get(_target, id) {
    if (typeof id === "symbol") return undefined;
    if (id === "get") return readProperty;
    return id === "toString" ? () => "PROPERTIES" : readProperty(id);
  },
});
hide(globalThis, "PROPERTIES", PROPERTIES);
hide(globalThis, "properties", PROPERTIES);
