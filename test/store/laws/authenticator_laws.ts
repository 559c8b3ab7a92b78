// The laws of what authenticators keep: registrations while their profile is there, and logins by type.
import assert from "node:assert/strict";
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import type {
  AuthenticatorHolder,
  AuthenticatorRegistrations,
} from "../../../server/store/authenticator_registrations.ts";
import { authenticatorRegistrationsIn } from "../../../server/store/authenticator_registrations.ts";
import type { Durable } from "../../../server/store/durable.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { loginsIn } from "../../../server/store/logins.ts";
import type { ProfileTokens } from "../../../server/store/profile_tokens.ts";
import { profileTokensIn } from "../../../server/store/profile_tokens.ts";
import type { Profiles } from "../../../server/store/profiles.ts";
import { profilesIn } from "../../../server/store/profiles.ts";
import type { NewTokenFamily } from "../../../server/store/token_family.ts";
import type { Issue } from "../../../server/store/token_issue.ts";
import type { Tokens } from "../../../server/store/tokens.ts";
import { tokensIn } from "../../../server/store/tokens.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";

const start = milliseconds(1_800_000_000_000);
const at = (seconds: number): Milliseconds => milliseconds(start + seconds * 1000);
const authenticator = "voice";

/** Describes the laws of registrations with authenticators for one way to keep data. */
export function authenticatorLaws(row: StoreRow): void {
  describe(`registrations with authenticators in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let durable: Durable;
    let registrations: AuthenticatorRegistrations;
    let profiles: Profiles;
    let tokens: Tokens;
    let logins: ProfileTokens;

    before(async function () {
      place = await openOrSkip(row, this);
      durable = await openDurable(place.durable);
      registrations = authenticatorRegistrationsIn(durable);
      profiles = profilesIn(durable);
      tokens = tokensIn(durable);
      logins = profileTokensIn(durable);
    });
    after(async () => {
      await durable?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    const issue = async (
      changes: Partial<NewTokenFamily>,
      more: Partial<Issue>,
    ): Promise<{ family: NewTokenFamily; issued: "issued" | "refused" }> => {
      const family: NewTokenFamily = {
        id: randomId(),
        clientId: "client",
        userId: "alice",
        profileId: "W8DUJ2",
        identityProvider: null,
        tokenType: "DEFAULT",
        scope: "read",
        amr: [],
        userDetails: null,
        authTime: start,
        createdAt: start,
        ...changes,
      };
      return { family, issued: await tokens.issue({ family, ...more }) };
    };
    // A profile of a client of its own, with the family of its registration.
    const begin = async (changes: Partial<NewTokenFamily> = {}) => {
      const { family } = await issue(
        { clientId: randomId(), ...changes },
        { profile: "registers" },
      );
      const { clientId, profileId, userId } = family;
      const holder: AuthenticatorHolder = { clientId, profileId: String(profileId), authenticator };
      return { family, holder, user: { userId: String(userId), session: family.id } };
    };
    type Begun = Awaited<ReturnType<typeof begin>>;
    const put = ({ holder, user }: Begun, id = randomId(), sealedData: string | null = "sealed") =>
      registrations.put({ ...holder, id, sealedData, createdAt: start }, user);

    it("are kept, found and listed as they were put", async () => {
      const begun = await begin();
      assert.equal(await registrations.find(begun.holder), undefined);
      assert.equal(await put(begun, "1"), "kept");
      const kept = { ...begun.holder, id: "1", sealedData: "sealed", createdAt: start };
      assert.deepEqual(await registrations.find(begun.holder), kept);
      const other = { ...begun, holder: { ...begun.holder, authenticator: "face" } };
      assert.equal(await put(other, "2", null), "kept");
      const { clientId, profileId } = begun.holder;
      assert.deepEqual(await registrations.list(clientId, profileId), [
        { ...kept, authenticator: "face", id: "2", sealedData: null },
        kept,
      ]);
    });

    it("replace an earlier one of the same authenticator", async () => {
      const begun = await begin();
      await put(begun, "1");
      assert.equal(await put(begun, "2", null), "kept");
      const found = await registrations.find(begun.holder);
      assert.deepEqual([found?.id, found?.sealedData], ["2", null]);
    });

    it("keep data of a mebibyte", async () => {
      const begun = await begin();
      const long = "x".repeat(1 << 20);
      await put(begun, "1", long);
      assert.equal((await registrations.find(begun.holder))?.sealedData, long);
    });

    it("are told apart by client, profile and authenticator (SEC-52)", async () => {
      const begun = await begin();
      await put(begun);
      const holders = [
        { ...begun.holder, clientId: "another" },
        { ...begun.holder, profileId: "w8duj2" },
        { ...begun.holder, authenticator: "Voice" },
      ];
      for (const holder of holders) {
        assert.equal(await registrations.find(holder), undefined);
        assert.equal(await registrations.remove(holder), false);
      }
      assert.ok(await registrations.find(begun.holder));
    });

    const gone: [string, (begun: Begun) => Promise<unknown> | Begun["user"]][] = [
      ["without a profile", ({ holder }) => profiles.remove(holder.clientId, "W8DUJ2", "x", at(1))],
      ["for another user", ({ user }) => ({ ...user, userId: "bob" })],
      ["under a session that ended", ({ user }) => tokens.revokeFamily(user.session, "x", at(1))],
      ["under no session", ({ user }) => ({ ...user, session: "nothing" })],
      [
        "under a session from before the profile was registered again",
        ({ holder }) => issue({ clientId: holder.clientId }, { profile: "registers" }),
      ],
    ];
    for (const [which, change] of gone) {
      it(`are not kept ${which}`, async () => {
        const begun = await begin();
        const changed = await change(begun);
        const user = typeof changed === "object" && changed && "session" in changed ? changed : {};
        assert.equal(await put({ ...begun, user: { ...begun.user, ...user } }), "gone");
        assert.equal(await registrations.find(begun.holder), undefined);
      });
    }

    it("are not kept under another client's session", async () => {
      const [begun, other] = [await begin(), await begin()];
      const user = { ...begun.user, session: other.user.session };
      assert.equal(await put({ ...begun, user }), "gone");
    });

    it("go once, and only by the id that is asked for (D-41, D-44)", async () => {
      const begun = await begin();
      await put(begun, "1");
      await put(begun, "2");
      assert.equal(await registrations.removeIf(begun.holder, "1"), false);
      assert.equal((await registrations.find(begun.holder))?.id, "2");
      assert.equal(await registrations.removeIf(begun.holder, "2"), true);
      assert.equal(await registrations.remove(begun.holder), false);
      await put(begun, "3");
      assert.equal(await registrations.remove(begun.holder), true);
      assert.equal(await registrations.remove(begun.holder), false);
    });

    it("go with their profile, and when it is registered again (D-15)", async () => {
      for (const end of [
        (clientId: string) => profiles.remove(clientId, "W8DUJ2", "x", at(1)),
        (clientId: string) => issue({ clientId }, { profile: "registers" }),
      ]) {
        const begun = await begin();
        await put(begun);
        await end(begun.holder.clientId);
        assert.equal(await registrations.find(begun.holder), undefined);
      }
    });

    it("let in while they are there, and take new data along in the same step (D-41)", async () => {
      const begun = await begin();
      const { clientId } = begun.holder;
      const login = async (id: string, sealedData: string | null = null) =>
        (
          await issue(
            { clientId, tokenType: "CUSTOM_AUTHENTICATOR" },
            { profile: "admits", registration: { authenticator, id, sealedData } },
          )
        ).issued;
      const data = async () => (await registrations.find(begun.holder))?.sealedData;
      assert.equal(await login("1"), "refused");
      await put(begun, "1", "first");
      assert.equal(await login("1"), "issued");
      assert.equal(await data(), "first");
      assert.equal(await login("1", "second"), "issued");
      assert.equal(await data(), "second");
      assert.equal(await login("2", "third"), "refused");
      assert.equal(await data(), "second");
      await registrations.remove(begun.holder);
      assert.equal(await login("1", "fourth"), "refused");
    });

    it("have one winner when many are put at once, and none beside the end of a profile", async () => {
      for (let round = 0; round < 10; round += 1) {
        const begun = await begin();
        const { clientId } = begun.holder;
        const puts = Array.from({ length: 6 }, (_, i) => put(begun, String(i)));
        const end =
          round % 2 === 0
            ? profiles.remove(clientId, "W8DUJ2", "x", at(1))
            : issue({ clientId }, { profile: "registers" });
        await Promise.all([...puts, end]);
        assert.deepEqual(await registrations.list(clientId, "W8DUJ2"), []);
      }
    });

    const fingerprint = async (clientId: string, createdAt: Milliseconds, replaces = false) => {
      const hash = randomId();
      const { family } = await issue(
        { clientId, tokenType: "FINGER_PRINT", createdAt },
        { profile: "admits", replaces, refresh: { hash, createdAt, expiresAt: at(100) } },
      );
      return { hash, family };
    };

    it("of a refresh token are since its login, until it expires or is revoked (D-43)", async () => {
      const { holder, family } = await begin();
      const fingerprints = { ...holder, tokenType: "FINGER_PRINT" };
      const since = (now = at(10)) => logins.refreshableSince(fingerprints, now);
      assert.equal(await since(), undefined);
      await fingerprint(holder.clientId, at(1));
      await fingerprint(holder.clientId, at(2), true);
      assert.equal(await since(), at(2));
      assert.equal(await since(at(100)), undefined);
      assert.equal(await logins.revoke(fingerprints, "deregistered", at(3)), 1);
      assert.equal(await logins.revoke(fingerprints, "deregistered", at(3)), 0);
      assert.equal(await since(), undefined);
      // The user's other logins go on.
      assert.equal(await tokens.revokeFamily(family.id, "x", at(4)), true);
    });

    it("of a refresh token are given under a login that has not ended", async () => {
      const { holder, family } = await begin();
      const { clientId } = holder;
      const other = await begin();
      const give = async (session: string) =>
        (
          await issue(
            { clientId, tokenType: "FINGER_PRINT" },
            { profile: "admits", session, replaces: true },
          )
        ).issued;
      assert.equal(await give(family.id), "issued");
      assert.equal(await give(other.family.id), "refused");
      await issue({ clientId }, { profile: "registers" });
      assert.equal(await give(family.id), "refused");
    });

    it("of a refresh token go on with its successor", async () => {
      const { holder } = await begin();
      const { hash } = await fingerprint(holder.clientId, at(1));
      const fingerprints = { ...holder, tokenType: "FINGER_PRINT" };
      const presented = {
        ...fingerprints,
        hash,
        onWrong: "remove",
        limit: 5,
        now: at(50),
      } as const;
      const { outcome } = await loginsIn(durable).exchange(presented, () => ({
        successor: { hash: randomId(), expiresAt: at(200) },
        access: { hash: randomId(), scope: "read", issuedAt: at(50), expiresAt: at(60) },
      }));
      assert.equal(outcome, "rotated");
      assert.equal(await logins.refreshableSince(fingerprints, at(150)), at(1));
    });
  });
}
