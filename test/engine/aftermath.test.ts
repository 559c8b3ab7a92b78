// The aftermath of a run: however it ended, and whatever goes on beside, the next finds a clean state.
import assert from "node:assert/strict";
import type { Engine } from "../../server/engine/engine.ts";
import { heldEndings } from "./isolation/endings.ts";
import { callOf, failed, returned, runBody, scriptOf, testEngine } from "./support/engine.ts";
import { assertHonest, runHonest } from "./support/honest.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const secret = "the-secret-of-another-run";

/** Leaves the secret in everything it can name, and counts where it finds something left. */
const shared = `
const places = () => [globalThis, Object.prototype, Array.prototype, String, JSON, Math, Promise, Symbol.prototype,
  java.util.HashMap, java.util.UUID, CACHE.fetch, LOG.info, HTTP.request, execute];
const leave = (secret) => places().forEach((place) => { place.left = secret; });
const found = () => places().filter((place) => Object.hasOwn(place, "left")).length;
`;

const reader = scriptOf(
  `${shared} function execute() { return { status: 2000, responsePayload: String(found()) }; }`,
  "reader.js",
);

describe("after a run that", () => {
  let engine: Engine;
  let silent: Receiver;
  before(async () => {
    silent = await startReceiver(() => {});
    const limits = { cpuMs: 150, deadlineMs: 500 };
    engine = await testEngine({ limits, egress: { allow: [silent.origin] } });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await silent[Symbol.asyncDispose]();
  });

  const found = async (): Promise<string | undefined> =>
    returned(await engine.run(reader, callOf())).responsePayload;

  const leaving = (body: string) =>
    scriptOf(
      `${shared} function execute(secret) { leave(secret); LOG.info(found()); ${body.replace("ORIGIN", silent.origin)} }`,
      "leaving.js",
    );

  for (const [ending, body] of heldEndings) {
    it(`${ending}, the next one finds nothing of it`, async () => {
      assert.equal(await found(), "0");
      const { log } = await engine.run(leaving(body), callOf({ requestPayload: secret }));
      if (ending !== "was killed") assert.equal(log[0]?.text, "14", "the run did leave its secret");
      for (let round = 0; round < 3; round++) assert.equal(await found(), "0");
      assertHonest(await runHonest(engine, "next"), "next");
    });
  }

  it("was withdrawn while it waited, the next one finds nothing of it", async () => {
    const withdrawal = new AbortController();
    const script = leaving("HTTP.request({ url: 'ORIGIN', body: secret, method: 'POST' });");
    const before = silent.received.length;
    const call = callOf({ requestPayload: secret, signal: withdrawal.signal });
    const run = engine.run(script, call);
    while (silent.received.length === before)
      await new Promise((resolve) => setTimeout(resolve, 5));
    withdrawal.abort();
    assert.match(failed(await run).message, /withdrew/);
    assert.equal(await found(), "0");
    assertHonest(await runHonest(engine, "next"), "next");
  });

  it("goes on at the same time, another one finds nothing of it", async () => {
    await using both = await testEngine({ workerData: { gather: 8 } });
    const script = scriptOf(`${shared} function execute(secret) {
      if (secret) leave(secret);
      CACHE.fetch("together");
      return { status: 2000, responsePayload: String(found()) };
    }`);
    const runs = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        both.run(script, callOf({ requestPayload: index % 2 === 0 ? secret : null })),
      ),
    );
    assert.deepEqual(
      runs.map((run) => returned(run).responsePayload),
      ["14", "0", "14", "0", "14", "0", "14", "0"],
    );
  });

  it("used memory, the next one has as much of it as the first", async () => {
    await using roomy = await testEngine({ limits: { cpuMs: 5_000 } });
    const hoard = "const a = []; for (;;) { a.push(new Uint8Array(65536)); LOG.info(a.length); }";
    const room = async (): Promise<string | undefined> => {
      const run = await runBody(roomy, hoard);
      assert.equal(failed(run).limit, "memory");
      return run.log.at(-1)?.text;
    };
    const first = await room();
    for (let round = 0; round < 5; round++) {
      await runBody(
        roomy,
        "globalThis.a = 'x'.repeat(3e6) + 'y'; a.indexOf('z'); return { status: 2000 };",
      );
      await runHonest(roomy, "between");
      assert.equal(await room(), first);
    }
  });

  it("kept a secret in its source or its arguments, no other is answered with it", async () => {
    const source = `const own = "${secret}"; function execute(p) { CACHE.store("own:" + p, own, 5); return { status: 2000 }; }`;
    await engine.run(scriptOf(source, "own.js"), callOf({ requestPayload: secret }));
    const search = `const seen = new Set(); let text = "";
      const visit = (value) => {
        if (typeof value === "string") text += value;
        if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
        seen.add(value);
        if (typeof value === "function") text += Function.prototype.toString.call(value);
        visit(Object.getPrototypeOf(value));
        for (const key of Reflect.ownKeys(value)) {
          text += String(key);
          const { value: inner, get, set } = Reflect.getOwnPropertyDescriptor(value, key) ?? {};
          visit(inner); visit(get); visit(set);
        }
      };
      visit(globalThis); visit(java.util.HashMap);
      return { status: 2000, responsePayload: String(text.length > 10000) + text.includes(["the", "secret", "of"].join("-")) };`;
    assert.equal(returned(await runBody(engine, search)).responsePayload, "truefalse");
  });
});
