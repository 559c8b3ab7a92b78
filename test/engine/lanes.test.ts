// Lanes: killers run apart, versions that kill again and again pause, and no script holds up another.
import assert from "node:assert/strict";
import { Refusal } from "../../server/core/refusal.ts";
import type { Engine } from "../../server/engine/engine.ts";
import type { ScriptRun } from "../../server/engine/script.ts";
import { callOf, failed, returned, runBody, scriptOf, testEngine } from "./support/engine.ts";
import { type Receiver, startReceiver } from "./support/receiver.ts";

const nativeLoop = "Array.prototype.indexOf.call({ length: 9007199254740991 }, 1);";
/** Kills its worker unless it is told to be good. */
const killer = `if (payload !== "be good") ${nativeLoop} return { status: 2000 };`;
const healthy = "return { status: 2000 };";
const limits = { cpuMs: 100 };

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const isRefused =
  (reason: string) =>
  (error: unknown): boolean =>
    error instanceof Refusal && error.reason === reason;

/** A receiver whose requests wait until they are answered one by one, in their order. */
const startGate = async () => {
  const answers: (() => void)[] = [];
  const receiver: Receiver = await startReceiver((_request, response) => {
    answers.push(() => response.end());
  });
  return {
    ...receiver,
    waiting: () => receiver.received.length,
    answer: (index: number) => answers[index]?.(),
    answerAll: () => {
      for (const answer of answers.splice(0)) answer();
    },
  };
};

/** A body that waits at a gate; the name makes it a script of its own. */
const waitAt = (origin: string, name = ""): string =>
  `HTTP.request({ url: "${origin}/${name}" }); return { status: 2000 };`;

/** Counts the workers that are started from now on. */
const countWorkers = () => {
  let count = 0;
  const counting = (): void => {
    count++;
  };
  process.on("worker", counting);
  return {
    count: () => count,
    [Symbol.dispose]: () => void process.off("worker", counting),
  };
};

const kill = async (engine: Engine): Promise<void> => {
  assert.equal(failed(await runBody(engine, killer)).limit, "cpu");
};

describe("a version whose worker had to be ended", () => {
  it("takes no neighbours with it the next time", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({ limits, egress: { allow: [gate.origin] } });
    await kill(engine);
    const neighbours = Array.from({ length: 3 }, () => runBody(engine, waitAt(gate.origin)));
    await until(() => gate.waiting() === 3);
    await kill(engine);
    gate.answerAll();
    for (const run of await Promise.all(neighbours)) assert.equal(returned(run).status, 2000);
  });

  it("takes with it neither another such version nor more than one of its own runs", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({ limits, egress: { allow: [gate.origin] } });
    const other = `if (payload !== "be good") ${nativeLoop} ${waitAt(gate.origin)}`;
    await kill(engine);
    assert.equal(failed(await runBody(engine, other)).limit, "cpu");
    const good = { requestPayload: "be good" };
    const waiting = runBody(engine, other, good);
    await until(() => gate.waiting() === 1);
    const queued = [runBody(engine, killer), runBody(engine, killer, good)];
    gate.answerAll();
    assert.equal(returned(await waiting).status, 2000);
    const [killed, spared] = await Promise.all(queued);
    assert.ok(killed && spared);
    assert.equal(failed(killed).limit, "cpu");
    assert.equal(returned(spared).status, 2000);
  });

  it("goes apart with all its runs that wait, and leaves the queue to the others", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({
      limits,
      runsPerWorker: 2,
      egress: { allow: [gate.origin] },
    });
    const first = runBody(engine, killer);
    const [second, third] = [runBody(engine, killer), runBody(engine, killer)];
    const honest = Array.from({ length: 3 }, () => runBody(engine, healthy));
    for (const run of await Promise.all([first, second, third])) {
      assert.equal(failed(run).limit, "cpu");
    }
    for (const run of await Promise.all(honest)) assert.equal(returned(run).status, 2000);
  });

  it("shares workers again once it was changed: that is another version", async () => {
    await using engine = await testEngine({ limits });
    await kill(engine);
    assert.equal(
      returned(await runBody(engine, killer, { requestPayload: "be good" })).status,
      2000,
    );
    using started = countWorkers();
    assert.equal(returned(await runBody(engine, `/* mended */ ${healthy}`)).status, 2000);
    assert.equal(started.count(), 0);
  });

  it("can be withdrawn from the queue and from its worker in quarantine", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({ limits, egress: { allow: [gate.origin] } });
    const body = `if (payload !== "be good") ${nativeLoop}
      try { HTTP.request({ url: "${gate.origin}" }); } catch {} return { status: 2000 };`;
    assert.equal(failed(await runBody(engine, body)).limit, "cpu");
    const controller = new AbortController();
    const call = { requestPayload: "be good", signal: controller.signal };
    const running = runBody(engine, body, call);
    await until(() => gate.waiting() === 1);
    const queued = assert.rejects(runBody(engine, body, call), isRefused("UNAVAILABLE"));
    controller.abort();
    await queued;
    assert.match(failed(await running).message, /withdrew/);
  });
});

describe("a check", () => {
  it("takes no runs with it when its source is stuck, and casts no shadow on the script", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({ limits, egress: { allow: [gate.origin] } });
    const neighbour = runBody(engine, waitAt(gate.origin));
    await until(() => gate.waiting() === 1);
    const source = `${nativeLoop} function execute() {}`;
    for (let count = 0; count < 4; count++) {
      const [problem] = await engine.check(source, "s.js");
      assert.deepEqual([problem?.code, problem?.refused], ["load", true]);
      assert.match(problem?.message ?? "", count < 3 ? /processor time/ : /paused for 30 s/);
    }
    gate.answerAll();
    assert.equal(returned(await neighbour).status, 2000);
    assert.deepEqual(await engine.check("function execute() {}", "s.js"), []);
    assert.equal(failed(await engine.run(scriptOf(source, "s.js"), callOf())).code, 3001);
  });
});

describe("the circuit breaker of the engine", () => {
  const rules = { kills: 3, withinMs: 60_000, pauseMs: 400 };

  it("answers for a paused version at once, without a worker, and says what happened", async () => {
    await using engine = await testEngine({ limits });
    for (let count = 0; count < 3; count++) await kill(engine);
    using started = countWorkers();
    const { outcome, durationMs, log } = await runBody(engine, killer, { executionId: "e" });
    assert.deepEqual([durationMs, log], [0, []]);
    assert.ok(outcome.kind === "failed" && outcome.limit === undefined);
    assert.equal(outcome.code, 3000);
    assert.match(
      outcome.message,
      /paused for 30 s.* 3 times within 60 s; .* after \d{4}-\d\d-\d\dT[\d:.]+Z$/,
    );
    assert.equal(returned(await runBody(engine, healthy)).status, 2000);
    assert.equal(started.count(), 0);
  });

  it("tells runs that wait in the queue as well, once their version has to pause", async () => {
    await using engine = await testEngine({ limits });
    const runs = await Promise.all(Array.from({ length: 12 }, () => runBody(engine, killer)));
    const codes = runs.map((run) => failed(run).code).sort();
    // Runs that the first worker had not begun are told as well; those that it had are none here.
    assert.deepEqual(codes, [...Array(9).fill(3000), 3001, 3001, 3001]);
  });

  it("lets one trial in after the pause, which ends it by ending well", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({
      limits,
      breaker: rules,
      egress: { allow: [gate.origin] },
    });
    const body = `if (payload !== "be good") ${nativeLoop} ${waitAt(gate.origin)}`;
    const good = { requestPayload: "be good" };
    for (let count = 0; count < 3; count++) await runBody(engine, body);
    assert.equal(failed(await runBody(engine, body, good)).code, 3000);
    await new Promise((resolve) => setTimeout(resolve, rules.pauseMs + 10));
    const trial = runBody(engine, body, good);
    await until(() => gate.waiting() === 1);
    assert.match(failed(await runBody(engine, body, good)).message, /is being tried again/);
    gate.answerAll();
    assert.equal(returned(await trial).status, 2000);
    const after = runBody(engine, body, good);
    await until(() => gate.waiting() === 2);
    gate.answerAll();
    assert.equal(returned(await after).status, 2000);
  });

  it("pauses the version again after a trial that kills", async () => {
    await using engine = await testEngine({ limits, breaker: rules });
    for (let count = 0; count < 3; count++) await kill(engine);
    await new Promise((resolve) => setTimeout(resolve, rules.pauseMs + 10));
    await kill(engine);
    assert.equal(failed(await runBody(engine, killer)).code, 3000);
  });

  it("does not count limits that end a run politely, which only send it among its like", async () => {
    await using engine = await testEngine({ limits });
    using started = countWorkers();
    const body = 'if (payload !== "be good") for (;;); return { status: 2000 };';
    for (let count = 0; count < 5; count++) {
      assert.equal(failed(await runBody(engine, body)).limit, "cpu");
    }
    const run = await runBody(engine, body, { requestPayload: "be good" });
    assert.equal(returned(run).status, 2000);
    assert.equal(started.count(), 1);
  });
});

describe("places and queue", () => {
  const refusals = (runs: readonly PromiseSettledResult<ScriptRun>[]): number =>
    runs.filter((run) => run.status === "rejected" && isRefused("RATE_LIMITED")(run.reason)).length;

  it("leave a quarter of a lane to others when the calls of one script hang", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({ runsPerWorker: 8, egress: { allow: [gate.origin] } });
    const hanging = Array.from({ length: 20 }, () => runBody(engine, waitAt(gate.origin)));
    await until(() => gate.waiting() === 6);
    for (let count = 0; count < 10; count++) {
      assert.equal(returned(await runBody(engine, healthy)).status, 2000);
    }
    assert.equal(gate.waiting(), 6);
    const answering = setInterval(gate.answerAll, 5);
    await Promise.all(hanging);
    clearInterval(answering);
  });

  it("serve scripts in turns: one run is not behind five hundred of another script", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({ runsPerWorker: 1, egress: { allow: [gate.origin] } });
    const flood = Array.from({ length: 500 }, () => runBody(engine, waitAt(gate.origin, "flood")));
    const single = runBody(engine, waitAt(gate.origin, "single"));
    for (let index = 0; index < 3; index++) {
      await until(() => gate.waiting() === index + 1);
      gate.answer(index);
    }
    assert.equal(returned(await single).status, 2000);
    assert.deepEqual(
      gate.received.slice(0, 3).map(({ path }) => path),
      ["/flood", "/flood", "/single"],
    );
    const settled = Promise.allSettled(flood);
    await engine[Symbol.asyncDispose]();
    assert.equal(refusals(await settled), 0);
  });

  it("refuse what one script puts in beyond half of the queue, and anybody when it is full", async () => {
    await using gate = await startGate();
    await using engine = await testEngine({
      runsPerWorker: 1,
      queueLimit: 10,
      egress: { allow: [gate.origin] },
    });
    const put = (name: string, count: number) =>
      Array.from({ length: count }, () => runBody(engine, waitAt(gate.origin, name)));
    const first = put("a", 1);
    await until(() => gate.waiting() === 1);
    const [a, b, c] = [put("a", 8), put("b", 4), put("c", 3)].map((runs) =>
      Promise.allSettled(runs),
    );
    const answering = setInterval(gate.answerAll, 5);
    assert.deepEqual(
      (await Promise.all([a, b, c])).map((runs) => refusals(runs ?? [])),
      [3, 0, 2],
    );
    await Promise.all(first);
    clearInterval(answering);
  });

  it("give the processor to scripts in turns too", async () => {
    await using engine = await testEngine({ limits: { cpuMs: 1_000 } });
    const ended: string[] = [];
    const note = async (name: string, run: Promise<ScriptRun>): Promise<void> => {
      assert.equal(returned(await run).status, 2000);
      ended.push(name);
    };
    const busy = "const end = Date.now() + 40; while (Date.now() < end); return { status: 2000 };";
    await Promise.all([
      ...Array.from({ length: 15 }, () => note("busy", runBody(engine, busy))),
      note("quick", runBody(engine, healthy)),
    ]);
    assert.ok(ended.indexOf("quick") <= 2, ended.join());
  });
});
