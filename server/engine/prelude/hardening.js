// Takes away what scripts have no use for and bugs of engines are found in, and mends one such bug.
import { hide } from "./builtins.js";

const removed = [
  "Atomics",
  "FinalizationRegistry",
  "SharedArrayBuffer",
  "WeakRef",
  "performance",
  "queueMicrotask",
];
for (const name of removed) delete globalThis[name];

// Without these, a buffer keeps the size and the place it was made with.
const bufferMethods = ["resize", "transfer", "transferToFixedLength", "transferToImmutable"];
for (const name of bufferMethods) delete ArrayBuffer.prototype[name];

// The pinned build leaves negative numbers negative.
const { asIntN, asUintN } = BigInt;
hide(BigInt, "asUintN", (bits, value) => {
  const signed = asIntN(bits, value);
  return signed < 0n ? signed + (1n << BigInt(bits)) : asUintN(bits, value);
});
