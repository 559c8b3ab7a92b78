// A tail of executions over a real store: what is written out of order comes once, a slow reader misses
// nothing.
import assert from "node:assert/strict";
import type { TailExecutionsResponse } from "../../../gen/gatewright/v1/script_admin.ts";
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { silentLog } from "../../../server/core/log.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import { recordOf } from "../../../server/flows/executions/record.ts";
import { tailExecutions } from "../../../server/flows/executions/tail_executions.ts";
import { masterKey } from "../../../server/identity/master_key.ts";
import { sealer } from "../../../server/identity/seal.ts";
import type { Executions } from "../../../server/store/executions.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";
import { endedRun } from "./ended.ts";

const seals = sealer([masterKey(new Uint8Array(32).fill(9))]);
const start = 1_800_000_000_000;

describe("tailExecutions (D-32)", () => {
  let place: StorePlace;
  let store: Store;
  let now: number;
  let leaving: AbortController;
  let isDown: boolean;
  let beforeGet: (() => Promise<unknown>) | undefined;
  beforeEach(async () => {
    place = await openSqlitePlace();
    store = await openStore({ ...place, clock: systemClock, log: silentLog });
    [now, leaving, isDown, beforeGet] = [start, new AbortController(), false, undefined];
  });
  afterEach(async () => {
    leaving.abort();
    await store[Symbol.asyncDispose]();
    await place.cleanup();
  });

  /** Writes executions as recorded at these instants, and gives their ids. */
  async function writeAll(instants: readonly number[]): Promise<string[]> {
    const records = instants.map((at) => recordOf(endedRun(), seals, milliseconds(at)));
    await store.executions.add(records);
    return records.map(({ id }) => id);
  }
  const write = async (recordedAt: number): Promise<string> =>
    (await writeAll([recordedAt]))[0] as string;

  /** Begins a tail; `next` gives the id of the next execution. */
  async function begin(): Promise<{ next(): Promise<string | undefined> }> {
    const executions: Executions = {
      ...store.executions,
      since: (...given) =>
        isDown ? Promise.reject(new Refusal("UNAVAILABLE")) : store.executions.since(...given),
      async get(ids) {
        await beforeGet?.();
        return store.executions.get(ids);
      },
    };
    const clock = { now: () => now as Milliseconds };
    const request = { script: "", failed: false };
    const tail = tailExecutions({ clock, store: { executions } }, request, leaving.signal);
    const first = await tail.next();
    assert.deepEqual(first.value, { execution: undefined });
    return {
      async next() {
        const { value }: IteratorResult<TailExecutionsResponse, unknown> = await tail.next();
        return (value as TailExecutionsResponse | undefined)?.execution?.id;
      },
    };
  }

  it("tells what is recorded after it began, and nothing that was there", async () => {
    await write(start - 1_000);
    await write(start);
    const tail = await begin();
    const id = await write(start + 10);
    assert.equal(await tail.next(), id);
  });

  it("tells once what another process commits late, behind what was told", async () => {
    const tail = await begin();
    const told = await write(start + 4_000);
    assert.equal(await tail.next(), told);
    now = start + 4_000;
    const late = await write(start + 10);
    assert.equal(await tail.next(), late);
    // Were one told again, it would come before this one.
    const last = await write(start + 4_001);
    assert.equal(await tail.next(), last);
  });

  it("misses nothing when its reader is slow", async () => {
    const tail = await begin();
    const first = await write(start + 10);
    assert.equal(await tail.next(), first);
    // The reader comes back after minutes, in which more was recorded than is read at once.
    const written = await writeAll(Array.from({ length: 1_100 }, (_, index) => start + 20 + index));
    now = start + 300_000;
    const told: (string | undefined)[] = [];
    for (const _ of written) told.push(await tail.next());
    assert.deepEqual(told, written);
  });

  it("goes on after the instants that it remembers have passed", async () => {
    const tail = await begin();
    for (let minute = 0; minute < 5; minute += 1) {
      now = start + minute * 60_000;
      const id = await write(now);
      assert.equal(await tail.next(), id);
    }
  });

  it("leaves out what is swept before it is told", async () => {
    const tail = await begin();
    const [, , last] = await writeAll([start + 1, start + 2, start + 3]);
    beforeGet = () => store.executions.sweep(milliseconds(start + 2), milliseconds(0), 100);
    assert.equal(await tail.next(), last);
  });

  it("ends when its reader leaves, and as unavailable when the store fails", async () => {
    const tail = await begin();
    const pending = tail.next();
    leaving.abort();
    assert.equal(await pending, undefined);
    leaving = new AbortController();
    const other = await begin();
    isDown = true;
    await assert.rejects(other.next(), { reason: "UNAVAILABLE" });
  });
});
