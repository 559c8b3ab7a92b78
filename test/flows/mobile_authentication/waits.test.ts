// Waits for transactions over a real store: what ends them, how many there may be, and what they cost the
// store.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { StartMobileAuthenticationResponse } from "../../../gen/gatewright/v1/mobile_auth.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type {
  TransactionWait,
  TransactionWaits,
} from "../../../server/flows/mobile_authentication/waits.ts";
import { openTransactionWaits } from "../../../server/flows/mobile_authentication/waits.ts";
import type { PortalWorld } from "./portal_world.ts";
import { openPortalWorld } from "./portal_world.ts";

const never = new AbortController().signal;

describe("waits for transactions (D-57)", function () {
  this.timeout(20_000);
  let room: PortalWorld;
  let waits: TransactionWaits;
  let started: StartMobileAuthenticationResponse;
  let isDown: boolean;
  /** The ids that the store was asked for, look by look. */
  let looks: (readonly string[])[];
  beforeEach(async () => {
    room = await openPortalWorld();
    started = await room.start();
    [isDown, looks] = [false, []];
    const { store, clock } = room.world;
    const states = async (ids: readonly string[]) => {
      looks.push(ids);
      if (isDown) throw new Refusal("UNAVAILABLE");
      return store.mobileTransactions.states(ids);
    };
    waits = openTransactionWaits({ states }, clock);
  });
  afterEach(async () => {
    await waits[Symbol.asyncDispose]();
    await room[Symbol.asyncDispose]();
  });

  const change = (more: Partial<TransactionWait> = {}, signal = never): Promise<void> => {
    const until = room.world.clock.now() + 3_600_000;
    const { transactionId: id } = started;
    return waits.change({ id, state: "pending", until, caller: "bank", ...more }, signal);
  };
  /** Tells what became of a promise so far. */
  const standing = (promise: Promise<void>): Promise<string> =>
    Promise.race([
      promise.then(
        () => "ended",
        () => "failed",
      ),
      sleep(0, "open"),
    ]);
  /** Resolves when the store was asked so often, from now on. */
  async function looked(times: number): Promise<void> {
    for (const end = looks.length + times; looks.length < end; ) await sleep(20);
  }

  it("end at once when this process says that the transaction has changed", async () => {
    const { transactionId: id } = await room.start();
    const wait = change();
    const others = change({ id });
    others.catch(() => {});
    waits.tell(started.transactionId);
    await wait;
    assert.equal(await standing(others), "open");
  });

  it("end when another process has changed the transaction, and not before", async () => {
    const wait = change();
    await looked(2);
    assert.equal(await standing(wait), "open");
    await room.fetch(started);
    await wait;
    const next = change({ state: "fetched" });
    await looked(2);
    assert.equal(await standing(next), "open");
    await room.answer(started, "denied");
    await next;
  });

  it("end when the transaction is there no more", async () => {
    const wait = change();
    room.pass(60_000 + 600_000);
    await room.sweep();
    await wait;
  });

  it("end at their instant, and at once when that has passed", async () => {
    await change({ until: room.world.clock.now() + 50 });
    await change({ until: 0 });
  });

  it("end when whoever waits leaves, and leave nothing behind", async () => {
    const leaving = new AbortController();
    const wait = change({}, leaving.signal);
    leaving.abort();
    await wait;
    await change({}, AbortSignal.abort());
    await sleep(700);
    assert.equal(looks.length, 0);
  });

  it("are one question to the store, whoever waits for what", async () => {
    const second = await room.start();
    const ids = [started.transactionId, second.transactionId];
    const open = ids.flatMap((id) =>
      Array.from({ length: 200 }, (_, index) => change({ id, caller: `portal ${index}` })),
    );
    await looked(2);
    for (const asked of looks) assert.deepEqual(asked, ids);
    for (const id of ids) waits.tell(id);
    await Promise.all(open);
  });

  it("cost the store nothing while nobody waits, and begin anew", async () => {
    for (let round = 0; round < 2; round += 1) {
      const wait = change();
      await looked(1);
      waits.tell(started.transactionId);
      await wait;
      const before = looks.length;
      await sleep(1_200);
      assert.equal(looks.length, before);
    }
  });

  it("fail while the store does, and not afterwards", async () => {
    isDown = true;
    const all = [change(), change({ id: "another" })];
    for (const wait of all) await assert.rejects(wait, { reason: "UNAVAILABLE" });
    isDown = false;
    const wait = change();
    await looked(2);
    assert.equal(await standing(wait), "open");
    waits.tell(started.transactionId);
    await wait;
  });

  it("are at most 1,000 of a caller and 10,000 in all, and each that ends makes room", async () => {
    const limited = { reason: "RATE_LIMITED", facts: { retry_after: "1" } };
    const [leaving, first] = [new AbortController(), new AbortController()];
    const many = (caller: string, count = 1_000) =>
      Array.from({ length: count }, () => change({ caller }, leaving.signal));
    const open = [change({}, first.signal), ...many("bank", 999)];
    await assert.rejects(change(), limited);
    first.abort();
    await open[0];
    open.push(change({}, leaving.signal));
    for (let count = 1; count < 10; count += 1) open.push(...many(`portal ${count}`));
    await assert.rejects(change({ caller: "one more" }), limited);
    leaving.abort();
    await Promise.all(open);
    await change({ until: 0 });
  });

  it("fail when the server stops, then and from then on", async () => {
    const wait = change();
    const ended = assert.rejects(wait, { reason: "UNAVAILABLE" });
    await waits[Symbol.asyncDispose]();
    await ended;
    await assert.rejects(change(), { reason: "UNAVAILABLE" });
  });
});
