// Replays: a recorded run goes the same way again in another process state, byte for byte.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Engine } from "../../server/engine/engine.ts";
import { defaultLimits } from "../../server/engine/limits.ts";
import type { Properties } from "../../server/engine/mask.ts";
import { readRecording } from "../../server/engine/recording.ts";
import type { ScriptCall, ScriptReplay, ScriptRun } from "../../server/engine/script.ts";
import {
  callOf,
  evaluate,
  failed,
  returned,
  runBody,
  scriptOf,
  testEngine,
} from "./support/engine.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";
import { caseScript, replayCases } from "./support/replays.ts";

const secret = "s3cr3t/value+of the portal";
const propertiesOf = (value: string, callbackUrl: string): Properties =>
  new Map([
    ["secret", { value, sensitive: true }],
    ["open", { value: "visible", sensitive: false }],
    ["portal_callback_url", { value: callbackUrl, sensitive: false }],
    ["portal_callback_token", { value: "t0ken-of-the-portal", sensitive: true }],
  ]);

const bodyOf = (text: string): string => `function execute(payload) {\n${text}\n}`;

/** What must be the same byte for byte; times are the only thing that may differ. */
const essence = ({ outcome, log, hostCalls }: ScriptRun): string =>
  JSON.stringify({
    outcome,
    log: log.map(({ at: _at, ...line }) => line),
    calls: hostCalls.map(({ name }) => name),
  });

const recordingOf = ({ recording, outcome }: ScriptRun): string => {
  assert.ok(recording !== undefined, JSON.stringify(outcome));
  return recording;
};

describe("a replay (D-32)", () => {
  const recorded = { cpuMs: 400, deadlineMs: 2_000 };
  const small = { hostCalls: 60, egressCalls: 3, logBytes: 2_048, outputBytes: 4_096 };
  let portal: Receiver;
  let properties: Properties;
  let engine: Engine;
  let other: Engine;
  before(async () => {
    portal = await startReceiver(({ path }, response) => {
      if (path === "/silent") return;
      if (path === "/cut") response.socket?.destroy();
      response.statusCode = Number(/^\/status\/(\d+)/.exec(path)?.[1] ?? 200);
      response.setHeader("x-drawn", String(Math.random()));
      response.end(`answer ${Math.random()}`);
    });
    properties = propertiesOf(secret, `${portal.origin}/callback`);
    engine = await testEngine({
      recording: true,
      properties,
      egress: { allow: [portal.origin] },
      limits: { ...recorded, ...small },
    });
    // Nothing is allowed here, nothing is in its cache, and it counts by limits of its own.
    other = await testEngine({ properties, limits: recorded });
    for (let round = 0; round < 3; round++) await evaluate(other, "Math.random() + Date.now()");
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await other[Symbol.asyncDispose]();
    await portal[Symbol.asyncDispose]();
  });

  const record = (source: string, call: Partial<ScriptCall> = {}): Promise<ScriptRun> =>
    engine.run(scriptOf(source), callOf(call));

  const replayOf = async (source: string, run: ScriptRun): Promise<ScriptReplay> =>
    other.replay(scriptOf(source), recordingOf(run));

  for (const one of replayCases) {
    it(`is identical, three times in another engine: ${one.what}`, async () => {
      const script = caseScript(one, portal.origin);
      if (one.before !== undefined) {
        await runBody(
          engine,
          `${one.before.replaceAll("PORTAL", portal.origin)} return { status: 2000 };`,
        );
      }
      const run = await engine.run(script, callOf(one.call));
      const { outcome } = run;
      const failure = outcome.kind === "failed" ? (outcome.limit ?? outcome.code) : undefined;
      const ends = outcome.kind === "returned" ? outcome.status : failure;
      assert.equal(ends, one.ends, JSON.stringify(outcome));
      const recording = recordingOf(run);
      for (const value of [secret, encodeURIComponent(secret), "t0ken-of-the-portal"]) {
        assert.ok(!recording.includes(value), recording);
      }
      const received = portal.received.length;
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (let round = 0; round < 3; round++) {
        const replay = await other.replay(script, recording);
        assert.deepEqual(replay.divergence, undefined);
        assert.equal(replay.identical, true);
        assert.deepEqual(replay.changedProperties, []);
        assert.equal(essence(replay.run), essence(run));
        assert.equal(replay.run.recording, undefined);
      }
      assert.equal(portal.received.length, received);
    });
  }

  it("ends where processor time ended the run, between two log lines", async () => {
    const limits = { cpuMs: 200, logBytes: 16 * 1024 * 1024 };
    await using talkative = await testEngine({ recording: true, limits });
    const script = scriptOf(bodyOf("for (let i = 0; ; i++) LOG.info('{}', i);"));
    const run = await talkative.run(script, callOf());
    assert.equal(failed(run).limit, "cpu");
    const replay = await talkative.replay(script, recordingOf(run));
    assert.deepEqual([replay.identical, replay.divergence], [true, undefined]);
    assert.equal(essence(replay.run), essence(run));
  });

  it("touches no cache, asks for no random value and reads no property that is not sensitive", async () => {
    const source = bodyOf(
      'CACHE.store("touched", PROPERTIES.open); return { status: 2000, responsePayload: CACHE.fetch("touched") };',
    );
    const run = await record(source);
    await using bare = await testEngine();
    const replay = await bare.replay(scriptOf(source), recordingOf(run));
    assert.equal(replay.identical, true);
    assert.equal(returned(replay.run).responsePayload, "visible");
    assert.equal(await evaluate(bare, 'CACHE.fetch("touched")'), null);
  });

  it("is identical where the clocks on the wall show another time zone: scripts live in UTC", async () => {
    const source = bodyOf(
      "return { status: 2000, responsePayload: [new Date(2026, 0, 1), new Date(2026, 6, 1).toISOString()].join() };",
    );
    const run = await record(source);
    const zone = process.env.TZ;
    process.env.TZ = "America/New_York";
    try {
      assert.equal(new Date(2026, 0, 1).getTimezoneOffset(), 300);
      await using away = await testEngine({ recording: true });
      const replay = await away.replay(scriptOf(source), recordingOf(run));
      assert.equal(replay.identical, true);
      const there = returned(await away.run(scriptOf(source), callOf())).responsePayload;
      assert.match(there ?? "", /GMT\+0000,2026-07-01T00:00:00.000Z$/);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("goes on from where a caller withdrew, and ends there", async () => {
    const controller = new AbortController();
    const source = bodyOf(
      `CACHE.store("a", "1"); LOG.info("asks"); try { HTTP.request({ url: "${portal.origin}/silent" }); } catch {} return { status: 2000 };`,
    );
    const seen = portal.received.length;
    const running = engine.run(scriptOf(source), { ...callOf(), signal: controller.signal });
    while (portal.received.length === seen) await new Promise((resolve) => setTimeout(resolve, 2));
    controller.abort();
    const run = await running;
    assert.match(failed(run).message, /withdrew/);
    const replay = await replayOf(source, run);
    assert.deepEqual([replay.identical, replay.divergence], [true, undefined]);
    assert.equal(essence(replay.run), essence(run));
  });

  it("fails as the run did when a store was down", async () => {
    await using down = await testEngine({
      recording: true,
      workerUrl: new URL("./support/down_worker.ts", import.meta.url),
    });
    for (const source of [
      bodyOf('CACHE.fetch("k");'),
      bodyOf(
        'try { CACHE.fetch("k"); } catch (e) { LOG.warn("{}", e.getMessage()); } return { status: 4000 };',
      ),
    ]) {
      const run = await down.run(scriptOf(source), callOf());
      assert.equal(run.log[0]?.text, "the cache is not available");
      const replay = await replayOf(source, run);
      assert.deepEqual([replay.identical, replay.divergence], [true, undefined]);
      assert.equal(essence(replay.run), essence(run));
    }
  });

  const differing =
    'CACHE.store("a", payload); const x = CACHE.fetch("a");\n LOG.info("has {}", x);\n return { status: 2000, responsePayload: x };';
  const changes: readonly [
    what: string,
    source: string,
    call: number,
    expected: RegExp,
    got: RegExp,
  ][] = [
    [
      "another argument of a call",
      differing.replace("payload)", 'payload + "!")'),
      1,
      /^cache\.store \["a","p",null\]$/,
      /"p!"/,
    ],
    [
      "another call",
      differing.replace("CACHE.fetch", "CACHE.take"),
      2,
      /^cache\.fetch/,
      /^cache\.take/,
    ],
    [
      "one call more",
      differing.replace("return", 'CACHE.delete("a"); return'),
      3,
      /^$/,
      /^cache\.delete \["a"\]$/,
    ],
    [
      "one call less",
      differing.replace('CACHE.fetch("a")', '"p"'),
      2,
      /^cache\.fetch \["a"\]$/,
      /^$/,
    ],
    ["another log line", differing.replace("has", "had"), 0, /log line 1/, /^info at 3:10: had p$/],
    ["another level", differing.replace("info", "warn"), 0, /log line 1/, /^warn at/],
    ["one log line more", differing.replace("return", 'LOG.info("more"); return'), 0, /^$/, /more/],
    ["one log line less", differing.replace(/LOG.*x\);/, ""), 0, /^1 log lines$/, /^0$/],
    ["another status", differing.replace("2000", "2001"), 0, /"status":2000/, /"status":2001/],
    [
      "another payload",
      differing.replace("responsePayload: x", "responsePayload: x + x"),
      0,
      /"p"/,
      /"pp"/,
    ],
    ["a failure", differing.replace("return", "null.x; return"), 0, /"returned"/, /TypeError/],
    [
      "a read of the clock",
      differing.replace("return", "Date.now(); return"),
      0,
      /^0 clock reads$/,
      /^clock read 1$/,
    ],
    [
      "lines and calls in another order",
      `LOG.info("has {}", payload); ${differing.replace(/LOG.*x\);/, "")}`,
      0,
      /log line 1|order/,
      /./,
    ],
  ];
  for (const [what, body, call, expected, got] of changes) {
    it(`says where a changed script first differs: ${what}`, async () => {
      const run = await record(bodyOf(differing), { requestPayload: "p" });
      const replay = await replayOf(bodyOf(body), run);
      assert.equal(replay.identical, false);
      assert.equal(replay.divergence?.call, call, JSON.stringify(replay));
      assert.match(replay.divergence.expected, expected);
      assert.match(replay.divergence.got, got);
      if (call > 0 && replay.divergence.got !== "") {
        assert.match(failed(replay.run).message, new RegExp(`differs .* host call ${call}$`));
      }
    });
  }

  it("is identical for another version whose lines have only moved", async () => {
    const source = bodyOf('LOG.info("x"); CACHE.fetch("k"); null.x;');
    const replay = await replayOf(`\n// moved\n${source}`, await record(source));
    assert.deepEqual([replay.identical, replay.divergence], [true, undefined]);
    assert.deepEqual(failed(replay.run).place, { line: 4, column: 38 });
  });

  it("tells apart what differs in nothing but its order", async () => {
    const run = await record(bodyOf('LOG.info("x");  CACHE.fetch("k"); return { status: 2000 };'));
    const replay = await replayOf(
      bodyOf('CACHE.fetch("k"), LOG.info("x"); return { status: 2000 };'),
      run,
    );
    assert.equal(replay.identical, false);
    assert.equal(replay.divergence?.call, 0);
  });

  it("says where a changed recording differs: seed, argument, clock and answer", async () => {
    const source = bodyOf(`CACHE.store("d", Math.random()); CACHE.store("p", payload);
      const found = CACHE.fetch("p"); CACHE.store("f", found); CACHE.store("t", Date.now()); return { status: 2000 };`);
    const recording = JSON.parse(recordingOf(await record(source, { requestPayload: "p" })));
    const [store, second, fetch, ...rest] = recording.calls;
    const changed: readonly [object, number][] = [
      [{ ...recording, seed: [1, 2, 3, 4] }, 1],
      [{ ...recording, values: ["q", null, null, null] }, 2],
      [{ ...recording, calls: [store, second, { ...fetch, answer: '{"value":"q"}' }, ...rest] }, 4],
      [{ ...recording, clock: [5, 1] }, 5],
    ];
    for (const [one, call] of changed) {
      const replay = await other.replay(scriptOf(source), JSON.stringify(one));
      assert.deepEqual([replay.identical, replay.divergence?.call], [false, call]);
    }
  });

  it("shows long texts where they differ, and masks both", async () => {
    const source = (end: string): string =>
      bodyOf(
        `CACHE.store("k", "x".repeat(2000) + PROPERTIES.secret + "${end}"); return { status: 2000 };`,
      );
    const replay = await replayOf(source("two"), await record(source("one")));
    const { call, expected, got } = replay.divergence ?? { call: 0, expected: "", got: "" };
    assert.equal(call, 2);
    assert.match(expected, /^…x*\[masked\]one/);
    assert.match(got, /^…x*\[masked\]two/);
    assert.ok(expected.length < 500 && got.length < 500);
  });

  it("sees masks in place of sensitive properties that have changed, and names them", async () => {
    await using changed = await testEngine({ properties: propertiesOf("another value", "") });
    const uses: readonly [body: string, divergence: number | undefined][] = [
      [
        'HTTP.request({ url: "PORTAL/", headers: { key: PROPERTIES.secret } }); return { status: 2000 };',
        undefined,
      ],
      ['LOG.info("with {}", PROPERTIES.secret); return { status: 2000 };', undefined],
      ['CACHE.store("k", PROPERTIES.secret.length); return { status: 2000 };', 2],
    ];
    for (const [body, call] of uses) {
      const source = bodyOf(body.replaceAll("PORTAL", portal.origin));
      const replay = await changed.replay(scriptOf(source), recordingOf(await record(source)));
      assert.deepEqual(replay.changedProperties, ["secret"]);
      assert.equal(replay.divergence?.call, call);
      assert.doesNotMatch(JSON.stringify(replay), /s3cr3t|another value/);
    }
    const source = bodyOf("return { status: 2000, responsePayload: PROPERTIES.secret };");
    const replay = await changed.replay(scriptOf(source), recordingOf(await record(source)));
    assert.equal(returned(replay.run).responsePayload, "[masked]");
    const unused = bodyOf(
      'LOG.info("x"); return { status: 2000, responsePayload: PROPERTIES.open };',
    );
    const untouched = await changed.replay(scriptOf(unused), recordingOf(await record(unused)));
    assert.deepEqual([untouched.identical, untouched.changedProperties], [true, []]);
  });

  it("meets the limits that the host counts where the run met them, whatever they are by now", async () => {
    const source = bodyOf("for (;;) CACHE.fetch('k');");
    const run = await record(source);
    assert.equal(run.hostCalls.length, small.hostCalls);
    other.configure({
      limits: { ...defaultLimits, ...recorded, hostCalls: 5 },
      recording: false,
      properties,
      egress: { allow: [] },
    });
    const replay = await replayOf(source, run);
    assert.deepEqual([replay.identical, replay.run.hostCalls.length], [true, small.hostCalls]);
  });

  it("runs a corrected version of a script to another end", async () => {
    const broken = bodyOf(
      'const kept = CACHE.fetch("none"); return { status: 2000, responsePayload: kept.toString() };',
    );
    const run = await record(broken);
    assert.equal(failed(run).code, 3001);
    const replay = await replayOf(broken.replace("kept.", "(kept ?? 'nothing')."), run);
    assert.equal(returned(replay.run).responsePayload, "nothing");
    assert.equal(replay.divergence?.call, 0);
    assert.match(replay.divergence.expected, /TypeError/);
  });

  it("is identical for every script that a grammar of effects makes", async () => {
    const effect = fc.constantFrom(
      "out.push(Math.random())",
      "out.push(Date.now())",
      'out.push(CACHE.fetch("k" + out.length % 3))',
      'out.push(CACHE.take("k" + out.length % 3))',
      'CACHE.store("k" + out.length % 3, out.join().slice(0, 300))',
      'LOG.info("so far {}", out.length)',
      "console.log(out)",
      "out.push(String(java.util.UUID.randomUUID()))",
      "out.push(PROPERTIES.secret, properties.open)",
      "out.push(new java.security.SecureRandom().nextInt(100))",
      'try { HTTP.request({ url: "https://foreign.example/" + out.length }) } catch (e) { out.push(e) }',
      `out.push(HTTP.request({ url: "PORTAL/" + out.length }).body)`,
      "await null",
      'if (out.length > 5) throw new Error("too long: " + out)',
    );
    const { script } = fc.letrec<{ script: string; step: string; steps: string }>((tie) => ({
      script: tie("steps").map((steps) => steps),
      steps: fc.array(tie("step"), { minLength: 1, maxLength: 6 }).map((all) => all.join(";\n")),
      step: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        effect,
        tie("steps").map((steps) => `for (let i = 0; i < 2; i++) {\n${steps}\n}`),
        tie("steps").map((steps) => `if (Math.random() < 0.5) {\n${steps}\n}`),
        tie("steps").map((steps) => `try {\n${steps}\n} catch (e) { LOG.error("caught", e) }`),
        tie("steps").map((steps) => `await Promise.all([1, 2].map(async () => {\n${steps}\n}))`),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(
        script,
        fc.option(fc.string({ unit: "binary" })),
        fc.boolean(),
        async (steps, payload, early) => {
          const source =
            `const out = [];\n${early ? "const loaded = Date.now();\n" : ""}async function execute(payload) {\n${steps};\nreturn { status: 2000, responsePayload: out.join() + payload.length };\n}`.replaceAll(
              "PORTAL",
              portal.origin,
            );
          const run = await record(source, { requestPayload: payload });
          const replay = await replayOf(source, run);
          assert.deepEqual([replay.identical, replay.divergence], [true, undefined], source);
          assert.equal(essence(replay.run), essence(run));
          const calls = readRecording(recordingOf(run)).calls.map(({ name }) => name);
          assert.deepEqual(calls, run.hostCalls.map(({ name }) => name).slice(0, calls.length));
        },
      ),
      { numRuns: 60 },
    );
  });
});
