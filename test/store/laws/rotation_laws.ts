// The laws of exchanging refresh tokens: one successor, a lost answer given again, no reuse.
import assert from "node:assert/strict";
import { milliseconds } from "../../../server/core/clock.ts";
import { openDurable } from "../../../server/store/durable.ts";
import { sweepAll } from "../../../server/store/sweep.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import { accessLife, at, newAccess, refreshLife } from "./new_tokens.ts";
import type { LoginStore } from "./phone_logins.ts";
import { loginStore } from "./phone_logins.ts";

/** Describes the laws of rotation for one way to keep data. */
export function rotationLaws(row: StoreRow): void {
  describe(`rotation in ${row.name} (D-62, SEC-23)`, function () {
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
    const familyOf = async (hash: string) => (await store.tokens.findRefresh(hash))?.family;

    it("exchanges an active token for its successor and an access token", async () => {
      const { familyId, named, rotate, isLive } = await store.register();
      assert.equal(await rotate("r0", "r1", "a1"), "rotated");
      const used = await store.tokens.findRefresh(named("r0"));
      assert.deepEqual(
        [used?.state, used?.usedAt, used?.successorHash],
        ["used", at(1), named("r1")],
      );
      const successor = await store.tokens.findRefresh(named("r1"));
      assert.deepEqual([successor?.state, successor?.family.id], ["active", familyId]);
      const access = await store.tokens.findAccess(named("a1"), at(1));
      assert.deepEqual([access?.scope, access?.family.id], ["read", familyId]);
      assert.equal(await isLive("a0"), true);
      assert.equal(await rotate("r1", "r2", "a2"), "rotated");
    });

    it("repeats an answer that was lost, with another access token in its place", async () => {
      const { named, rotate, isLive } = await store.register();
      assert.equal(await rotate("r0", "r1", "a1"), "rotated");
      assert.equal(await rotate("r0", "r1", "b1"), "repeated");
      assert.equal(await isLive("a1"), false);
      assert.equal(await isLive("b1"), true);
      assert.equal(await rotate("r0", "r1", "c1"), "repeated");
      assert.equal(await isLive("b1"), false);
      assert.equal((await familyOf(named("r0")))?.revokedAt, null);
      assert.equal(await rotate("r1", "r2", "a2"), "rotated");
    });

    it("still repeats it when the lost access token has expired and was swept for", async () => {
      const { rotate, isLive } = await store.register();
      assert.equal(await rotate("r0", "r1", "a1"), "rotated");
      const later = at(accessLife + 60);
      await sweepAll(() => store.tokens.sweepStep(later));
      assert.equal(await rotate("r0", "r1", "b1", later), "repeated");
      assert.equal(await isLive("b1", later), true);
    });

    it("takes it for a reuse once the successor was exchanged", async () => {
      const { named, rotate, isLive } = await store.register();
      await rotate("r0", "r1", "a1");
      await rotate("r1", "r2", "a2");
      assert.equal(await rotate("r0", "r1", "b1"), "reused");
      assert.equal(await isLive("a2"), false);
      const family = await familyOf(named("r2"));
      assert.deepEqual([family?.revokedAt, family?.revokedReason], [at(1), "refresh_reuse"]);
      assert.equal(await rotate("r2", "r3", "a3"), "invalid");
    });

    it("takes it for a reuse once the access token given with it was used", async () => {
      const { named, rotate, isLive } = await store.register();
      await rotate("r0", "r1", "a1");
      await store.tokens.markUsed(named("a1"), at(2));
      assert.equal(await rotate("r0", "r1", "b1"), "reused");
      assert.equal(await isLive("a1"), false);
    });

    it("does so also when the used access token has been swept or revoked", async () => {
      const swept = await store.register();
      await swept.rotate("r0", "r1", "a1");
      await store.tokens.markUsed(swept.named("a1"), at(2));
      const later = at(accessLife + 60);
      await sweepAll(() => store.tokens.sweepStep(later));
      assert.equal(await swept.rotate("r0", "r1", "b1", later), "reused");
      const revoked = await store.register();
      await revoked.rotate("r0", "r1", "a1");
      await store.tokens.revokeAccess(revoked.named("a1"), revoked.clientId, at(1));
      assert.equal(await revoked.rotate("r0", "r1", "b1"), "reused");
    });

    it("takes another successor for the same token for a reuse", async () => {
      const { rotate } = await store.register();
      await rotate("r0", "r1", "a1");
      assert.equal(await rotate("r0", "x1", "b1"), "reused");
    });

    it("never counts a used token as a wrong PIN (D-42)", async () => {
      const { rotate, failures } = await store.register();
      await rotate("r0", "r1", "a1");
      await rotate("r1", "r2", "a2");
      for (let i = 0; i < 8; i += 1)
        assert.match(await rotate("r0", "r1", `b${i}`), /reused|invalid/);
      assert.equal(await failures(), 0);
    });

    it("exchanges nothing that expired or was revoked, and counts neither", async () => {
      const { familyId, rotate, isLive, failures } = await store.register();
      assert.equal(await rotate("r0", "r1", "a1", at(refreshLife)), "invalid");
      assert.equal(await rotate("r0", "r1", "a1"), "rotated");
      await store.tokens.revokeFamily(familyId, "logout", at(2));
      assert.equal(await rotate("r1", "r2", "a2"), "invalid");
      assert.equal(await rotate("r0", "r1", "b1"), "invalid");
      assert.equal(await isLive("b1"), false);
      assert.equal(await failures(), 0);
    });

    it("leaves everything as it was when the offer is withdrawn (SEC-24)", async () => {
      const { named, presented, rotate } = await store.register();
      const refused = store.logins.exchange(presented(named("r0")), () => {
        throw new Error("no such scope");
      });
      await assert.rejects(refused, /no such scope/);
      assert.equal((await store.tokens.findRefresh(named("r0")))?.state, "active");
      assert.equal(await rotate("r0", "r1", "a1"), "rotated");
    });

    it("keeps the claims of the access token", async () => {
      const { named, presented } = await store.register();
      const claims = { level: 3, ü: ["x"] };
      await store.logins.exchange(presented(named("r0")), () => ({
        successor: { hash: named("r1"), expiresAt: at(refreshLife) },
        access: { ...newAccess(named("a1"), at(1)), claims },
      }));
      assert.deepEqual((await store.tokens.findAccess(named("a1"), at(2)))?.claims, claims);
    });

    it("gives parallel callers one successor, one live answer and one family", async () => {
      const { named, rotate, isLive, failures } = await store.register();
      const names = Array.from({ length: 50 }, (_, index) => `p${index}`);
      const results = await Promise.all(names.map((name) => rotate("r0", "r1", name)));
      assert.equal(results.filter((result) => result === "rotated").length, 1);
      assert.equal(results.filter((result) => result === "repeated").length, 49);
      const live = await Promise.all(names.map((name) => isLive(name)));
      assert.equal(live.filter(Boolean).length, 1);
      assert.equal((await familyOf(named("r1")))?.revokedAt, null);
      assert.equal(await failures(), 0);
      const later = milliseconds(at(2));
      assert.equal(await rotate("r1", "r2", "a2", later), "rotated");
    });
  });
}
