// Takes away what scripts have no use for and bugs of engines are found in.

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
