// The laws of enrolments for mobile authentication, and of the OpenPGP key of the server: who is enrolled
// where, whoever enrols at the same time.
import assert from "node:assert/strict";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import { devicesIn } from "../../../server/store/devices.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { installationsIn } from "../../../server/store/installations.ts";
import type { Enrolled, EnrolmentPolicy } from "../../../server/store/mobile_enrolments.ts";
import { openPgpKeysIn } from "../../../server/store/open_pgp_keys.ts";
import { profilesIn } from "../../../server/store/profiles.ts";
import { tokensIn } from "../../../server/store/tokens.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import type { MobileStore, RegisteredProfile } from "./mobile_store.ts";
import { mobileStore, newEnrolment } from "./mobile_store.ts";
import { at, newFamily, start } from "./new_tokens.ts";

const kept = (...ended: string[]): Enrolled => ({ kind: "kept", ended });

/** Describes the laws of enrolments for one way to keep data. */
export function mobileEnrolmentLaws(row: StoreRow): void {
  describe(`enrolments for mobile authentication in ${row.name}`, function () {
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
    const found = ({ clientId, profileId }: RegisteredProfile) =>
      store.enrolments.find(clientId, profileId);
    /** Says whether a profile is enrolled, has been, or neither. */
    const standing = async (profile: RegisteredProfile) => {
      const enrolment = await found(profile);
      return enrolment && (enrolment.revokedAt === null ? "enrolled" : "revoked");
    };
    /** Registers a user on some devices. */
    const devices = (count: number, userId = randomId()) =>
      Promise.all(Array.from({ length: count }, () => store.register({ userId })));

    it("are kept and found as they were put, one for each profile", async () => {
      const profile = await store.register();
      assert.equal(await found(profile), undefined);
      assert.deepEqual(await store.enrol(profile, { id: "1" }), kept());
      const first = { ...newEnrolment(profile, { id: "1" }), revokedAt: null };
      assert.deepEqual(await found(profile), first);
      const other = await store.register({ clientId: profile.clientId, userId: profile.userId });
      assert.equal(await found(other), undefined);
      const again = { id: "2", createdAt: at(5) };
      assert.deepEqual(await store.enrol(profile, again), kept());
      assert.deepEqual(await found(profile), { ...newEnrolment(profile, again), revokedAt: null });
    });

    it("keep a key of 64 KiB", async () => {
      const profile = await store.register();
      const publicKey = "k".repeat(65_536);
      const terms = { session: profile.session, applicationId: "app", policy: "OVERRIDE" } as const;
      await store.enrolments.put({ ...newEnrolment(profile), publicKey }, terms);
      assert.equal((await found(profile))?.publicKey, publicKey);
    });

    for (const policy of ["SINGLE_DEVICE", "OVERRIDE", "MULTIPLE_DEVICES"] as const) {
      const gone: Readonly<Record<string, (profile: RegisteredProfile) => Promise<unknown>>> = {
        "a profile that was removed": ({ clientId, profileId }) =>
          profilesIn(store.durable).remove(clientId, profileId, "test", start),
        "a session that was revoked": ({ session }) =>
          tokensIn(store.durable).revokeFamily(session, "test", start),
        "a profile that was registered again": ({ clientId, profileId, userId }) =>
          store.register({ clientId, profileId, userId }),
      };
      for (const [which, end] of Object.entries(gone)) {
        it(`are not kept for ${which}, and end nothing then (${policy}, SEC-51)`, async () => {
          const [profile, other] = (await devices(2)) as [RegisteredProfile, RegisteredProfile];
          await store.enrol(other);
          await end(profile);
          assert.deepEqual(await store.enrol(profile, { policy }), { kind: "gone" });
          assert.equal(await found(profile), undefined);
          assert.equal(await standing(other), "enrolled");
        });
      }

      it(`are not kept for a user who has not the profile (${policy})`, async () => {
        const profile = await store.register();
        const mine = { ...profile, userId: "somebody else" };
        assert.deepEqual(await store.enrol(mine, { policy }), { kind: "gone" });
        assert.equal(await found(profile), undefined);
      });

      it(`are not kept under the login of another profile (${policy})`, async () => {
        const [profile, { session }] = (await devices(2)) as [RegisteredProfile, RegisteredProfile];
        assert.deepEqual(await store.enrol(profile, { policy, session }), { kind: "gone" });
        assert.equal(await found(profile), undefined);
      });
    }

    it("of one device are refused on a second, until the first is gone or revoked", async () => {
      const policy = "SINGLE_DEVICE";
      const [one, two] = (await devices(2)) as [RegisteredProfile, RegisteredProfile];
      assert.deepEqual(await store.enrol(one, { policy, id: "1" }), kept());
      assert.deepEqual(await store.enrol(one, { policy, id: "2" }), kept());
      assert.deepEqual(await store.enrol(two, { policy }), { kind: "elsewhere" });
      assert.deepEqual([(await found(one))?.id, await found(two)], ["2", undefined]);
      assert.equal(await store.enrolments.revoke(one.userId, one.clientId, at(1)), 1);
      assert.deepEqual(await store.enrol(two, { policy }), kept());
      assert.deepEqual(await store.enrol(one, { policy }), { kind: "elsewhere" });
      assert.equal(await store.enrolments.remove(two.clientId, two.profileId), true);
      assert.deepEqual(await store.enrol(one, { policy }), kept());
    });

    it("of one device know the user, the application and the device, and no other profile", async () => {
      const policy = "SINGLE_DEVICE";
      const one = await store.register();
      const { clientId, userId } = one;
      await store.enrol(one);
      const sameDevice = await store.register({ clientId, userId });
      const otherUser = await store.register({ userId: `${userId} ` });
      const otherApplication = await store.register({ userId });
      assert.deepEqual(await store.enrol(sameDevice, { policy }), kept());
      assert.deepEqual(await store.enrol(otherUser, { policy }), kept());
      const elsewhere = { policy, applicationId: "another" } as const;
      assert.deepEqual(await store.enrol(otherApplication, elsewhere), kept());
    });

    it("that override end those on the user's other devices of the application", async () => {
      const [one, two, three] = (await devices(3)) as RegisteredProfile[] as [
        RegisteredProfile,
        RegisteredProfile,
        RegisteredProfile,
      ];
      const beside = await store.register({ clientId: two.clientId, userId: two.userId });
      const other = await store.register();
      await store.enrol(one, { applicationId: "another" });
      for (const profile of [two, three, beside, other]) await store.enrol(profile);
      const fourth = await store.register({ userId: one.userId });
      const override = { policy: "OVERRIDE", createdAt: at(7) } as const;
      const result = await store.enrol(fourth, override);
      assert(result.kind === "kept");
      assert.deepEqual(result.ended.toSorted(), [two.clientId, three.clientId].sort());
      const stand = await Promise.all([one, two, three, beside, other, fourth].map(standing));
      assert.deepEqual(stand, [
        "enrolled",
        "revoked",
        "revoked",
        "revoked",
        "enrolled",
        "enrolled",
      ]);
      assert.equal((await found(two))?.revokedAt, at(7));
      // What ended stays ended, and is not ended again.
      assert.deepEqual(await store.enrol(fourth, override), kept());
    });

    it("end once, by their profile only", async () => {
      const [one, two] = (await devices(2)) as [RegisteredProfile, RegisteredProfile];
      await store.enrol(one);
      await store.enrol(two);
      assert.equal(await store.enrolments.remove(one.clientId, two.profileId), false);
      assert.equal(await store.enrolments.remove(one.clientId, one.profileId), true);
      assert.equal(await store.enrolments.remove(one.clientId, one.profileId), false);
      assert.deepEqual([await standing(one), await standing(two)], [undefined, "enrolled"]);
    });

    it("are revoked by user and device, once, and a new one stands", async () => {
      const [one, two] = (await devices(2)) as [RegisteredProfile, RegisteredProfile];
      const { clientId, userId } = one;
      const beside = await store.register({ clientId, userId });
      const other = await store.register({ clientId });
      for (const profile of [one, two, beside, other]) await store.enrol(profile);
      assert.equal(await store.enrolments.revoke(userId, clientId, at(3)), 2);
      assert.equal(await store.enrolments.revoke(userId, clientId, at(4)), 0);
      assert.equal((await found(one))?.revokedAt, at(3));
      const stand = await Promise.all([one, two, beside, other].map(standing));
      assert.deepEqual(stand, ["revoked", "enrolled", "revoked", "enrolled"]);
      await store.enrol(one);
      assert.equal(await standing(one), "enrolled");
    });

    it("are told by application, on a device or on any, each once", async () => {
      const [one, two] = (await devices(2)) as [RegisteredProfile, RegisteredProfile];
      const { userId } = one;
      const beside = await store.register({ clientId: two.clientId, userId });
      await store.enrol(one, { applicationId: "b" });
      await store.enrol(two, { applicationId: "a" });
      await store.enrol(beside, { applicationId: "a" });
      const { enrolments } = store;
      assert.deepEqual(await enrolments.applications(userId), ["a", "b"]);
      assert.deepEqual(await enrolments.applications(userId, one.clientId), ["b"]);
      assert.deepEqual(await enrolments.applications(userId, "nowhere"), []);
      assert.deepEqual(await enrolments.applications(userId.toLowerCase() + userId), []);
      await enrolments.revoke(userId, two.clientId, at(1));
      assert.deepEqual(await enrolments.applications(userId), ["b"]);
    });

    const removals: Readonly<Record<string, (profile: RegisteredProfile) => Promise<unknown>>> = {
      "their profile": ({ clientId, profileId }) =>
        profilesIn(store.durable).remove(clientId, profileId, "test", start),
      "their profile when it is registered again": ({ clientId, profileId, userId }) =>
        store.register({ clientId, profileId, userId }),
      "the device of the user": ({ userId, clientId }) =>
        devicesIn(store.durable).remove(userId, [clientId], "test", start),
      "all that the user has": ({ userId }) =>
        devicesIn(store.durable).remove(userId, undefined, "test", start),
      "the installation": ({ clientId }) =>
        installationsIn(store.durable).remove(clientId, "test", start),
    };
    for (const [which, remove] of Object.entries(removals)) {
      it(`go with ${which}, and no others do (SEC-85)`, async () => {
        const [one, other] = [await store.register(), await store.register()];
        await store.enrol(one);
        await store.enrol(other);
        await remove(one);
        assert.deepEqual([await standing(one), await standing(other)], [undefined, "enrolled"]);
      });
    }

    it("stay when the profile only logs in again", async () => {
      const profile = await store.register();
      await store.enrol(profile);
      await tokensIn(store.durable).issue({ profile: "admits", family: newFamily(profile) });
      assert.equal(await standing(profile), "enrolled");
    });

    const many = 20;
    const rounds = 5;
    const race = async (policy: EnrolmentPolicy) => {
      const profiles = await devices(many);
      const results = await Promise.all(
        profiles.map((profile) => store.enrol(profile, { policy })),
      );
      const stand = await Promise.all(profiles.map(standing));
      return { results, stand };
    };

    it(`of one device have one winner of ${many} devices at once`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { results, stand } = await race("SINGLE_DEVICE");
        const winners = results.map(({ kind }) => kind === "kept");
        assert.equal(winners.filter(Boolean).length, 1);
        assert.ok(results.every(({ kind }) => kind === "kept" || kind === "elsewhere"));
        assert.deepEqual(
          stand,
          winners.map((won) => (won ? "enrolled" : undefined)),
        );
      }
    });

    it(`that override leave one of ${many} devices at once, and each was ended once`, async () => {
      for (let round = 0; round < rounds; round += 1) {
        const { results, stand } = await race("OVERRIDE");
        assert.equal(stand.filter((state) => state === "enrolled").length, 1);
        assert.equal(stand.filter((state) => state === "revoked").length, many - 1);
        const ended = results.flatMap((result) => (result.kind === "kept" ? result.ended : ["?"]));
        assert.deepEqual([ended.length, new Set(ended).size], [many - 1, many - 1]);
      }
    });

    it("never stand beside the end of their profile or of their session", async () => {
      for (let round = 0; round < rounds; round += 1) {
        const profiles = await devices(many);
        await Promise.all(
          profiles.flatMap((profile, index) => [
            store.enrol(profile, { policy: index % 2 === 0 ? "OVERRIDE" : "SINGLE_DEVICE" }),
            profilesIn(store.durable).remove(profile.clientId, profile.profileId, "test", start),
          ]),
        );
        const left = await Promise.all(profiles.map(standing));
        assert.deepEqual(
          left,
          profiles.map(() => undefined),
        );
      }
    });
  });

  describe(`the OpenPGP key in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;

    before(async function () {
      place = await openOrSkip(row, this);
    });
    after(() => place?.cleanup());

    it("is the first of all that were added at once, and stays (D-53)", async () => {
      await using one = await openDurable(place.durable);
      await using other = await openDurable(place.durable);
      assert.equal(await openPgpKeysIn(one).find(), undefined);
      const keys = Array.from({ length: 20 }, (_, index) => ({
        fingerprint: `F${index}`,
        publicKey: `public ${index}`,
        sealedPrivate: `sealed ${index}`,
        createdAt: milliseconds(start + index),
      }));
      const standing = await Promise.all(
        keys.map((key, index) => openPgpKeysIn(index % 2 === 0 ? one : other).addFirst(key)),
      );
      const [first] = standing;
      assert.ok(keys.some((key) => key.fingerprint === first?.fingerprint));
      for (const key of standing) assert.deepEqual(key, first);
      const late = { ...keys[0]!, fingerprint: "late" };
      assert.deepEqual(await openPgpKeysIn(one).addFirst(late), first);
      assert.deepEqual(await openPgpKeysIn(other).find(), first);
    });
  });
}
