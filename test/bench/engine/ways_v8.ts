// The yardsticks: the same script and guest side in contexts of V8, by node:vm and by isolated-vm.
import vm from "node:vm";
import ivm from "isolated-vm";
import { readPrelude, sharedObject } from "../../../server/engine/prelude.ts";
import type { Guest, HostCall, Way } from "./guest.ts";
import { hostSide, input, measuredScript } from "./guest.ts";

const memoryMb = 32;

// What a context has taken away it cannot be made from a snapshot without; none of it is called here.
const takesAway = (text: string): boolean => text.includes("SharedArrayBuffer");

// What both do in a context that has `host`: the guest side starts, and the script is loaded.
const { core, optional } = readPrelude();
const modules = [...core, ...optional].map(({ text }) => text).filter((text) => !takesAway(text));
const start = `const guest = (() => {
  const scope = ${sharedObject};
  for (const load of [${modules.join(",\n")}]) load(scope);
  return scope.start((operation, values) => host(operation, values), scope);
})();`;
const load = `${measuredScript.source}; undefined;`;
const call = `guest.run(${JSON.stringify(input)}, execute)`;

const nodeScripts = [start, load].map((text) => new vm.Script(text));
const nodeCall = new vm.Script(call);

const nodeContext = (host: HostCall): vm.Context => {
  const context = vm.createContext({ host });
  for (const script of nodeScripts) script.runInContext(context);
  return context;
};

const openNodeFresh = async (): Promise<Guest> => {
  const newHost = hostSide();
  return { run: () => nodeCall.runInContext(nodeContext(newHost())) as string, close() {} };
};

const openNodeReused = async (): Promise<Guest> => {
  const newHost = hostSide();
  let host = newHost();
  const context = nodeContext((operation, values) => host(operation, values));
  return {
    run() {
      host = newHost();
      return nodeCall.runInContext(context) as string;
    },
    close() {},
  };
};

const openIsolateFresh = async (): Promise<Guest> => {
  // The guest side and the script are in the snapshot that each context starts from.
  const placeholder =
    "let connected; const host = (operation, values) => connected(operation, values);";
  const connect = "globalThis.connect = (given) => { connected = given; };";
  const snapshot = ivm.Isolate.createSnapshot([
    { code: `${placeholder}${connect}${start}globalThis.guest = guest;` },
    { code: measuredScript.source },
  ]);
  const isolate = new ivm.Isolate({ snapshot, memoryLimit: memoryMb });
  const script = isolate.compileScriptSync(call);
  const newHost = hostSide();
  return {
    run() {
      const context = isolate.createContextSync();
      context.evalClosureSync("connect($0)", [new ivm.Callback(newHost())]);
      const answer = script.runSync(context) as string;
      context.release();
      return answer;
    },
    close: () => isolate.dispose(),
  };
};

const openIsolateReused = async (): Promise<Guest> => {
  const isolate = new ivm.Isolate({ memoryLimit: memoryMb });
  const context = isolate.createContextSync();
  const newHost = hostSide();
  let host = newHost();
  const callback = new ivm.Callback((operation: string, values: string) => host(operation, values));
  context.global.setSync("host", callback);
  for (const text of [start, load]) context.evalSync(text);
  const script = isolate.compileScriptSync(call);
  return {
    run() {
      host = newHost();
      return script.runSync(context) as string;
    },
    close: () => isolate.dispose(),
  };
};

/** V8: a context for each run, and one for all runs. */
export const v8Ways: readonly Way[] = [
  {
    name: "isolated-vm, new context from snapshot",
    isolation: "V8 isolate, most of other runs' state gone",
    slice: 25,
    open: openIsolateFresh,
  },
  {
    name: "isolated-vm, context reused",
    isolation: "V8 isolate, everything of other runs",
    slice: 800,
    open: openIsolateReused,
  },
  {
    name: "node:vm, new context",
    isolation: "no security boundary",
    slice: 15,
    open: openNodeFresh,
  },
  {
    name: "node:vm, context reused",
    isolation: "none",
    slice: 1000,
    open: openNodeReused,
  },
];
