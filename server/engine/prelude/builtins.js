// The built-ins that the guest side keeps for itself before any script can change them.

/** JSON both ways, calling, and defining, as they are before a script is loaded. */
export const { parse, stringify } = JSON;
export const { apply } = Reflect;
export const { freeze, setPrototypeOf } = Object;
const { defineProperty } = Object;

/** Defines a value that loops over properties do not see. */
export const hide = (target, name, value) =>
  defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });

/** Defines a hidden property that is computed. */
export const hideComputed = (target, name, get, set) =>
  defineProperty(target, name, { get, set, configurable: true, enumerable: false });

/** Adds methods to a prototype of the language, where it has none of that name. */
export const extendPrototype = (prototype, methods) => {
  for (const name of Object.keys(methods)) {
    if (!(name in prototype)) hide(prototype, name, methods[name]);
  }
};
