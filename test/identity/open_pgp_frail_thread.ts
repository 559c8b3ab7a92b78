// A thread of OpenPGP that does its work, unless it is told in place of a key how to fail.
import { parentPort } from "node:worker_threads";
import type { Job, Report } from "../../server/identity/open_pgp/job.ts";
import { work } from "../../server/identity/open_pgp/work.ts";

const failures: Record<string, () => unknown> = {
  hang() {
    for (;;);
  },
  wait: () => new Promise(() => {}),
  exit: () => process.exit(3),
  throw: () => setImmediate(() => JSON.parse("{")),
  reject: () => void Promise.reject(new Error("nobody looks at it")),
  exhaust() {
    for (const all: unknown[] = []; ; ) all.push(new Array(1_000_000).fill(0.5));
  },
};

const { checkKey } = work();
const say = (report: Report): void => parentPort?.postMessage(report);

parentPort?.on("message", async ({ asked }: Job) => {
  const { armored } = asked as { armored: string };
  const fail = failures[armored];
  if (fail) {
    await fail();
    return;
  }
  say({ kind: "done", result: await checkKey({ armored }) });
});
say({ kind: "ready" });
