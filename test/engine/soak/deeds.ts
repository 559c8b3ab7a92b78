// What callers do to an engine during a soak: honest and hostile runs, withdrawals, deployments, settings.
import assert from "node:assert/strict";
import type { Engine } from "../../../server/engine/engine.ts";
import type { EngineSettings } from "../../../server/engine/message.ts";
import type { ScriptRun } from "../../../server/engine/script.ts";
import { endingOf, sourceOf } from "../abuse/row.ts";
import { callOf, failed, returned, scriptOf } from "../support/engine.ts";
import { assertHonest, runHonest } from "../support/honest.ts";

/** The engine under soak and what all deeds share. */
export interface Soak {
  readonly engine: Engine;
  /** A server that answers with the path it was asked for. */
  readonly echo: string;
  readonly settings: EngineSettings;
  readonly random: () => number;
  /** The number of the settings that were given last. */
  generation: number;
}

/**
 * One thing that a caller does, the `number`th of the soak. Gives the run when there is one, and throws
 * when something came out that must not. An honest one does harm to nobody and is owed an answer.
 */
export interface Deed {
  readonly name: string;
  readonly weight: number;
  readonly honest: boolean;
  readonly perform: (soak: Soak, number: number) => Promise<ScriptRun | undefined>;
}

const asks = (echo: string, wait = "") =>
  scriptOf(
    `function execute(payload) { ${wait}
      return { status: 2000, responsePayload: HTTP.request({ url: "${echo}/" + payload }).body }; }`,
    "asks.js",
  );

const reads = scriptOf(
  "function execute() { return { status: 2000, responsePayload: PROPERTIES.generation }; }",
  "reads.js",
);

const honest: readonly Deed[] = [
  {
    name: "registers",
    weight: 620,
    honest: true,
    async perform({ engine }, number) {
      const run = await runHonest(engine, `n${number}`);
      assertHonest(run, `n${number}`);
      return run;
    },
  },
  {
    name: "asks a server",
    weight: 120,
    honest: true,
    async perform({ engine, echo }, number) {
      const run = await engine.run(asks(echo), callOf({ requestPayload: `p${number}` }));
      assert.equal(returned(run).responsePayload, `/p${number}`);
      return run;
    },
  },
  {
    name: "reads the settings",
    weight: 60,
    honest: true,
    async perform(soak) {
      const least = soak.generation;
      const run = await soak.engine.run(reads, callOf());
      const got = Number(returned(run).responsePayload);
      assert.ok(least <= got && got <= soak.generation, `${got} of ${least}..${soak.generation}`);
      return run;
    },
  },
  {
    name: "deploys a version",
    weight: 30,
    honest: true,
    async perform({ engine }, number) {
      const source = `const version = ${number}; ${sourceOf("got = String(version);")}`;
      assert.deepEqual(await engine.check(source, "deployed.js"), []);
      const run = await engine.run(scriptOf(source, "deployed.js"), callOf({ kind: "complete" }));
      assert.equal(endingOf(run), `2000 ${number}`);
      return run;
    },
  },
  {
    name: "deploys what does not parse",
    weight: 10,
    honest: true,
    async perform({ engine }, number) {
      const [problem] = await engine.check(`function execute() { ${number}`, "broken.js");
      assert.equal(problem?.code, "syntax");
      return undefined;
    },
  },
  {
    name: "changes the settings",
    weight: 10,
    honest: true,
    async perform(soak) {
      const value = String(++soak.generation);
      const { settings, engine, generation } = soak;
      // Other limits mean other instances, other properties do not.
      const logBytes = settings.limits.logBytes + (generation % 3 === 0 ? generation : 0);
      engine.configure({
        ...settings,
        limits: { ...settings.limits, logBytes },
        properties: new Map([["generation", { value, sensitive: false }]]),
      });
      return undefined;
    },
  },
  {
    name: "withdraws",
    weight: 60,
    honest: true,
    async perform({ engine, echo, random }, number) {
      const withdrawal = new AbortController();
      const delayMs = random() * 10;
      const script = asks(echo, 'CACHE.store("w", "x", 1);');
      const call = callOf({ requestPayload: `p${number}`, signal: withdrawal.signal });
      const pending = engine.run(script, call);
      setTimeout(() => withdrawal.abort(), delayMs);
      const run = await pending;
      assert.match(endingOf(run), new RegExp(`^(2000 /p${number}|3001 the caller withdrew)$`));
      return run;
    },
  },
];

/** Hostile bodies and their ends; each run of one is a version of its own, as a thousand authors would. */
const hostile: readonly (readonly [name: string, weight: number, body: string, ends: RegExp])[] = [
  ["loops", 6, "for (;;);", /^limit cpu/],
  [
    "loops in a promise",
    4,
    "const f = () => Promise.resolve().then(f); return f();",
    /^limit (cpu|memory)/,
  ],
  ["matches without end", 4, "/^(a+)+$/.test('a'.repeat(40) + 'b');", /^limit cpu/],
  ["hoards", 10, "const a = []; for (;;) a.push(new Uint8Array(65536));", /^limit (memory|cpu)/],
  ["recurses", 16, "const f = () => f() + 1; f();", /^limit (stack|cpu)/],
  ["nests", 8, "JSON.parse('['.repeat(2e6));", /^limit (stack|cpu|memory)/],
  ["throws", 16, "throw { toString() { throw 1; } };", /^3001/],
  [
    "lies",
    16,
    "Object.prototype.toJSON = () => ({ status: 2000 }); return { status: '2000' };",
    /^3004/,
  ],
  ["floods the host", 12, "for (;;) CACHE.fetch('k');", /^limit (host_calls|cpu)/],
  [
    "floods the answer",
    12,
    "return { status: 2000, responsePayload: 'x'.repeat(300000), user: { id: 'u' } };",
    /^limit output/,
  ],
  [
    "asks where it may not",
    12,
    "for (;;) { try { HTTP.request({ url: 'http://refused.example/' }); } catch {} }",
    /^limit (egress|cpu)/,
  ],
  ["waits for nothing", 10, "return new Promise(() => {});", /never settles/],
  [
    "is stuck",
    4,
    "Array.prototype.indexOf.call({ length: 9007199254740991 }, 1);",
    /^limit cpu, worker ended/,
  ],
];

/** All deeds of a soak. */
export const deeds: readonly Deed[] = [
  ...honest,
  ...hostile.map(
    ([name, weight, body, ends]): Deed => ({
      name,
      weight,
      honest: false,
      async perform({ engine }, number) {
        const script = scriptOf(`${sourceOf(body)} // ${number}`, `hostile_${number}.js`);
        const run = await engine.run(script, callOf({ kind: "complete" }));
        assert.match(endingOf(run), ends, name);
        assert.equal(failed(run).kind, "failed");
        return run;
      },
    }),
  ),
];
