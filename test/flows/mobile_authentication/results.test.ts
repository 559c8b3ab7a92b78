// What portals see of a transaction as time goes by: results, waits for them, and states as they come (D-55,
// D-57).
import assert from "node:assert/strict";
import type { StartMobileAuthenticationResponse } from "../../../gen/gatewright/v1/mobile_auth.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import { getMobileAuthentication } from "../../../server/flows/mobile_authentication/get_result.ts";
import { watchTransaction } from "../../../server/flows/mobile_authentication/watch_transaction.ts";
import type { World } from "../../../server/flows/world.ts";
import type { PortalWorld } from "./portal_world.ts";
import { openPortalWorld } from "./portal_world.ts";

const never = new AbortController().signal;
const day = 86_400_000;

describe("what a portal sees of a transaction", function () {
  this.timeout(20_000);
  let room: PortalWorld;
  let started: StartMobileAuthenticationResponse;
  beforeEach(async () => {
    room = await openPortalWorld();
    started = await room.start();
  });
  afterEach(() => room[Symbol.asyncDispose]());

  const ask = (
    {
      wait = 0,
      deadline,
      signal = never,
    }: { wait?: number; deadline?: number; signal?: AbortSignal } = {},
    world: World = room.world,
  ) => {
    const request = { transactionId: started.transactionId, wait };
    return getMobileAuthentication(world, request, room.bank, { signal, deadline });
  };
  const notAnswered = { reason: "MOBILE_AUTHENTICATION_NOT_ANSWERED" };
  const notFound = { reason: "MOBILE_AUTHENTICATION_NOT_FOUND" };
  const watch = (credentials = room.bank, signal = never, world: World = room.world) =>
    watchTransaction(world, { transactionId: started.transactionId }, credentials, signal);

  /** Counts what portals wait for, and lets them wait. */
  function counted(onWait: (until: number) => void = () => {}): World {
    const { transactionWaits } = room.world;
    return {
      ...room.world,
      transactionWaits: {
        ...transactionWaits,
        change(wait, signal) {
          onWait(wait.until);
          return transactionWaits.change(wait, signal);
        },
      },
    };
  }

  it("has no result before it is answered, and none after it expired", async () => {
    await assert.rejects(ask(), notAnswered);
    room.pass(59_999);
    await assert.rejects(ask(), notAnswered);
    room.pass(1);
    await assert.rejects(ask(), notFound);
    await assert.rejects(ask({ wait: 10 }), notFound);
  });

  it("has none either when it was fetched and expired", async () => {
    await room.fetch(started);
    await assert.rejects(ask(), notAnswered);
    room.pass(60_000);
    await assert.rejects(ask(), notFound);
  });

  it("has its result for as long as the setting says, swept or not", async () => {
    await room.fetch(started);
    room.pass(59_999);
    await room.answer(started, "confirmed");
    const first = await ask();
    room.pass(day - 1);
    await room.sweep();
    assert.deepEqual(await ask(), first);
    room.pass(1);
    await assert.rejects(ask(), notFound);
    await room.sweep();
    await assert.rejects(ask(), notFound);
  });

  it("is waited for until half a second before the deadline at the latest", async () => {
    const now = room.world.clock.now();
    const asked: number[] = [];
    const waitFor = async (wait: number, deadline?: number) => {
      const leaving = new AbortController();
      const world = counted((until) => {
        asked.push(until - now);
        leaving.abort();
      });
      const call = { wait, signal: leaving.signal, ...(deadline && { deadline: now + deadline }) };
      await assert.rejects(ask(call, world), notAnswered);
    };
    await waitFor(60, 20_000);
    await waitFor(5, 20_000);
    await waitFor(5);
    await waitFor(60, 500);
    assert.deepEqual(asked, [19_500, 5_000, 5_000]);
  });

  it("is not waited for beyond its expiry", async () => {
    const now = room.world.clock.now();
    room.pass(50_000);
    const asked: number[] = [];
    const world = counted((until) => {
      asked.push(until - now);
      room.pass(10_000);
    });
    await assert.rejects(ask({ wait: 60 }, world), notFound);
    assert.deepEqual(asked, [60_000]);
  });

  it("is no concern of whoever has hung up", async () => {
    await assert.rejects(ask({ wait: 60, signal: AbortSignal.abort() }, counted()), notAnswered);
  });

  it("cannot be waited for while the store fails or the server stops", async () => {
    const waiting = ask({ wait: 60 });
    const failed = assert.rejects(waiting, { reason: "UNAVAILABLE" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await room.waits[Symbol.asyncDispose]();
    await failed;
  });

  it("comes state by state to whoever watches, with the result at the end", async () => {
    const watched = watch();
    const next = async () => (await watched.next()).value;
    assert.deepEqual(await next(), { state: "pending" });
    const fetched = next();
    await room.fetch(started);
    assert.deepEqual(await fetched, { state: "fetched" });
    const answered = next();
    await room.answer(started, "denied");
    assert.deepEqual(await answered, { state: "answered", result: await ask() });
    assert.equal((await watched.next()).done, true);
  });

  it("comes as it is to whoever begins to watch late, or reads slowly", async () => {
    const slow = watch();
    assert.deepEqual((await slow.next()).value, { state: "pending" });
    await room.fetch(started);
    await room.answer(started, "confirmed");
    assert.equal((await slow.next()).value?.state, "answered");
    const late = watch();
    assert.equal((await late.next()).value?.state, "answered");
    assert.equal((await late.next()).done, true);
  });

  it("ends for whoever watches when it expires", async () => {
    const watched = watch();
    await watched.next();
    const last = watched.next();
    room.pass(60_000);
    room.waits.tell(started.transactionId);
    assert.deepEqual((await last).value, { state: "expired" });
    assert.equal((await watched.next()).done, true);
    assert.deepEqual((await watch().next()).value, { state: "expired" });
  });

  it("has expired for whoever reads so slowly that it is gone", async () => {
    const watched = watch();
    await watched.next();
    room.pass(660_000);
    await room.sweep();
    assert.deepEqual((await watched.next()).value, { state: "expired" });
  });

  it("is not told again when nothing but the waiting has ended", async () => {
    const watched = watch();
    await watched.next();
    const next = watched.next();
    for (let times = 0; times < 5; times += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      room.waits.tell(started.transactionId);
    }
    await room.fetch(started);
    assert.deepEqual((await next).value, { state: "fetched" });
  });

  it("is told again after 20 seconds without a change, as a sign of life", async () => {
    const waits = Promise.withResolvers<void>();
    const watched = watch(
      room.bank,
      never,
      counted(() => waits.resolve()),
    );
    await watched.next();
    const { now } = performance;
    let later = 0;
    performance.now = () => now.call(performance) + later;
    try {
      const next = watched.next();
      // Once it waits; whether it has begun to or not, it is time.
      await new Promise((resolve) => setTimeout(resolve, 50));
      later = 20_000;
      room.waits.tell(started.transactionId);
      assert.deepEqual((await next).value, { state: "pending" });
    } finally {
      performance.now = now;
    }
  });

  it("is not found by what is no id, and no store is asked for that", async () => {
    for (const transactionId of ["", "x", "\0", `${started.transactionId}\0`, "é".repeat(128)]) {
      const call = { signal: never, deadline: undefined };
      const request = { transactionId, wait: 0 };
      const asked = getMobileAuthentication(room.world, request, room.bank, call);
      await assert.rejects(asked, notFound);
    }
  });

  it("is nobody else's to watch", async () => {
    await assert.rejects(watch(room.shop).next(), notFound);
    const transactionId = "00000000-0000-4000-8000-000000000000";
    await assert.rejects(
      watchTransaction(room.world, { transactionId }, room.bank, never).next(),
      notFound,
    );
  });

  it("is no more watched once the watcher has left", async () => {
    const leaving = new AbortController();
    const watched = watch(room.bank, leaving.signal);
    await watched.next();
    const next = watched.next();
    leaving.abort();
    assert.equal((await next).done, true);
  });

  it("cannot be watched while the store fails", async () => {
    const watched = watch(room.bank, never, {
      ...room.world,
      transactionWaits: {
        ...room.world.transactionWaits,
        change: async () => {
          throw new Refusal("UNAVAILABLE");
        },
      },
    });
    await watched.next();
    await assert.rejects(watched.next(), { reason: "UNAVAILABLE" });
  });
});
