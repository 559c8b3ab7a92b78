// A process with an engine of one worker in which many scripts wait for HTTP at once. Its parent, which
// answers them, names itself in the first argument, and gets what was measured.
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "../../../server/engine/engine.ts";
import { callOf, scriptOf, testEngine } from "../../engine/support/engine.ts";
import type { Waiting } from "./waiting.ts";
import { atOnce, waves } from "./waiting.ts";

const [origin = ""] = process.argv.slice(2);
const script = scriptOf(`function execute() {
  var answer = HTTP.request({ url: "${origin}" });
  return { status: 2000, responsePayload: answer.body };
}`);

async function run(engine: Engine): Promise<void> {
  const { outcome } = await engine.run(script, callOf());
  if (outcome.kind === "failed") throw new Error(`a script that waited failed: ${outcome.message}`);
}

const rss = (): number => process.memoryUsage.rss();

/** Keeps `atOnce` runs under way until there were `total`. */
async function runAll(engine: Engine, total: number): Promise<void> {
  let left = total;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await run(engine);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

const engine = await testEngine({ egress: { allow: [origin] } });
// What one run needs is loaded; the memory of the others is what is asked for.
await run(engine);
await sleep(200);
const before = rss();
let most = before;
const watch = setInterval(() => {
  most = Math.max(most, rss());
}, 5);
await runAll(engine, atOnce);
const bytes = (most - before) / atOnce;
clearInterval(watch);
const start = performance.now();
await runAll(engine, waves * atOnce);
const perSecond = (waves * atOnce * 1000) / (performance.now() - start);
await engine[Symbol.asyncDispose]();
process.send?.({ perSecond, bytes } satisfies Waiting);
process.disconnect?.();
