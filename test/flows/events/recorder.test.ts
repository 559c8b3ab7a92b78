// The recorder of events, before a real store that can be made to fail: all events are in the chain in
// their order, and what is lost is said.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import type { Log } from "../../../server/core/log.ts";
import { silentLog } from "../../../server/core/log.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import { readBody } from "../../../server/flows/events/event_body.ts";
import { eventTypes } from "../../../server/flows/events/event_types.ts";
import { readExcluded } from "../../../server/flows/events/excluded.ts";
import { pruneEvents } from "../../../server/flows/events/prune_events.ts";
import type { EventBounds, EventRecorder } from "../../../server/flows/events/recorder.ts";
import { openEventRecorder } from "../../../server/flows/events/recorder.ts";
import { budgets, noLimits, openLimits } from "../../../server/flows/limits.ts";
import type { World } from "../../../server/flows/world.ts";
import type { Append } from "../../../server/store/event_chain.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import { chain, start, verified } from "../../support/audit.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";

const origin = { address: "192.0.2.1", userAgent: "a phone" };
const event = (number: number, more: Partial<NewEvent> = {}): NewEvent => ({
  type: "DYNAMIC_REG_SUCCESS",
  details: { number },
  ...more,
});

describe("the recorder of events (D-63, SEC-77)", () => {
  let place: StorePlace;
  let store: Store;
  let isDown: boolean;
  let batches: number[];
  let logged: [event: string, lost: unknown][];
  let recorders: EventRecorder[];
  let now: number;

  beforeEach(async () => {
    place = await openSqlitePlace();
    store = await openStore({ ...place, clock: systemClock, log: silentLog });
    [isDown, batches, logged, recorders, now] = [false, [], [], [], start];
  });
  afterEach(async () => {
    for (const recorder of recorders) await recorder[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await place.cleanup();
  });

  const note = (name: string, facts: Readonly<Record<string, unknown>> = {}): void =>
    void logged.push([name, facts.lost]);
  const log: Log = { ...silentLog, warn: note, error: note };
  function open(bounds: Partial<EventBounds> = {}, excluded = ""): EventRecorder {
    const events = {
      async append(given: Append) {
        if (isDown) throw new Refusal("UNAVAILABLE");
        batches.push(given.events.length);
        return store.events.append(given);
      },
    };
    const recorder = openEventRecorder({
      events,
      chain,
      clock: { now: () => milliseconds(now) },
      log,
      excluded: readExcluded(excluded),
      bounds: { pauseMs: 5, ...bounds },
    });
    recorders.push(recorder);
    return recorder;
  }
  const written = async () =>
    (await store.events.read(0, 10_000)).map(({ body }) => readBody(body)!);
  const numbers = async (): Promise<number[]> =>
    (await written()).flatMap(({ details }) => (details?.number ? [Number(details.number)] : []));
  const range = (first: number, last: number): number[] =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);

  it("writes what one turn notes together, and the next batch when that is written", async () => {
    const recorder = open({ batch: 100 });
    for (const number of range(1, 30)) recorder.add(event(number), origin);
    await new Promise((resume) => setImmediate(resume));
    for (const number of range(31, 250)) recorder.add(event(number), origin);
    await recorder.drain();
    assert.deepEqual(batches, [30, 100, 100, 20]);
    assert.deepEqual(await numbers(), range(1, 250));
    assert.deepEqual((await verified(store)).problems, []);
  });

  it("drains what was noted before, whoever asks, and at once when there is nothing", async () => {
    const recorder = open();
    await recorder.drain();
    for (const number of range(1, 5)) {
      recorder.add(event(number), origin);
      await Promise.all([recorder.drain(), recorder.drain()]);
      assert.equal((await store.events.ends()).lastSeq, number);
    }
  });

  it("keeps everything within bounds while the store is down, and loses none", async () => {
    const recorder = open();
    isDown = true;
    for (const number of range(1, 700)) recorder.add(event(number), origin);
    await assert.rejects(recorder.drain(), { reason: "UNAVAILABLE" });
    recorder.add(event(701), origin);
    isDown = false;
    await recorder.drain();
    assert.deepEqual(await numbers(), range(1, 701));
    assert.ok((await written()).every(({ event_type }) => event_type !== "EVENTS_LOST"));
  });

  it("goes on by itself when the store is back", async () => {
    const recorder = open();
    isDown = true;
    recorder.add(event(1), origin);
    await assert.rejects(recorder.drain());
    isDown = false;
    for (let tries = 0; tries < 200 && (await numbers()).length === 0; tries += 1) {
      await new Promise((resume) => setTimeout(resume, 10));
    }
    assert.deepEqual(await numbers(), [1]);
  });

  it("loses the newest beyond its bounds, and says in the chain how many", async () => {
    const recorder = open({ waiting: 10 });
    isDown = true;
    for (const number of range(1, 25)) recorder.add(event(number), origin);
    await assert.rejects(recorder.drain());
    isDown = false;
    await recorder.drain();
    recorder.add(event(26), origin);
    await recorder.drain();
    assert.deepEqual(await numbers(), [...range(1, 10), 26]);
    const lost = (await written()).find(({ event_type }) => event_type === "EVENTS_LOST");
    assert.deepEqual(lost?.details, { lost: "15" });
    assert.deepEqual(logged.at(-1), ["events lost", 15]);
    assert.deepEqual((await verified(store)).problems, []);
  });

  it("writes all that waits when it is closed, and says what it had to give up", async () => {
    const recorder = open({ batch: 7 });
    for (const number of range(1, 50)) recorder.add(event(number), origin);
    await recorder[Symbol.asyncDispose]();
    assert.deepEqual(await numbers(), range(1, 50));
    const other = open();
    isDown = true;
    for (const number of range(1, 4)) other.add(event(number), origin);
    await other[Symbol.asyncDispose]();
    assert.deepEqual(logged.at(-1), ["events lost", 4]);
  });

  it("keeps one that cannot be written from no other", async () => {
    const failing = {
      ...chain,
      mac: (...[previous, seq, body]: Parameters<typeof chain.mac>) => {
        assert(!body.includes('"number":"3"'), "not this one");
        return chain.mac(previous, seq, body);
      },
    };
    const recorder = openEventRecorder({
      events: store.events,
      chain: failing,
      clock: systemClock,
      log,
    });
    recorders.push(recorder);
    for (const number of range(1, 5)) recorder.add(event(number), origin);
    await recorder.drain();
    assert.deepEqual(await numbers(), [1, 2, 4, 5]);
    await recorder.drain();
    const last = (await written()).at(-1);
    assert.deepEqual([last?.event_type, last?.details], ["EVENTS_LOST", { lost: "1" }]);
  });

  it("keeps no event of an excluded type", async () => {
    const recorder = open({}, " ID_TOKEN_CREATED ,DYNAMIC_UP_SUCCESS");
    for (const type of eventTypes) recorder.add({ type }, origin);
    assert.deepEqual(recorder.carried({ type: "ID_TOKEN_CREATED" }, origin).events, []);
    await recorder.drain();
    const kept = (await written()).map(({ event_type }) => event_type);
    const excluded = ["ID_TOKEN_CREATED", "DYNAMIC_UP_SUCCESS"];
    assert.deepEqual(
      kept,
      eventTypes.filter((type) => !excluded.includes(type)),
    );
  });

  it("takes no unknown type to exclude", () => {
    assert.throws(() => readExcluded("ID_TOKEN_CREATED,TOKENS"), {
      message: 'GATEWRIGHT_EVENTS_EXCLUDED: got "TOKENS", which is no type of event',
    });
  });

  it("counts the addresses of one IPv6 network as one stranger (SEC-75)", () => {
    const keys: string[] = [];
    const limits = {
      demand: (_: string, key: readonly string[]) => void keys.push(...key),
      spend() {},
    };
    const recorder = open();
    for (const address of ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]) {
      recorder.addFailure(event(1), { ...origin, address }, limits);
    }
    assert.deepEqual(keys, ["2001:db8::/64", "2001:db8::/64", "2001:db8:0:1::/64"]);
  });

  it("notes failures of strangers within the budget of their address, and counts the others (SEC-75)", async () => {
    const recorder = open();
    let left = 2;
    const limits = {
      demand(limit: string, key: readonly string[]) {
        assert.deepEqual([limit, key], ["failure_events", [origin.address]]);
        if (left <= 0) throw new Refusal("RATE_LIMITED", { retry_after: "1" });
      },
      spend() {
        left -= 1;
      },
    };
    for (const number of range(1, 7)) recorder.addFailure(event(number), origin, limits);
    left = 1;
    recorder.addFailure(event(8), origin, limits);
    recorder.addFailure(event(9), origin, noLimits);
    await recorder.drain();
    assert.deepEqual(
      (await written()).map(({ details }) => details),
      [{ number: "1" }, { number: "2" }, { number: "8", skipped: "5" }, { number: "9" }],
    );
  });

  it("keeps room for others, whatever strangers cause while the store is down (SEC-76)", async () => {
    isDown = true;
    const recorder = open({ waiting: 10 });
    for (const number of range(1, 20)) recorder.addFailure(event(number), origin, noLimits);
    for (const number of range(21, 25)) recorder.add(event(number), origin);
    isDown = false;
    await recorder.drain();
    assert.deepEqual((await numbers()).slice(-5), range(21, 25));
    recorder.addFailure(event(26), origin, noLimits);
    await recorder.drain();
    assert.equal((await written()).at(-1)?.details?.skipped, "15");
  });

  it("gives all addresses of one IPv6 network one budget for failures (SEC-75)", async () => {
    const recorder = open();
    const limits = openLimits({ now: () => milliseconds(now) });
    const { capacity } = budgets.failure_events;
    for (const number of range(1, 2 * capacity)) {
      const address = `2001:db8::${number.toString(16)}`;
      recorder.addFailure(event(number), { ...origin, address }, limits);
    }
    await recorder.drain();
    assert.equal((await written()).length, capacity);
  });

  const hostile = {
    quotes: `"'\\";--<script>`,
    lines: "one\r\ntwo\u2028three\u0000\u001b[2J\u0007",
    directions: "\u202eabc\u2066",
    emoji: "👩‍👩‍👧 İstanbul ß",
    "half a pair": "x\ud800y",
    "a cut pair": `${"x".repeat(255)}👍`,
    long: "é".repeat(5_000),
  };
  for (const [what, text] of Object.entries(hostile)) {
    it(`keeps hostile texts in every field, bounded and provable: ${what} (SEC-78)`, async () => {
      const recorder = open();
      const all = {
        type: "DYNAMIC_REG_SUCCESS",
        clientId: text,
        userId: text,
        application: text,
        transactionId: text,
        agent: text,
        details: { [text]: text, number: 1, absent: undefined },
      } as const;
      recorder.add(all, { address: text, userAgent: text });
      await recorder.drain();
      const { verified: count, problems } = await verified(store);
      assert.deepEqual([count, problems], [1, []]);
      const [row] = await store.events.read(0, 1);
      assert.doesNotMatch(row!.body, /\p{Cc}/u);
      assert.ok(row!.body.length < 9_000);
      const body = readBody(row!.body)!;
      assert.equal(body.user_id, text.slice(0, 256).toWellFormed().replaceAll("\0", "\ufffd"));
      assert.equal(row!.userKey, body.user_id!.toLowerCase());
      const { total } = await store.events.list(
        { userKey: row!.userKey!, clientId: body.client_id, transactionId: body.transaction_id },
        0,
        1,
      );
      assert.equal(total, 1);
    });
  }

  it("removes what is older than the setting, says so, and nothing that was changed by hand", async () => {
    const recorder = open();
    for (const number of range(1, 450)) {
      now = start + number;
      recorder.add(event(number), origin);
    }
    await recorder.drain();
    now = start + 1_000;
    const world = {
      store,
      identity: { auditChain: chain },
      policy: { eventsAge: milliseconds(590) },
      clock: { now: () => milliseconds(now) },
      events: recorder,
    } as unknown as World;
    assert.equal(await pruneEvents(world), 409);
    await recorder.drain();
    const last = (await written()).at(-1);
    assert.deepEqual([last?.event_type, last?.details], ["EVENTS_REMOVED", { removed: "409" }]);
    const { problems, last: stretch } = await verified(store);
    assert.deepEqual([problems, stretch.removed], [[], 409]);
    assert.equal(await pruneEvents(world), 0);
  });
});
