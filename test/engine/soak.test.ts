// A soak: thousands of honest and hostile runs at once, withdrawals, deployments and new settings between.
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { Refusal } from "../../server/core/refusal.ts";
import { defaultLimits } from "../../server/engine/limits.ts";
import { endingOf } from "./abuse/row.ts";
import { type Deed, deeds, type Soak } from "./soak/deeds.ts";
import { testEngine } from "./support/engine.ts";
import { assertHonest, runHonest } from "./support/honest.ts";
import { heldMemory, megabyte } from "./support/memory.ts";
import { seededRandom, weighted } from "./support/random.ts";
import { startReceiver } from "./support/receiver.ts";

const runs = 3_000;
const concurrency = 16;
const seed = Number(process.env.SOAK_SEED ?? randomInt(1, 2 ** 31));

/** What came of a soak, by the names of its deeds. */
interface Tally {
  readonly done: Map<string, number>;
  readonly refused: Map<string, number>;
  kills: number;
}

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};

/** The only two ways in which an engine may say that a run has not come to an end. */
const isRefusal = (error: unknown): error is Refusal =>
  error instanceof Refusal && ["UNAVAILABLE", "RATE_LIMITED"].includes(error.reason);

const perform = async (soak: Soak, deed: Deed, number: number, tally: Tally): Promise<void> => {
  try {
    const run = await deed.perform(soak, number);
    if (run !== undefined && endingOf(run).endsWith("worker ended")) tally.kills++;
    count(tally.done, deed.name);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const isWithdrawn = String((error.cause as Error).message).includes("withdrew");
    count(isWithdrawn ? tally.done : tally.refused, deed.name);
  }
};

/** Performs deeds, `concurrency` of them at a time, in an order that the seed repeats. */
const performAll = async (soak: Soak): Promise<Tally> => {
  const tally: Tally = { done: new Map(), refused: new Map(), kills: 0 };
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < runs) {
      const number = ++next;
      await perform(soak, weighted(deeds, soak.random), number, tally);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, caller));
  return tally;
};

describe("a soak", () => {
  it(`of ${runs} runs gives every honest one its due (SOAK_SEED=${seed})`, async () => {
    await using echo = await startReceiver(({ path }, response) => void response.end(path));
    const settings = {
      limits: { ...defaultLimits, cpuMs: 200 },
      recording: false,
      properties: new Map([["generation", { value: "0", sensitive: false }]]),
      egress: { allow: [echo.origin] },
    };
    await using engine = await testEngine({ ...settings, workers: 2 });
    const warm = async (): Promise<void> => {
      for (let index = 0; index < 50; index++) {
        assertHonest(await runHonest(engine, `w${index}`), `w${index}`);
      }
    };
    await warm();
    const began = await heldMemory();
    const random = seededRandom(seed);
    const tally = await performAll({ engine, echo: echo.origin, settings, random, generation: 0 });

    const refusedTo = (isHonest: boolean): number =>
      deeds
        .filter((deed) => deed.honest === isHonest)
        .reduce((sum, { name }) => sum + (tally.refused.get(name) ?? 0), 0);
    const shown = JSON.stringify([[...tally.done], [...tally.refused], tally.kills]);
    const total = [...tally.done.values(), ...tally.refused.values()].reduce((a, b) => a + b);
    assert.equal(total, runs, shown);
    // Who is refused has lost the worker in which it had begun; each worker ends with one culprit in it.
    assert.ok(refusedTo(true) + refusedTo(false) <= tally.kills * (concurrency - 1), shown);
    for (const { name } of deeds) assert.ok((tally.done.get(name) ?? 0) > 0, `${name}: ${shown}`);

    assert.equal(engine.ping(), true);
    await warm();
    const held = await heldMemory();
    const kept = held.own - began.own;
    assert.ok(kept < 16 * megabyte, `${kept} bytes are kept`);
    const grown = held.process - began.process;
    assert.ok(grown < 512 * megabyte, `the process has grown by ${grown} bytes`);
  }).timeout(60_000);
});
