// The recorder, before a real store that can be made to fail: every execution is written once, behind
// its caller, and a store that is down costs bounded memory.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import type { Log } from "../../../server/core/log.ts";
import { silentLog } from "../../../server/core/log.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import { sealedAs } from "../../../server/flows/executions/record.ts";
import type {
  ExecutionRecorder,
  RecorderBounds,
} from "../../../server/flows/executions/recorder.ts";
import { openRecorder } from "../../../server/flows/executions/recorder.ts";
import { masterKey } from "../../../server/identity/master_key.ts";
import { sealer } from "../../../server/identity/seal.ts";
import type { ExecutionRecord } from "../../../server/store/executions.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";
import { endedRun } from "./ended.ts";

const seals = sealer([masterKey(new Uint8Array(32).fill(9))]);

describe("the recorder of executions (D-32)", () => {
  let place: StorePlace;
  let store: Store;
  let isDown: boolean;
  let batches: number[];
  let logged: [event: string, dropped: unknown][];
  let recorders: ExecutionRecorder[];
  let now: number;

  beforeEach(async () => {
    place = await openSqlitePlace();
    store = await openStore({ ...place, clock: systemClock, log: silentLog });
    [isDown, batches, logged, recorders, now] = [false, [], [], [], 1_800_000_000_000];
  });
  afterEach(async () => {
    for (const recorder of recorders) await recorder[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await place.cleanup();
  });

  const note = (event: string, facts: Readonly<Record<string, unknown>> = {}): void =>
    void logged.push([event, facts.dropped]);
  const log: Log = { ...silentLog, warn: note, error: note };
  function open(bounds: Partial<RecorderBounds> = {}): ExecutionRecorder {
    const executions = {
      async add(records: readonly ExecutionRecord[]) {
        if (isDown) throw new Refusal("UNAVAILABLE");
        batches.push(records.length);
        await store.executions.add(records);
      },
    };
    const clock = { now: () => milliseconds(now) };
    const few = { gatherMs: 10, pauseMs: 10, ...bounds };
    const recorder = openRecorder({ executions, sealer: seals, clock, log, bounds: few });
    recorders.push(recorder);
    return recorder;
  }
  /** Adds some, and gives their ids. */
  function addTo(recorder: ExecutionRecorder, count: number): string[] {
    const ended = Array.from({ length: count }, () => endedRun());
    for (const one of ended) recorder.add(one);
    return ended.map(({ run }) => run.executionId);
  }
  async function stored(ids: readonly string[]): Promise<number> {
    return (await store.executions.get(ids)).length;
  }
  async function untilStored(ids: readonly string[]): Promise<void> {
    for (let tries = 0; (await stored(ids)) < ids.length && tries < 500; tries += 1)
      await sleep(10);
    assert.equal(await stored(ids), ids.length);
  }

  it("writes many together, and one alone when no other comes", async () => {
    const recorder = open();
    await untilStored(addTo(recorder, 130));
    assert.deepEqual(batches, [64, 64, 2]);
    await untilStored(addTo(recorder, 1));
    assert.deepEqual(batches.slice(3), [1]);
    assert.deepEqual(logged, []);
  });

  it("gives what waits, until it is in the store", async () => {
    const recorder = open();
    const [id = ""] = addTo(recorder, 1);
    assert.equal(recorder.waiting(id)?.run.executionId, id);
    assert.equal(recorder.waiting("another"), undefined);
    await untilStored([id]);
    await recorder[Symbol.asyncDispose]();
    assert.equal(recorder.waiting(id), undefined);
  });

  it("keeps what it cannot write until the store is back, and says so once", async () => {
    const recorder = open();
    isDown = true;
    const before = addTo(recorder, 70);
    await sleep(100);
    const during = addTo(recorder, 3);
    assert.ok([...before, ...during].every((id) => recorder.waiting(id)));
    assert.deepEqual(logged, [["executions wait for the store", undefined]]);
    now += 5_000;
    isDown = false;
    await untilStored([...before, ...during]);
    // Written when it was written, so that who reads what is new does not miss it.
    const [first] = await store.executions.get(before.slice(0, 1));
    assert.equal(first?.recordedAt, now);
    assert.equal(logged.length, 1);
  });

  it("lets the oldest go beyond its bound, and says once how many", async () => {
    const recorder = open({ waiting: 20 });
    isDown = true;
    const [flying = ""] = addTo(recorder, 1);
    await sleep(50);
    const ids = addTo(recorder, 50);
    isDown = false;
    await untilStored(ids.slice(-19));
    await recorder[Symbol.asyncDispose]();
    // The one that was being written may be written already, so it is not the one that goes.
    assert.equal(await stored([flying]), 1);
    assert.equal(await stored(ids), 19);
    assert.deepEqual(logged.slice(1), [["executions dropped", 31]]);
  });

  it("counts what they are made of, not only how many they are", async () => {
    const recorder = open({ characters: 10_000 });
    isDown = true;
    const large = { log: [{ at: 0, level: "info", text: "x".repeat(4_000) }] } as const;
    for (let count = 0; count < 3; count += 1) recorder.add(endedRun(large));
    for (let count = 0; count < 3; count += 1)
      recorder.add(endedRun({ recording: "x".repeat(4_000) }));
    await recorder[Symbol.asyncDispose]();
    assert.deepEqual(logged.at(-1), ["executions dropped", 6]);
    isDown = false;
    const other = open({ characters: 10_000 });
    for (let count = 0; count < 6; count += 1) other.add(endedRun(large));
    await other[Symbol.asyncDispose]();
    assert.equal((await store.executions.list({}, undefined, 10)).length, 2);
  });

  it("does not let one that cannot be written keep the others back", async () => {
    const recorder = open();
    const before = addTo(recorder, 3);
    recorder.add(endedRun({}, "a slot with \0"));
    const behind = addTo(recorder, 3);
    await untilStored([...before, ...behind]);
    assert.deepEqual(logged, [["execution not recorded", undefined]]);
  });

  it("writes everything before it is closed", async () => {
    const recorder = open({ gatherMs: 60_000 });
    const ids = addTo(recorder, 70);
    await recorder[Symbol.asyncDispose]();
    assert.equal(await stored(ids), 70);
  });

  it("is closed also while the store is down, and says how many were lost", async () => {
    isDown = true;
    const recorder = open({ pauseMs: 60_000 });
    addTo(recorder, 70);
    await sleep(50);
    await recorder[Symbol.asyncDispose]();
    assert.deepEqual(logged.at(-1), ["executions dropped", 70]);
    assert.deepEqual(batches, []);
  });

  it("seals a recording for its execution (SEC-19)", async () => {
    const recorder = open();
    const ended = endedRun({ recording: "what the caller sent" });
    recorder.add(ended);
    const id = ended.run.executionId;
    await untilStored([id]);
    const [{ recording, ...record } = { recording: "" }] = await store.executions.get([id]);
    assert.equal(seals.open(sealedAs(id), recording ?? ""), "what the caller sent");
    assert.throws(() => seals.open(sealedAs("another"), recording ?? ""));
    assert.doesNotMatch(JSON.stringify(record), /caller/);
  });
});
