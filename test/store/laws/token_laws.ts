// The laws of tokens: issued together, revoked as families.
import assert, { AssertionError } from "node:assert/strict";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId } from "../../../server/core/id.ts";
import type { Durable } from "../../../server/store/durable.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { profilesIn } from "../../../server/store/profiles.ts";
import { sweepAll } from "../../../server/store/sweep.ts";
import type { NewTokenFamily } from "../../../server/store/token_family.ts";
import type { Tokens } from "../../../server/store/tokens.ts";
import { tokensIn } from "../../../server/store/tokens.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import { accessLife, at, newAccess, newFamily, refreshLife, start } from "./new_tokens.ts";

/** Describes the laws of tokens for one way to keep data. */
export function tokenLaws(row: StoreRow): void {
  describe(`tokens in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let durable: Durable;
    let tokens: Tokens;

    before(async function () {
      place = await openOrSkip(row, this);
      durable = await openDurable(place.durable);
      tokens = tokensIn(durable);
    });
    after(async () => {
      await durable?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    // A family with refresh token r0 and access token a0, whose names begin with its own.
    const login = async (changes: Partial<NewTokenFamily> = {}) => {
      const family = newFamily(changes);
      const named = (name: string): string => `${family.id}-${name}`;
      const refresh = { hash: named("r0"), createdAt: start, expiresAt: at(refreshLife) };
      const issued = await tokens.issue({ family, access: newAccess(named("a0")), refresh });
      assert.equal(issued, "issued");
      const isLive = async (access: string, now = at(1)): Promise<boolean> =>
        (await tokens.findAccess(named(access), now)) !== undefined;
      return { family, named, isLive };
    };
    const familyOf = async (hash: string) => (await tokens.findRefresh(hash))?.family;

    describe("issuing (D-13)", () => {
      it("gives back what was issued, with its family", async () => {
        const { family, named } = await login();
        const whole = { ...family, revokedAt: null, revokedReason: null };
        assert.deepEqual(await tokens.findAccess(named("a0"), start), {
          ...newAccess(named("a0")),
          usedAt: null,
          claims: undefined,
          family: whole,
        });
        assert.deepEqual(await tokens.findRefresh(named("r0")), {
          hash: named("r0"),
          state: "active",
          createdAt: start,
          expiresAt: at(refreshLife),
          usedAt: null,
          successorHash: null,
          family: whole,
        });
      });

      it("needs no user, no refresh token and no profile", async () => {
        const family = newFamily({ userId: null, userDetails: null, amr: [] });
        const access = newAccess(randomId());
        assert.equal(await tokens.issue({ family, access }), "issued");
        const found = await tokens.findAccess(access.hash, start);
        assert.deepEqual(found?.family, { ...family, revokedAt: null, revokedReason: null });
      });

      it("leaves nothing when a token of it cannot be written", async () => {
        const { named } = await login();
        const family = newFamily();
        const access = newAccess(randomId());
        const refresh = { hash: named("r0"), createdAt: start, expiresAt: at(1) };
        await assert.rejects(tokens.issue({ family, access, refresh }), { reason: "UNAVAILABLE" });
        assert.equal(await tokens.findAccess(access.hash, start), undefined);
        const kept = durable.db.selectFrom("token_family").select("id").where("id", "=", family.id);
        assert.deepEqual(await kept.execute(), []);
      });

      it("takes a token that never lives for a fault", async () => {
        const access = { ...newAccess("dead"), expiresAt: start };
        await assert.rejects(tokens.issue({ family: newFamily(), access }), AssertionError);
      });
    });

    describe("registering a profile (D-15)", () => {
      const register = (userId: string, changes: Partial<NewTokenFamily> = {}) => {
        const family = newFamily({ userId, clientId: "phone", profileId: "AbC123", ...changes });
        const access = newAccess(family.id);
        return { family, outcome: tokens.issue({ profile: "registers", family, access }) };
      };

      it("is refused when it is another user's, and then nothing is written", async () => {
        const first = register("ann");
        assert.equal(await first.outcome, "issued");
        const second = register("bob");
        assert.equal(await second.outcome, "refused");
        assert.equal(await tokens.findAccess(second.family.id, start), undefined);
        assert((await tokens.findAccess(first.family.id, start)) !== undefined);
      });

      it("ends what the same user had there before, and nothing else", async () => {
        const first = register("ann");
        await first.outcome;
        const elsewhere = register("ann", { profileId: "ABC123" });
        const otherPhone = register("bob", { clientId: "tablet" });
        assert.equal(await elsewhere.outcome, "issued");
        assert.equal(await otherPhone.outcome, "issued");
        const second = register("ann");
        assert.equal(await second.outcome, "issued");
        assert.equal(await tokens.findAccess(first.family.id, start), undefined);
        for (const { family } of [second, elsewhere, otherPhone]) {
          assert((await tokens.findAccess(family.id, start)) !== undefined);
        }
        const ended = durable.db
          .selectFrom("token_family")
          .select(["revoked_at", "revoked_reason"])
          .where("id", "=", first.family.id);
        assert.deepEqual(
          { ...(await ended.executeTakeFirstOrThrow()) },
          { revoked_at: start, revoked_reason: "registered_again" },
        );
      });

      it("gives a profile that two users want at once to one of them", async () => {
        const users = Array.from({ length: 20 }, (_, index) => `user ${index}`);
        const outcomes = await Promise.all(
          users.map((user) => register(user, { clientId: "contended" }).outcome),
        );
        assert.equal(outcomes.filter((outcome) => outcome === "issued").length, 1);
      });

      it("leaves one family when the same user registers many times at once", async () => {
        const twenty = Array.from({ length: 20 }, () => register("ann", { clientId: "impatient" }));
        for (const { outcome } of twenty) assert.equal(await outcome, "issued");
        const found = await Promise.all(
          twenty.map(({ family }) => tokens.findAccess(family.id, start)),
        );
        assert.equal(found.filter((token) => token !== undefined).length, 1);
      });
    });

    describe("issuing for a profile that has to be there", () => {
      const issue = (profile: "admits" | "holds", userId: string, profileId: string) => {
        const family = newFamily({ userId, clientId: "phone", profileId, createdAt: at(9) });
        return tokens.issue({ profile, family, access: newAccess(family.id) });
      };
      const lastLogin = async (profileId: string) =>
        (await profilesIn(durable).find("phone", profileId))?.lastLoginAt;

      it("is refused without it, and for another user", async () => {
        const family = newFamily({ userId: "ann", clientId: "phone", profileId: "There1" });
        await tokens.issue({ profile: "registers", family, access: newAccess(family.id) });
        for (const profile of ["admits", "holds"] as const) {
          assert.equal(await issue(profile, "ann", "Not001"), "refused");
          assert.equal(await issue(profile, "bob", "There1"), "refused");
        }
        assert.equal(await lastLogin("There1"), start);
      });

      it("notes a login only where somebody logged in (D-65)", async () => {
        assert.equal(await issue("holds", "ann", "There1"), "issued");
        assert.equal(await lastLogin("There1"), start);
        assert.equal(await issue("admits", "ann", "There1"), "issued");
        assert.equal(await lastLogin("There1"), at(9));
      });
    });

    describe("an access token", () => {
      it("counts until it expires", async () => {
        const { named } = await login();
        assert(
          (await tokens.findAccess(named("a0"), milliseconds(at(accessLife) - 1))) !== undefined,
        );
        assert.equal(await tokens.findAccess(named("a0"), at(accessLife)), undefined);
        assert.equal(await tokens.findAccess("unknown", start), undefined);
      });

      it("keeps the moment of its first use", async () => {
        const { named } = await login();
        await tokens.markUsed(named("a0"), at(5));
        await tokens.markUsed(named("a0"), at(9));
        assert.equal((await tokens.findAccess(named("a0"), at(9)))?.usedAt, at(5));
      });

      it("ends with its family, whose first reason stays", async () => {
        const { family, named, isLive } = await login();
        assert.equal(await tokens.revokeFamily(family.id, "logout", at(1)), true);
        assert.equal(await tokens.revokeFamily(family.id, "again", at(2)), false);
        assert.equal(await isLive("a0"), false);
        const ended = await familyOf(named("r0"));
        assert.deepEqual([ended?.revokedAt, ended?.revokedReason], [at(1), "logout"]);
      });

      it("is revoked alone, by its own client only", async () => {
        const { named, isLive } = await login();
        assert.equal(await tokens.revokeAccess(named("a0"), "stranger", at(1)), false);
        assert.equal(await isLive("a0"), true);
        assert.equal(await tokens.revokeAccess(named("a0"), "client", at(1)), true);
        assert.equal(await isLive("a0"), false);
        const refresh = await tokens.findRefresh(named("r0"));
        assert.deepEqual([refresh?.state, refresh?.family.revokedAt], ["active", null]);
      });

      it("is added to a family that lives, for clients whose refresh tokens stay", async () => {
        const { family, named, isLive } = await login();
        assert.equal(await tokens.addAccess(family.id, newAccess(named("a1"))), true);
        assert.equal(await isLive("a1"), true);
        assert.equal((await tokens.findRefresh(named("r0")))?.state, "active");
        await tokens.revokeFamily(family.id, "logout", at(1));
        assert.equal(await tokens.addAccess(family.id, newAccess(named("a2"))), false);
        assert.equal(await tokens.addAccess("unknown", newAccess(named("a3"))), false);
      });
    });

    describe("sweeping (SEC-85)", () => {
      it("removes expired tokens and families without any, and nothing that lives", async () => {
        await sweepAll(() => tokens.sweepStep(at(1e7)));
        const count = async () => {
          const families = await durable.db.selectFrom("token_family").select("id").execute();
          return families.length;
        };
        assert.equal(await count(), 0);
        const { named, isLive } = await login();
        await Promise.all(
          Array.from({ length: 600 }, () =>
            tokens.issue({ family: newFamily(), access: newAccess(randomId()) }),
          ),
        );
        assert.equal(await sweepAll(() => tokens.sweepStep(milliseconds(at(accessLife) - 1))), 0);
        assert.equal(await isLive("a0"), true);
        assert.equal(await sweepAll(() => tokens.sweepStep(at(accessLife))), 601);
        assert.equal(await count(), 1);
        assert.equal((await tokens.findRefresh(named("r0")))?.state, "active");
        assert.equal(await sweepAll(() => tokens.sweepStep(at(refreshLife))), 1);
        assert.equal(await count(), 0);
      });
    });
  });
}
