// Abuse: whatever a script tries, it ends in its reason, and an honest script works at once afterwards.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import { defaultLimits, type Limits } from "../../server/engine/limits.ts";
import type { ScriptRun } from "../../server/engine/script.ts";
import { escapes, oddCalls } from "./abuse/escapes.ts";
import { floods } from "./abuse/floods.ts";
import { hoards } from "./abuse/hoards.ts";
import { nativeLoops } from "./abuse/native_loops.ts";
import { hugeTexts, patterns, slowCalls } from "./abuse/patterns.ts";
import { promises } from "./abuse/promises.ts";
import { recursion } from "./abuse/recursion.ts";
import { results, throws } from "./abuse/results.ts";
import { type Abuse, endingOf, sourceOf } from "./abuse/row.ts";
import { refusedSources, sources } from "./abuse/sources.ts";
import { longRuns, spins } from "./abuse/spins.ts";
import { tampering } from "./abuse/tampering.ts";
import { callOf, scriptOf, testEngine } from "./support/engine.ts";
import { assertHonest, runHonest } from "./support/honest.ts";
import { type Held, heldMemory, megabyte } from "./support/memory.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

/** The tables, by the limits under which their rows are told apart soon, also on a machine that is slow for a while. */
const settings: readonly {
  readonly limits: Partial<Limits>;
  readonly tables: Readonly<Record<string, readonly Abuse[]>>;
}[] = [
  { limits: { cpuMs: 160 }, tables: { spins, patterns, promises } },
  {
    limits: { cpuMs: 600, deadlineMs: 1_500 },
    tables: {
      recursion,
      floods,
      sources,
      results,
      throws,
      tampering,
      escapes,
      "odd calls": oddCalls,
    },
  },
  { limits: { cpuMs: 8_000, deadlineMs: 200 }, tables: { "long runs": longRuns } },
  { limits: { cpuMs: 6_000, memoryBytes: 24 * megabyte }, tables: { hoards } },
  {
    limits: { cpuMs: 160 },
    tables: { "native loops": nativeLoops, "slow calls": slowCalls, "huge texts": hugeTexts },
  },
];

/** No run, however it ended, hands over more than its limits allow. */
const assertBounded = (run: ScriptRun, limits: Limits): void => {
  const logged = run.log.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  assert.ok(logged <= limits.logBytes + 200, `${logged} bytes of log`);
  assert.ok(run.log.length <= limits.logBytes / 16 + 1, `${run.log.length} log lines`);
  assert.ok(run.hostCalls.length <= limits.hostCalls, `${run.hostCalls.length} host calls`);
  const { outcome } = run;
  const texts =
    outcome.kind === "failed"
      ? [outcome.message, outcome.stack]
      : [outcome.responsePayload, outcome.registrationData, JSON.stringify(outcome.user)];
  const size = texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ""), 0);
  assert.ok(size <= limits.outputBytes + 100, `${size} bytes of outcome`);
};

describe("abuse", () => {
  let began: Held;
  let silent: Receiver;
  before(async () => {
    silent = await startReceiver(() => {});
    await using engine = await testEngine();
    assertHonest(await runHonest(engine, "warm"), "warm");
    began = await heldMemory();
  });
  after(() => silent[Symbol.asyncDispose]());

  let count = 0;
  /** Runs a row, and an honest script after it. */
  const provoke = async (engine: Engine, limits: Limits, text: string, ends: string | RegExp) => {
    const code = `n${++count}`;
    const script = scriptOf(text.replaceAll("ORIGIN", silent.origin), `abuse_${code}.js`);
    const params = { lang: ["nl"] };
    const call = callOf({ kind: "complete", hookContextCustomParams: params });
    const run = await engine.run(script, call);
    if (typeof ends === "string") assert.equal(endingOf(run), ends);
    else assert.match(endingOf(run), ends);
    assertBounded(run, limits);
    assertHonest(await runHonest(engine, code), code);
  };

  for (const { limits: chosen, tables } of settings) {
    const limits = { ...defaultLimits, ...chosen };
    describe(`with ${JSON.stringify(chosen)}`, () => {
      let engine: Engine;
      before(async () => {
        const allow = [silent.origin, "http://127.0.0.1:1"];
        engine = await testEngine({ limits, egress: { allow } });
      });
      after(() => engine[Symbol.asyncDispose]());

      for (const [table, rows] of Object.entries(tables)) {
        for (const [attempt, text, ends] of rows) {
          const source = table === "sources" ? text : sourceOf(text);
          it(`ends ${attempt} (${table}), and serves the next`, () =>
            provoke(engine, limits, source, ends));
        }
      }
    });
  }

  describe("of a source that is looked at before it is saved", () => {
    let engine: Engine;
    before(async () => {
      engine = await testEngine({ limits: { cpuMs: 100 } });
    });
    after(() => engine[Symbol.asyncDispose]());

    for (const [attempt, text, code] of refusedSources) {
      it(`refuses ${attempt}, and serves the next`, async () => {
        const problems = await engine.check(text, "abuse.js");
        assert.deepEqual(
          problems.map((problem) => [problem.code, problem.refused]),
          [[code, true]],
        );
        assertHonest(await runHonest(engine, "next"), "next");
      });
    }
  });

  // In a suite of its own, since a suite runs its own tests before those of the suites in it.
  describe("afterwards", () => {
    it("has left no memory behind", async () => {
      const held = await heldMemory();
      const kept = held.own - began.own;
      assert.ok(kept < 32 * megabyte, `${kept} bytes are kept`);
      const grown = held.process - began.process;
      // Pages of ended threads are kept for the next ones; the hoards alone would be more than a gigabyte.
      assert.ok(grown < 512 * megabyte, `the process has grown by ${grown} bytes`);
    });
  });
}).timeout(10_000);
