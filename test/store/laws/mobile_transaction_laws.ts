// The laws of mobile authentications: each goes one way, once, for one enrolment, in its time.
import assert from "node:assert/strict";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId, uuid } from "../../../server/core/id.ts";
import { configurationIn } from "../../../server/store/configuration.ts";
import { openDurable } from "../../../server/store/durable.ts";
import type { MobileEnrolment } from "../../../server/store/mobile_enrolments.ts";
import type { MobileAnswer, MobileEnd } from "../../../server/store/mobile_transactions.ts";
import { profilesIn } from "../../../server/store/profiles.ts";
import { sweepAll, sweepStep } from "../../../server/store/sweep.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import type { MobileStore } from "./mobile_store.ts";
import { mobileStore, newAnswer, newCallback, newTransaction } from "./mobile_store.ts";
import { at, start } from "./new_tokens.ts";

const ends: readonly MobileEnd[] = ["confirmed", "denied", "invalid"];
const notFetched = { clientId: null, profileId: null, userId: null, enrolmentId: null };

/** Describes the laws of mobile transactions for one way to keep data. */
export function mobileTransactionLaws(row: StoreRow): void {
  describe(`mobile transactions in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let store: MobileStore;

    before(async function () {
      place = await openOrSkip(row, this);
      store = mobileStore(await openDurable(place.durable));
    });
    after(async () => {
      await store?.durable[Symbol.asyncDispose]();
      await place?.cleanup();
    });
    const stateOf = async (id: string) => (await store.transactions.find(id))?.state;
    const callbacksOf = async (id: string) =>
      (await store.callbacks.list({}, 100_000)).filter(({ transactionId }) => transactionId === id);
    const answer = (id: string, enrolment: MobileEnrolment, changes?: Partial<MobileAnswer>) =>
      store.transactions.answer(id, newAnswer(enrolment.id, changes));
    /** What takes the ground from under an enrolment. */
    const losses: Readonly<Record<string, (enrolment: MobileEnrolment) => Promise<unknown>>> = {
      "is unknown": ({ clientId, profileId }) => store.enrolments.remove(clientId, profileId),
      "was revoked": ({ userId, clientId }) => store.enrolments.revoke(userId, clientId, at(1)),
      "went with its profile": ({ clientId, profileId }) =>
        profilesIn(store.durable).remove(clientId, profileId, "test", start),
      "was replaced": async (enrolment) => {
        const { clientId, profileId, userId } = enrolment;
        const again = await store.register({ clientId, profileId, userId });
        assert.equal((await store.enrol(again)).kind, "kept");
      },
    };

    it("are kept and found as they were added, their message apart", async () => {
      const added = newTransaction({ callbackUri: null, sealedMessage: "the message" });
      await store.transactions.add(added);
      const { sealedMessage, ...rest } = added;
      const found = { ...rest, ...notFetched, state: "pending", answeredAt: null };
      assert.deepEqual(await store.transactions.find(added.id), found);
      assert.equal(await store.transactions.sealedMessage(added.id), sealedMessage);
      for (const id of [uuid(), added.id.toUpperCase(), "", `${added.id} `]) {
        assert.equal(await store.transactions.find(id), undefined);
        assert.equal(await store.transactions.sealedMessage(id), undefined);
      }
    });

    it("are added once", async () => {
      const { id } = await store.begin();
      await assert.rejects(store.begin({ id }), { reason: "UNAVAILABLE" });
    });

    it("keep a message of six million characters (D-54)", async () => {
      const sealedMessage = "ä".repeat(6_000_000);
      const { id } = await store.begin({ sealedMessage });
      assert.equal(await store.transactions.sealedMessage(id), sealedMessage);
    });

    describe("are fetched", () => {
      it("once, for the enrolment, which drops the message (SEC-42)", async () => {
        const enrolment = await store.enrolled();
        const { id, otpHash, sealedMessage, ...rest } = await store.begin();
        assert.equal(await store.transactions.fetch(id, otpHash, enrolment, at(1)), true);
        assert.equal(await store.transactions.sealedMessage(id), undefined);
        const [row] = await store.durable.db
          .selectFrom("mobile_transaction")
          .select("sealed_message")
          .where("id", "=", id)
          .execute();
        assert.equal(row?.sealed_message, null);
        const { clientId, profileId, userId } = enrolment;
        assert.deepEqual(await store.transactions.find(id), {
          id,
          otpHash,
          ...rest,
          state: "fetched",
          clientId,
          profileId,
          userId,
          enrolmentId: enrolment.id,
          answeredAt: null,
        });
        assert.equal(await store.transactions.fetch(id, otpHash, enrolment, at(1)), false);
        const other = await store.enrolled();
        assert.equal(await store.transactions.fetch(id, otpHash, other, at(1)), false);
        assert.equal((await store.transactions.find(id))?.enrolmentId, enrolment.id);
      });

      it("not with a wrong one-time password, nor another transaction's (SEC-42)", async () => {
        const enrolment = await store.enrolled();
        const [{ id }, other] = [
          await store.begin({ otpHash: "mine" }),
          await store.begin({ otpHash: "other" }),
        ];
        for (const wrong of [other.otpHash, "MINE", "", "mine ", "%"]) {
          assert.equal(await store.transactions.fetch(id, wrong, enrolment, at(1)), false);
        }
        assert.equal(await store.transactions.sealedMessage(id), "sealed");
        assert.equal(await store.transactions.fetch(uuid(), "mine", enrolment, at(1)), false);
        assert.equal(await store.transactions.fetch(id, "mine", enrolment, at(1)), true);
      });

      it("until the millisecond before they expire", async () => {
        const enrolment = await store.enrolled();
        const { id, otpHash, expiresAt } = await store.begin();
        assert.equal(await store.transactions.fetch(id, otpHash, enrolment, expiresAt), false);
        assert.equal(await stateOf(id), "pending");
        const last = milliseconds(expiresAt - 1);
        assert.equal(await store.transactions.fetch(id, otpHash, enrolment, last), true);
      });

      for (const [which, lose] of Object.entries(losses)) {
        it(`not for an enrolment that ${which} (SEC-44)`, async () => {
          const enrolment = await store.enrolled();
          await lose(enrolment);
          const { id, otpHash } = await store.begin();
          assert.equal(await store.transactions.fetch(id, otpHash, enrolment, at(2)), false);
          assert.equal(await store.transactions.sealedMessage(id), "sealed");
        });
      }

      it("not for an enrolment of somebody else", async () => {
        const [mine, other] = [await store.enrolled(), await store.enrolled()];
        const { id, otpHash } = await store.begin();
        const mixed = [
          { ...mine, id: other.id },
          { ...mine, userId: other.userId },
          { ...mine, profileId: other.profileId },
          { ...mine, clientId: other.clientId },
        ];
        for (const enrolment of mixed) {
          assert.equal(await store.transactions.fetch(id, otpHash, enrolment, at(1)), false);
        }
      });

      it("by one of twenty at once", async () => {
        const { id, otpHash } = await store.begin();
        const enrolments = await Promise.all(Array.from({ length: 20 }, () => store.enrolled()));
        const results = await Promise.all(
          enrolments.map((each) => store.transactions.fetch(id, otpHash, each, at(1))),
        );
        const winner = enrolments.filter((_, index) => results[index]).map((each) => each.id);
        assert.equal(winner.length, 1);
        assert.equal((await store.transactions.find(id))?.enrolmentId, winner[0]);
      });
    });

    describe("are answered", () => {
      for (const end of ends) {
        it(`once, with the end ${end} and its callback (SEC-45, D-56)`, async () => {
          const { id, enrolment } = await store.fetched();
          const before = await store.transactions.find(id);
          const callback = newCallback({ transactionId: id });
          assert.equal(await answer(id, enrolment, { end, callback }), true);
          const after = { state: end, answeredAt: at(2), keepUntil: at(86_400) };
          assert.deepEqual(await store.transactions.find(id), { ...before, ...after });
          for (const second of ends) {
            const again = newCallback({ transactionId: id });
            assert.equal(
              await answer(id, enrolment, { end: second, now: at(3), callback: again }),
              false,
            );
          }
          assert.deepEqual(await store.transactions.find(id), { ...before, ...after });
          const waiting = { state: "waiting", attempts: 0, nextAt: start, lastError: null };
          assert.deepEqual(await callbacksOf(id), [{ ...callback, ...waiting }]);
        });
      }

      it("not before they were fetched, nor when they are unknown", async () => {
        const enrolment = await store.enrolled();
        const { id } = await store.begin();
        const callback = newCallback({ transactionId: id });
        assert.equal(await answer(id, enrolment, { callback }), false);
        assert.equal(await answer(uuid(), enrolment, { callback }), false);
        assert.deepEqual([await stateOf(id), await callbacksOf(id)], ["pending", []]);
      });

      it("only under the enrolment that fetched, not a later one of its profile (SEC-51)", async () => {
        const { id, enrolment } = await store.fetched();
        assert.equal(await answer(id, await store.enrolled()), false);
        const { clientId, profileId, userId } = enrolment;
        const again = await store.register({ clientId, profileId, userId });
        await store.enrol(again, { id: "later" });
        assert.equal(await answer(id, { ...enrolment, id: "later" }), false);
        assert.equal(await stateOf(id), "fetched");
      });

      for (const [which, lose] of Object.entries(losses)) {
        it(`not when that ${which} (SEC-51)`, async () => {
          const { id, enrolment } = await store.fetched();
          await lose(enrolment);
          const callback = newCallback({ transactionId: id });
          assert.equal(await answer(id, enrolment, { callback }), false);
          assert.deepEqual([await stateOf(id), await callbacksOf(id)], ["fetched", []]);
        });
      }

      it("until the millisecond before they expire", async () => {
        const { id, enrolment } = await store.fetched();
        assert.equal(await answer(id, enrolment, { now: at(300) }), false);
        assert.equal(await answer(id, enrolment, { now: milliseconds(at(300) - 1) }), true);
      });

      it("not at all when the callback cannot be written", async () => {
        const [one, two] = [await store.fetched(), await store.fetched()];
        const callback = newCallback();
        assert.equal(await answer(one.id, one.enrolment, { callback }), true);
        await assert.rejects(answer(two.id, two.enrolment, { callback }), {
          reason: "UNAVAILABLE",
        });
        assert.equal(await stateOf(two.id), "fetched");
      });

      it("one way, however many confirm, deny and fail at once (SEC-45)", async () => {
        for (let round = 0; round < 10; round += 1) {
          const { id, enrolment } = await store.fetched();
          const tries = Array.from({ length: 18 }, (_, index) => {
            const end = ends[index % 3]!;
            return { end, callback: newCallback({ transactionId: id, body: end }) };
          });
          const results = await Promise.all(tries.map((each) => answer(id, enrolment, each)));
          const won = tries.filter((_, index) => results[index]).map(({ end }) => end);
          const told = (await callbacksOf(id)).map(({ body }) => body);
          assert.equal(won.length, 1);
          assert.deepEqual([await stateOf(id), told], [won[0], won]);
        }
      });

      it("with neither state nor callback beside an end of the enrolment that came before", async () => {
        for (let round = 0; round < 10; round += 1) {
          const { id, enrolment } = await store.fetched();
          const callback = newCallback({ transactionId: id });
          const { userId, clientId } = enrolment;
          const [answered] = await Promise.all([
            answer(id, enrolment, { callback }),
            store.enrolments.revoke(userId, clientId, at(1)),
          ]);
          assert.equal(await stateOf(id), answered ? "confirmed" : "fetched");
          assert.equal((await callbacksOf(id)).length, answered ? 1 : 0);
          assert.equal(await answer(id, enrolment), false);
        }
      });
    });

    it("tell their states by id, a thousand at once, and leave out unknown ones", async () => {
      const [pending, { id: fetched }, done] = [
        await store.begin(),
        await store.fetched(),
        await store.fetched(),
      ];
      await answer(done.id, done.enrolment, { end: "denied" });
      const unknown = Array.from({ length: 1000 }, () => uuid());
      const asked = [...unknown.slice(0, 500), pending.id, fetched, ...unknown.slice(500), done.id];
      const expected = { [pending.id]: "pending", [fetched]: "fetched", [done.id]: "denied" };
      const states = await store.transactions.states([...asked, pending.id]);
      assert.deepEqual(Object.fromEntries(states), expected);
      assert.equal((await store.transactions.states([])).size, 0);
    });

    it("go with the API client that started them, so that another of its name reads nothing", async () => {
      const apiClientId = randomId();
      const [mine, other] = [await store.begin({ apiClientId }), await store.begin()];
      const configuration = configurationIn(store.durable);
      const removed = { kind: "clients", id: apiClientId };
      const revision = await configuration.revision();
      await configuration.apply(revision, [], [removed], [], start);
      assert.deepEqual([await stateOf(mine.id), await stateOf(other.id)], [undefined, "pending"]);
    });

    describe("are swept", () => {
      beforeEach(() => store.durable.db.deleteFrom("mobile_transaction").execute());
      const step = (now = at(900)) => store.transactions.sweepStep(now);

      it("when nobody needs them any more, in whatever state, to the millisecond", async () => {
        const { id: pending } = await store.begin();
        const { id: fetched } = await store.fetched();
        const done = await store.fetched();
        await answer(done.id, done.enrolment);
        assert.equal(await step(milliseconds(at(900) - 1)), 0);
        assert.equal(await step(), 2);
        const left = await store.transactions.states([pending, fetched, done.id]);
        assert.deepEqual([...left], [[done.id, "confirmed"]]);
        assert.equal(await step(milliseconds(at(86_400) - 1)), 0);
        assert.equal(await step(at(86_400)), 1);
      });

      const fill = async (count: number, changes = {}) => {
        await Promise.all(Array.from({ length: count }, () => store.begin(changes)));
      };

      it("in steps of a bounded number, the longest over first", async () => {
        await fill(sweepStep + 1);
        const { id } = await store.begin({ keepUntil: at(100) });
        assert.equal(await step(), sweepStep);
        assert.equal(await stateOf(id), undefined);
        assert.equal(await step(), 2);
        assert.equal(await step(), 0);
      });

      it("in steps of a few when their messages are large, and each step at least one", async () => {
        await fill(10, { sealedMessage: "x".repeat(1_500_000) });
        await fill(1, { sealedMessage: "x".repeat(6_000_000) });
        const steps: number[] = [];
        await sweepAll(async () => {
          steps.push(await step());
          return steps.at(-1)!;
        }, 1);
        assert.equal(
          steps.reduce((sum, each) => sum + each),
          11,
        );
        assert.ok(Math.max(...steps) <= 4, `steps of ${steps}`);
        assert.equal(steps.at(-1), 0);
      });

      it("by several at once, each once", async () => {
        await fill(sweepStep + 100);
        const swept = await Promise.all(Array.from({ length: 4 }, () => sweepAll(step, 1)));
        const left = await sweepAll(step, 1);
        assert.equal(
          swept.reduce((sum, each) => sum + each, left),
          sweepStep + 100,
        );
      });
    });
  });
}
