// The laws of logins with PIN and fingerprint: what counts, what it costs, and what ends when.
import assert from "node:assert/strict";
import { openDurable } from "../../../server/store/durable.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import { at, newAccess, newFamily, refreshLife } from "./new_tokens.ts";
import type { LoginStore, Phone } from "./phone_logins.ts";
import { asFingerprint, loginStore } from "./phone_logins.ts";

/** Counts values. */
const tally = (values: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    Object.entries(Object.groupBy(values, (value) => value)).map(([value, all]) => [
      value,
      all?.length ?? 0,
    ]),
  );

/** Describes the laws of logins for one way to keep data. */
export function loginLaws(row: StoreRow): void {
  describe(`logins in ${row.name} (D-42, D-43)`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let store: LoginStore;

    before(async function () {
      place = await openOrSkip(row, this);
      store = loginStore(await openDurable(place.durable));
    });
    after(async () => {
      await store?.durable[Symbol.asyncDispose]();
      await place?.cleanup();
    });
    const lastLogin = async ({ clientId, profileId }: Phone) =>
      (await store.profiles.find(clientId, profileId))?.lastLoginAt;
    const many = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
      Promise.all(Array.from({ length: count }, (_, index) => make(index)));

    describe("a wrong PIN", () => {
      it("costs one try, and the last one costs the profile and all its tokens", async () => {
        const phone = await store.register();
        await phone.addFingerprint("r9");
        for (const remaining of [4, 3, 2, 1]) {
          const wrong = { outcome: "wrong", userId: "ann", remaining };
          assert.deepEqual(await phone.guess(), wrong);
        }
        assert.equal(await phone.isLive("a0"), true);
        assert.deepEqual(await phone.guess(), { outcome: "exhausted", userId: "ann" });
        for (const access of ["a0", "a9"]) assert.equal(await phone.isLive(access), false);
        const ended = (await store.tokens.findRefresh(phone.named("r0")))?.family;
        assert.deepEqual([ended?.revokedAt, ended?.revokedReason], [at(1), "pin_failures"]);
        assert.equal(await store.profiles.find(phone.clientId, phone.profileId), undefined);
        assert.deepEqual(await phone.guess(), { outcome: "gone" });
        assert.equal(await phone.rotate("r0", "r1", "a1"), "gone");
      });

      it("takes the registrations of authenticators along with the last try", async () => {
        const { clientId, profileId, guess } = await store.register();
        const registration = { authenticator: "voice", id: "1", sealed_data: null, created_at: 1 };
        const key = { client_id: clientId, profile_id: profileId };
        const table = "authenticator_registration";
        await store.durable.db
          .insertInto(table)
          .values({ ...key, ...registration })
          .execute();
        assert.equal((await guess({ limit: 1 })).outcome, "exhausted");
        const left = store.durable.db.selectFrom(table).select("id");
        assert.deepEqual(await left.where("client_id", "=", clientId).execute(), []);
      });

      it("is forgotten after a right one, whose moment is noted", async () => {
        const phone = await store.register();
        await phone.guess();
        await phone.guess();
        assert.equal(await phone.failures(), 2);
        assert.equal(await phone.rotate("r0", "r1", "a1", at(7)), "rotated");
        assert.equal(await phone.failures(), 0);
        assert.equal(await lastLogin(phone), at(7));
        assert.equal(await phone.rotate("r0", "r1", "b1", at(8)), "repeated");
        assert.equal(await lastLogin(phone), at(8));
      });

      it("leaves the last try to a right one, be it the only one", async () => {
        const phone = await store.register();
        const offer = () => ({
          successor: { hash: phone.named("r1"), expiresAt: at(refreshLife) },
          access: newAccess(phone.named("a1"), at(1)),
        });
        const only = phone.presented(phone.named("r0"), { limit: 1 });
        assert.equal((await store.logins.exchange(only, offer)).outcome, "rotated");
        assert.equal((await phone.guess({ limit: 1 })).outcome, "exhausted");
        assert.equal(await phone.isLive("a1"), false);
      });

      it("counts without end where there is no limit", async () => {
        const phone = await store.register();
        for (let i = 0; i < 12; i += 1) {
          const wrong = { outcome: "wrong", userId: "ann", remaining: undefined };
          assert.deepEqual(await phone.guess({ limit: 0 }), wrong);
        }
        assert.equal(await phone.rotate("r0", "r1", "a1"), "rotated");
      });

      it("is also another profile's or another phone's token, which stays of use", async () => {
        const [phone, other] = [await store.register(), await store.register()];
        const neighbour = await store.register(phone.clientId);
        for (const { named } of [other, neighbour]) {
          const foreign = await store.logins.check(phone.presented(named("r0")));
          assert.equal(foreign.outcome, "wrong");
        }
        assert.equal(await phone.failures(), 2);
        for (const owner of [other, neighbour]) {
          assert.equal(await owner.failures(), 0);
          assert.equal(await owner.rotate("r0", "r1", "a1"), "rotated");
        }
      });

      it("is as a right one, and not counted, when there is no token left to guess", async () => {
        const expired = await store.register();
        assert.equal((await expired.guess({ now: at(refreshLife) })).outcome, "invalid");
        const loggedOut = await store.register();
        await store.tokens.revokeFamily(loggedOut.familyId, "logout", at(1));
        await loggedOut.addFingerprint("r9");
        assert.equal((await loggedOut.guess()).outcome, "invalid");
        assert.equal(await expired.rotate("r0", "r1", "a1", at(refreshLife)), "invalid");
        assert.equal(await loggedOut.rotate("r0", "r1", "a1"), "invalid");
        for (const phone of [expired, loggedOut]) assert.equal(await phone.failures(), 0);
      });

      it("is also a token of the user before, who no longer has the profile (SEC-84)", async () => {
        const phone = await store.register();
        const { clientId, profileId, named } = phone;
        await store.profiles.remove(clientId, profileId, "deregistered", at(1));
        const family = newFamily({ clientId, profileId, userId: "bob" });
        const refresh = { hash: named("r5"), createdAt: at(1), expiresAt: at(refreshLife) };
        await store.tokens.issue({ profile: "registers", family, refresh });
        const before = await store.logins.check(phone.presented(named("r0")));
        assert.deepEqual(before, { outcome: "wrong", userId: "bob", remaining: 4 });
        assert.equal((await store.logins.check(phone.presented(named("r5")))).outcome, "right");
      });

      it("of a profile that never was is told nothing else", async () => {
        const phone = await store.register();
        assert.deepEqual(await phone.guess({ profileId: "nobody" }), { outcome: "gone" });
        assert.deepEqual(await phone.guess({ clientId: "nobody" }), { outcome: "gone" });
        assert.equal(await phone.failures(), 0);
      });
    });

    describe("parallel logins (SEC-53)", () => {
      it("have at most as many wrong PINs looked up as the limit says", async () => {
        const phone = await store.register();
        const results = await many(50, () => phone.guess());
        const outcomes = tally(results.map(({ outcome }) => outcome));
        assert.deepEqual(outcomes, { wrong: 4, exhausted: 1, gone: 45 });
        const left = results.flatMap((each) => (each.outcome === "wrong" ? [each.remaining] : []));
        assert.deepEqual(left.toSorted(), [1, 2, 3, 4]);
      });

      it("let a right PIN in only before the last try is used up", async () => {
        for (let round = 0; round < 6; round += 1) {
          const phone = await store.register();
          const wrong = () => phone.guess().then(({ outcome }) => outcome);
          const outcomes = await many(20, (index) =>
            index === round * 3 ? phone.rotate("r0", "r1", "a1") : wrong(),
          );
          const right = outcomes[round * 3];
          assert.match(String(right), /^(rotated|gone)$/);
          const { exhausted, wrong: counted = 0 } = tally(outcomes);
          assert.equal(exhausted, 1);
          // A right one in between sets the counter back once.
          assert.ok(counted <= (right === "rotated" ? 8 : 4), `${counted} tries`);
          assert.equal(await phone.isLive("a1"), false);
        }
      });

      it("cost no try when they are right, and leave one family and one successor", async () => {
        const phone = await store.register();
        await phone.guess();
        const outcomes = await many(50, (index) => phone.rotate("r0", "r1", `p${index}`));
        assert.deepEqual(tally(outcomes), { rotated: 1, repeated: 49 });
        assert.equal(await phone.failures(), 0);
      });

      it("do not wait for or count against other profiles", async () => {
        const phones = await many(10, () => store.register("shared-phone"));
        const results = await Promise.all(
          phones.flatMap((phone) => [phone.guess(), phone.rotate("r0", "r1", "a1")]),
        );
        assert.equal(results.filter((result) => result === "rotated").length, 10);
        for (const phone of phones) assert.ok(((await phone.failures()) ?? 9) <= 1);
      });
    });

    describe("checking a token", () => {
      it("counts a wrong one and uses a right one not up", async () => {
        const { presented, named, familyId, failures, rotate } = await store.register();
        assert.equal((await store.logins.check(presented("x"))).outcome, "wrong");
        const right = await store.logins.check(presented(named("r0")));
        assert.deepEqual(
          [right.outcome, "family" in right && right.family.id],
          ["right", familyId],
        );
        assert.equal(await failures(), 1);
        const late = await store.logins.check(presented(named("r0"), { now: at(refreshLife) }));
        assert.equal(late.outcome, "invalid");
        assert.equal(await rotate("r0", "r1", "a1"), "rotated");
      });
    });

    describe("ending a login (RFC 7009)", () => {
      it("revokes the family, by a used or expired token as well", async () => {
        for (const [name, now] of [
          ["r1", at(1)],
          ["r0", at(1)],
          ["r1", at(2 * refreshLife)],
        ] as const) {
          const { presented, named, rotate, isLive, failures } = await store.register();
          await rotate("r0", "r1", "a1");
          const result = await store.logins.end(presented(named(name), { now }), "revoked");
          assert.deepEqual(result, { outcome: "ended", userId: "ann" });
          for (const access of ["a0", "a1"]) assert.equal(await isLive(access), false);
          assert.equal(await failures(), 0);
        }
      });

      it("shares the counter of wrong PINs with logins", async () => {
        const { presented, guess, isLive } = await store.register();
        for (const remaining of [4, 3]) {
          const wrong = { outcome: "wrong", userId: "ann", remaining };
          assert.deepEqual(await store.logins.end(presented("x"), "revoked"), wrong);
        }
        assert.equal((await guess({ limit: 3 })).outcome, "exhausted");
        assert.equal(await isLive("a0"), false);
      });
    });

    describe("a fingerprint (D-43)", () => {
      it("is exchanged like a PIN, and leaves the counter of wrong PINs alone", async () => {
        const phone = await store.register();
        await phone.addFingerprint("r9");
        await phone.guess();
        const offer = () => ({
          successor: { hash: phone.named("r10"), expiresAt: at(refreshLife) },
          access: { hash: phone.named("a10"), scope: "", issuedAt: at(3), expiresAt: at(4) },
        });
        const token = phone.presented(phone.named("r9"), { ...asFingerprint, now: at(3) });
        assert.equal((await store.logins.exchange(token, offer)).outcome, "rotated");
        const access = await store.tokens.findAccess(phone.named("a10"), at(3));
        assert.equal(access?.family.tokenType, "FINGER_PRINT");
        assert.equal(await phone.failures(), 1);
        assert.equal(await lastLogin(phone), at(3));
      });

      it("that is wrong removes the fingerprint, counts as no PIN and leaves the PIN", async () => {
        const phone = await store.register();
        await phone.addFingerprint("r9");
        assert.deepEqual(await phone.guess(asFingerprint), { outcome: "removed", userId: "ann" });
        assert.equal(await phone.isLive("a9"), false);
        const ended = (await store.tokens.findRefresh(phone.named("r9")))?.family;
        assert.equal(ended?.revokedReason, "wrong_token");
        assert.equal((await phone.guess(asFingerprint)).outcome, "invalid");
        assert.equal(await phone.failures(), 0);
        assert.equal(await phone.rotate("r0", "r1", "a1"), "rotated");
      });

      it("presented as the PIN is invalid, and the PIN as a fingerprint a wrong one", async () => {
        const phone = await store.register();
        await phone.addFingerprint("r9");
        const asPin = await store.logins.check(phone.presented(phone.named("r9")));
        assert.equal(asPin.outcome, "invalid");
        assert.equal(await phone.isLive("a9"), true);
        const mixed = phone.presented(phone.named("r0"), asFingerprint);
        assert.equal((await store.logins.check(mixed)).outcome, "removed");
        assert.equal((await store.logins.check(mixed)).outcome, "invalid");
        assert.equal(await phone.isLive("a9"), false);
        assert.equal(await phone.failures(), 0);
        assert.equal(await phone.rotate("r0", "r1", "a1"), "rotated");
      });
    });
  });
}
