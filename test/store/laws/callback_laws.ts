// The laws of the outbox of callbacks: each is had by one at a time, and stays until it was delivered.
import assert from "node:assert/strict";
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import type { Callback, CallbackFilter, NewCallback } from "../../../server/store/callbacks.ts";
import { callbacksIn, putCallbackIn } from "../../../server/store/callbacks.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { sweepAll, sweepStep } from "../../../server/store/sweep.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import type { MobileStore } from "./mobile_store.ts";
import { mobileStore, newCallback } from "./mobile_store.ts";
import { at, start } from "./new_tokens.ts";

const lease = milliseconds(30_000);
const ids = (callbacks: readonly Callback[]): string[] => callbacks.map(({ id }) => id);

/** Describes the laws of callbacks for one way to keep data. */
export function callbackLaws(row: StoreRow): void {
  describe(`callbacks in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let store: MobileStore;

    before(async function () {
      place = await openOrSkip(row, this);
      store = mobileStore(await openDurable(place.durable));
    });
    beforeEach(() => store?.durable.db.deleteFrom("callback").execute());
    after(async () => {
      await store?.durable[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    const put = async (...callbacks: readonly Partial<NewCallback>[]): Promise<NewCallback[]> => {
      const statement = putCallbackIn(store.durable);
      const added = callbacks.map(newCallback);
      await store.durable.unit(added.map((callback) => ({ query: statement(callback) })));
      return added;
    };
    /** Puts many, a second apart. */
    const putMany = (count: number, changes: Partial<NewCallback> = {}) =>
      put(...Array.from({ length: count }, (_, second) => ({ createdAt: at(second), ...changes })));
    const claim = (now: Milliseconds, limit = 100, except: readonly string[] = []) =>
      store.callbacks.claim(now, { lease, limit, except });
    const list = (filter: CallbackFilter = {}, limit = 100) => store.callbacks.list(filter, limit);
    /** Puts some into the empty outbox, and gives them up. */
    const giveUp = async (...callbacks: readonly Partial<NewCallback>[]): Promise<string[]> => {
      const added = await put(...callbacks);
      const claimed = await claim(at(86_400));
      assert.equal(claimed.length, added.length);
      for (const { id, attempts } of claimed) {
        assert.equal(await store.callbacks.failed(id, attempts, "gone", null), true);
      }
      return added.map(({ id }) => id);
    };

    describe("are claimed", () => {
      it("as they were put, from their beginning on, for the lease", async () => {
        const [callback] = await put({ createdAt: at(5) });
        assert.deepEqual(await claim(milliseconds(at(5) - 1)), []);
        const nextAt = milliseconds(at(5) + lease);
        const claimed = {
          ...callback!,
          state: "waiting",
          attempts: 1,
          nextAt,
          lastError: null,
        };
        assert.deepEqual(await claim(at(5)), [claimed]);
        assert.deepEqual(await list(), [claimed]);
        assert.deepEqual(await claim(milliseconds(nextAt - 1)), []);
        const again = { ...claimed, attempts: 2, nextAt: milliseconds(nextAt + lease) };
        assert.deepEqual(await claim(nextAt), [again]);
      });

      it("the oldest first, as many as are asked for", async () => {
        const added = ids((await putMany(10)) as never);
        assert.deepEqual(ids(await claim(at(100), 4)), added.slice(0, 4));
        assert.deepEqual(ids(await claim(at(100), 4)), added.slice(4, 8));
        assert.deepEqual(ids(await claim(at(100), 4)), added.slice(8));
        assert.deepEqual(await claim(at(100), 0), []);
      });

      it("over all URLs, except those to leave", async () => {
        const urls = ["https://a.example/", "https://b.example/", "https://c.example/x?y=%20"];
        const added = await put(...urls.flatMap((url) => [{ url }, { url, createdAt: at(1) }]));
        const [a, b] = urls as [string, string];
        const left = (except: readonly string[]) =>
          added
            .filter(({ url }) => !except.includes(url))
            .map(({ id }) => id)
            .sort();
        const except = [a, b, "https://unknown.example/"];
        assert.deepEqual(ids(await claim(at(1), 10, except)).sort(), left(except));
        assert.deepEqual(await claim(at(1), 10, except), []);
        assert.deepEqual(await claim(at(1), 10, urls), []);
        assert.deepEqual(ids(await claim(at(1), 10)).sort(), left([urls[2]!]));
      });

      it("by the URL that has waited longest first, where not all fit", async () => {
        const [late, early] = await put(
          { url: "https://a.example/", createdAt: at(9) },
          { url: "https://b.example/", createdAt: at(3) },
        );
        assert.deepEqual(ids(await claim(at(9), 1)), [early!.id]);
        assert.deepEqual(ids(await claim(at(9), 1)), [late!.id]);
      });

      it("over more URLs than one claim looks at", async () => {
        const added = await put(
          ...Array.from({ length: 250 }, (_, index) => ({ url: `https://${index}.example/` })),
        );
        const claimed: string[] = [];
        for (let found = await claim(start, 60); found.length > 0; found = await claim(start, 60)) {
          claimed.push(...ids(found));
        }
        assert.deepEqual(claimed.sort(), added.map(({ id }) => id).sort());
      });

      it("with a URL of 2048 characters that nothing makes shorter", async () => {
        const path = Array.from({ length: 100 }, () => randomId()).join("");
        const url = `https://portal.example/${path}`.slice(0, 2048);
        assert.equal(url.length, 2048);
        await put({ url });
        assert.deepEqual(
          (await claim(start)).map((each) => each.url),
          [url],
        );
      });

      it("by one of many at once, and none is left (SEC-61)", async () => {
        await using other = await openDurable(place.durable);
        const outboxes = [store.callbacks, callbacksIn(other)];
        const urls = Array.from({ length: 5 }, (_, index) => `https://${index}.example/`);
        const added = await put(
          ...Array.from({ length: 300 }, (_, index) => ({ url: urls[index % 5]! })),
        );
        const claimed = await Promise.all(
          Array.from({ length: 8 }, async (_, worker) => {
            const mine: string[] = [];
            while (mine.length < 300) {
              const found = await outboxes[worker % 2]!.claim(start, {
                lease,
                limit: 7,
                except: worker % 4 === 0 ? urls.slice(0, 4) : [],
              });
              if (found.length === 0) return mine;
              assert.ok(found.length <= 7 && found.every(({ attempts }) => attempts === 1));
              mine.push(...ids(found));
            }
            return mine;
          }),
        );
        // Whoever looks while others claim may find nothing, and looks again later.
        const rest = ids(await claim(start, 300));
        assert.deepEqual([...claimed.flat(), ...rest].sort(), added.map(({ id }) => id).sort());
      });
    });

    describe("are settled", () => {
      it("by their delivery, once", async () => {
        const [{ id } = { id: "" }] = await put({});
        assert.equal(await store.callbacks.delivered(id, 1), false);
        await claim(start);
        assert.equal(await store.callbacks.delivered("msg_other", 1), false);
        assert.equal(await store.callbacks.delivered(id, 1), true);
        assert.equal(await store.callbacks.delivered(id, 1), false);
        assert.deepEqual(await list(), []);
      });

      it("by a failure, until their next try", async () => {
        const [callback] = await put({});
        await claim(start);
        const { id } = callback!;
        assert.equal(await store.callbacks.failed(id, 1, "answered 500", at(5)), true);
        const waiting = { state: "waiting", attempts: 1, nextAt: at(5), lastError: "answered 500" };
        assert.deepEqual(await list(), [{ ...callback, ...waiting }]);
        assert.deepEqual(await claim(milliseconds(at(5) - 1)), []);
        const [again] = await claim(at(5));
        assert.deepEqual([again?.attempts, again?.lastError], [2, "answered 500"]);
      });

      it("by giving them up, which nobody claims any more", async () => {
        const [callback] = await put({});
        await claim(start);
        const { id } = callback!;
        assert.equal(await store.callbacks.failed(id, 1, "gone", null), true);
        const dead = { state: "dead", attempts: 1, nextAt: null, lastError: "gone" };
        assert.deepEqual(await list(), [{ ...callback, ...dead }]);
        assert.deepEqual(await claim(at(1_000_000)), []);
      });

      it("by nobody whose lease ran out and who was followed by another", async () => {
        const [{ id } = { id: "" }] = await put({});
        const [first] = await claim(start);
        // Late, but nobody else has it.
        assert.equal(await store.callbacks.failed(id, first!.attempts, "slow", start), true);
        const [second] = await claim(milliseconds(start + 2 * lease));
        assert.equal(await store.callbacks.delivered(id, first!.attempts), false);
        assert.equal(await store.callbacks.failed(id, first!.attempts, "late", null), false);
        const [standing] = await list();
        assert.deepEqual([standing?.state, standing?.lastError], ["waiting", "slow"]);
        assert.equal(await store.callbacks.delivered(id, second!.attempts), true);
      });
    });

    describe("are listed", () => {
      it("newest first, by state and URL, page by page", async () => {
        const [a, b] = ["https://a.example/", "https://b.example/"] as const;
        const dead = await giveUp(
          { url: a, createdAt: at(1) },
          { url: b, createdAt: at(4) },
          { url: a, createdAt: at(6) },
        );
        const waiting = (
          await put({ url: a, createdAt: at(2) }, { url: b, createdAt: at(3) }, { url: b })
        ).map(({ id }) => id);
        const [d1, d4, d6] = dead as [string, string, string];
        const [w2, w3, w0] = waiting as [string, string, string];
        assert.deepEqual(ids(await list()), [d6, d4, w3, w2, d1, w0]);
        assert.deepEqual(ids(await list({ state: "dead" })), [d6, d4, d1]);
        assert.deepEqual(ids(await list({ state: "waiting" })), [w3, w2, w0]);
        assert.deepEqual(ids(await list({ url: a })), [d6, w2, d1]);
        assert.deepEqual(ids(await list({ url: b, state: "dead" })), [d4]);
        assert.deepEqual(ids(await list({ url: b, state: "waiting" })), [w3, w0]);
        assert.deepEqual(ids(await list({}, 2)), [d6, d4]);
        const after = { createdAt: at(4), id: d4 };
        assert.deepEqual(ids(await list({ after }, 3)), [w3, w2, d1]);
        assert.deepEqual(ids(await list({ after, state: "dead" })), [d1]);
        assert.deepEqual(ids(await list({ after, state: "waiting", url: b })), [w3, w0]);
      });

      it("in one order when they are of the same moment", async () => {
        const added = (await put({}, {}, {}, {}, {})).map(({ id }) => id);
        const all = await list();
        assert.deepEqual(ids(all).toSorted(), added.toSorted());
        const paged: string[] = [];
        for (let after: Callback | undefined; paged.length < 5; ) {
          const [next] = await list({ after }, 1);
          paged.push(next!.id);
          after = next;
        }
        assert.deepEqual(paged, ids(all));
      });
    });

    describe("are resent", () => {
      it("with all their tries, whether they were given up or wait", async () => {
        const [dead] = await giveUp({});
        const [waiting] = await put({ createdAt: at(500_000) });
        for (const id of [dead!, waiting!.id]) {
          assert.equal(await store.callbacks.resend(id, at(100_000)), true);
        }
        const claimed = await claim(at(100_000));
        assert.deepEqual(ids(claimed).toSorted(), [dead!, waiting!.id].sort());
        assert.deepEqual(
          claimed.map(({ attempts }) => attempts),
          [1, 1],
        );
        assert.equal(await store.callbacks.resend("msg_unknown", at(1)), false);
      });

      it("all that were given up, perhaps only to one URL, and no others", async () => {
        const [a, b] = ["https://a.example/", "https://b.example/"] as const;
        const dead = await giveUp({ url: a }, { url: b }, { url: a });
        const [waiting] = await put({ url: a, createdAt: at(500_000) });
        const { callbacks } = store;
        assert.equal(await callbacks.resendDead("https://c.example/", at(100_000)), 0);
        assert.equal(await callbacks.resendDead(a, at(100_000)), 2);
        assert.deepEqual(ids(await list({ state: "dead" })), [dead[1]]);
        assert.equal(await callbacks.resendDead(undefined, at(100_000)), 1);
        assert.equal(await callbacks.resendDead(undefined, at(100_000)), 0);
        const claimed = ids(await claim(at(100_000)));
        assert.deepEqual(claimed.sort(), dead.toSorted());
        assert.equal((await list({ url: a })).at(0)?.id, waiting?.id);
      });

      it("a thousand and more, by several at once, each once", async () => {
        const count = 2 * sweepStep + 1;
        await putMany(count);
        await store.durable.db
          .updateTable("callback")
          .set({ next_at: null, given_up_at: start })
          .execute();
        const resent = await Promise.all(
          Array.from({ length: 3 }, () => store.callbacks.resendDead(undefined, at(100_000))),
        );
        assert.equal(
          resent.reduce((sum, each) => sum + each),
          count,
        );
        assert.deepEqual(await list({ state: "dead" }), []);
      });
    });

    describe("are swept", () => {
      it("when they were given up long ago, however old they are, to the millisecond", async () => {
        const [first] = await giveUp({ createdAt: at(1) });
        const [second, waiting] = await put({}, { createdAt: at(1_000_000) });
        const [claimed] = await claim(at(100_000));
        await store.callbacks.failed(second!.id, claimed!.attempts, "gone", null);
        const { callbacks } = store;
        const givenUp = milliseconds(at(86_400) + lease);
        assert.equal(await callbacks.sweepStep(milliseconds(givenUp - 1)), 0);
        assert.deepEqual(ids(await list()), [waiting!.id, first, second!.id]);
        assert.equal(await callbacks.sweepStep(givenUp), 1);
        assert.deepEqual(ids(await list()), [waiting!.id, second!.id]);
        assert.equal(await callbacks.sweepStep(at(1_000_000)), 1);
      });

      it("not when they were resent meanwhile", async () => {
        const [one, two] = await giveUp({}, {});
        await store.callbacks.resend(one!, at(100_000));
        await store.callbacks.resendDead(undefined, at(100_000));
        await claim(at(100_000));
        await store.callbacks.failed(one!, 1, "again", at(200_000));
        assert.equal(await store.callbacks.sweepStep(at(150_000)), 0);
        assert.deepEqual(ids(await list()).sort(), [one, two].sort());
      });

      it("in steps of a bounded number", async () => {
        await putMany(sweepStep + 3);
        await store.durable.db
          .updateTable("callback")
          .set({ next_at: null, given_up_at: start })
          .execute();
        const step = () => store.callbacks.sweepStep(at(100_000));
        assert.equal(await step(), sweepStep);
        assert.equal(await sweepAll(step), 3);
      });
    });
  });
}
