// The file that the thread of OpenPGP starts with: gets warm, then does one piece of work after another.
import { parentPort } from "node:worker_threads";
import type { Job, Report } from "./job.ts";
import { warm, work } from "./work.ts";

const port = parentPort;
if (!port) throw new Error("this file is the start of a thread");
const say = (report: Report): void => port.postMessage(report);

const all = work();
await warm(all);

port.on("message", async ({ name, asked }: Job) => {
  try {
    const does = all[name] as (asked: unknown) => Promise<unknown>;
    say({ kind: "done", result: await does(asked) });
  } catch (error) {
    say({ kind: "failed", message: `${name}: ${String(error)}` });
  }
});
say({ kind: "ready" });
