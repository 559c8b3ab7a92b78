// The laws of installations, of the devices of users, and of their logins: what one user ends stays
// another's.
import assert from "node:assert/strict";
import type { Milliseconds } from "../../../server/core/clock.ts";
import { milliseconds } from "../../../server/core/clock.ts";
import { randomId, uuid } from "../../../server/core/id.ts";
import type { Devices } from "../../../server/store/devices.ts";
import { devicesIn } from "../../../server/store/devices.ts";
import type { Durable } from "../../../server/store/durable.ts";
import { openDurable } from "../../../server/store/durable.ts";
import type { Installation, Installations } from "../../../server/store/installations.ts";
import { installationsIn } from "../../../server/store/installations.ts";
import type { Profiles } from "../../../server/store/profiles.ts";
import { profilesIn } from "../../../server/store/profiles.ts";
import type { NewTokenFamily } from "../../../server/store/token_family.ts";
import type { Tokens } from "../../../server/store/tokens.ts";
import { tokensIn } from "../../../server/store/tokens.ts";
import type { UserTokens } from "../../../server/store/user_tokens.ts";
import { userTokensIn } from "../../../server/store/user_tokens.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";
import { newFamily } from "./new_tokens.ts";

const start = milliseconds(1_800_000_000_000);
const at = (seconds: number): Milliseconds => milliseconds(start + seconds * 1000);
const accessLife = 600;
const refreshLife = 86_400;
const many = 1000;

interface Login {
  readonly clientId: string;
  readonly userId: string;
  readonly profileId?: string;
  readonly tokenType?: string;
  readonly now?: Milliseconds;
  readonly refreshes?: boolean;
}

/** Describes the laws of devices for one way to keep data. */
export function deviceLaws(row: StoreRow): void {
  describe(`devices in ${row.name}`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let durable: Durable;
    let installations: Installations;
    let profiles: Profiles;
    let devices: Devices;
    let tokens: Tokens;
    let userTokens: UserTokens;

    before(async function () {
      place = await openOrSkip(row, this);
      durable = await openDurable(place.durable);
      installations = installationsIn(durable);
      profiles = profilesIn(durable);
      devices = devicesIn(durable);
      tokens = tokensIn(durable);
      userTokens = userTokensIn(durable);
    });
    after(async () => {
      await durable?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    const install = async (change: Partial<Installation> = {}): Promise<string> => {
      const clientId = uuid();
      await installations.add({
        clientId,
        applicationId: "app",
        softwareVersion: "1.0",
        jwks: "{}",
        deviceName: "Ann's phone 📱",
        devicePlatform: "android",
        deviceModel: null,
        deviceOsVersion: null,
        createdAt: start,
        lastSeenAt: null,
        ...change,
      });
      return clientId;
    };
    /** A login; with a profile it registers it, unless the profile's type is another one. */
    const login = async ({ clientId, userId, profileId, ...more }: Login): Promise<string> => {
      const { tokenType = "DEFAULT", now = start, refreshes = true } = more;
      const family: NewTokenFamily = {
        id: uuid(),
        clientId,
        userId,
        profileId: profileId ?? null,
        identityProvider: "qr",
        tokenType,
        scope: "read write",
        amr: [],
        userDetails: null,
        authTime: now,
        createdAt: now,
      };
      const expiresAt = (life: number) => milliseconds(now + life * 1000);
      const issued = await tokens.issue({
        profile:
          profileId === undefined ? undefined : tokenType === "DEFAULT" ? "registers" : "admits",
        family,
        access: {
          hash: `${family.id}-a0`,
          scope: "read",
          issuedAt: now,
          expiresAt: expiresAt(accessLife),
        },
        refresh: refreshes
          ? { hash: `${family.id}-r0`, createdAt: now, expiresAt: expiresAt(refreshLife) }
          : undefined,
      });
      assert.equal(issued, "issued");
      return family.id;
    };
    const isLive = async (family: string): Promise<boolean> =>
      (await tokens.findAccess(`${family}-a0`, at(1))) !== undefined;
    const registerVoice = (client_id: string, profile_id: string) =>
      durable.db
        .insertInto("authenticator_registration")
        .values({
          client_id,
          profile_id,
          authenticator: "voice",
          id: randomId(),
          sealed_data: null,
          created_at: start,
        })
        .execute();
    const registeredOn = async (clientId: string): Promise<string[]> => {
      const rows = durable.db.selectFrom("authenticator_registration").select("profile_id");
      const found = await rows.where("client_id", "=", clientId).execute();
      return found.map(({ profile_id }) => profile_id);
    };

    describe("an installation", () => {
      it("keeps what an update leaves out, and is seen by it", async () => {
        const clientId = await install({ deviceModel: "Nexus" });
        const before = await installations.find(clientId);
        const change = { softwareVersion: "2.0", deviceOsVersion: "8" };
        assert.equal(await installations.update(clientId, change, at(5)), true);
        assert.deepEqual(await installations.find(clientId), {
          ...before,
          softwareVersion: "2.0",
          deviceOsVersion: "8",
          lastSeenAt: at(5),
        });
        assert.equal(await installations.update(clientId, {}, at(6)), true);
        assert.equal((await installations.find(clientId))?.lastSeenAt, at(6));
        assert.equal(await installations.update(uuid(), change, at(5)), false);
      });

      it("takes no profile that has to be on it after it went (SEC-85)", async () => {
        const clientId = await install();
        const profileId = "P00000";
        const register = () =>
          tokens.issue({
            profile: "registers",
            installed: true,
            family: newFamily({ clientId, profileId, userId: randomId() }),
          });
        const racing = [register(), installations.remove(clientId, "gone", at(1)), register()];
        for (const end of await Promise.allSettled(racing)) assert.equal(end.status, "fulfilled");
        assert.equal(await register(), "refused");
        assert.equal(await profiles.find(clientId, profileId), undefined);
      });

      it("goes with all that is on it, once, and nothing else does (SEC-85)", async () => {
        const [clientId, other] = [await install(), await install()];
        const users = [randomId(), randomId()] as const;
        const families: string[] = [];
        for (const [index, userId] of users.entries()) {
          families.push(await login({ clientId, userId, profileId: `P0000${index}` }));
        }
        families.push(await login({ clientId, userId: users[0] }));
        await registerVoice(clientId, "P00001");
        const kept = await login({ clientId: other, userId: users[0], profileId: "P00000" });
        const ends = await Promise.all(
          Array.from({ length: 5 }, () => installations.remove(clientId, "deregistered", at(1))),
        );
        assert.deepEqual(ends.sort(), [false, false, false, false, true]);
        assert.equal(await installations.find(clientId), undefined);
        assert.equal(await profiles.find(clientId, "P00000"), undefined);
        assert.deepEqual(await registeredOn(clientId), []);
        for (const family of families) assert.equal(await isLive(family), false);
        assert.equal(await isLive(kept), true);
        const [family] = families;
        const refresh = await tokens.findRefresh(`${family}-r0`);
        assert.equal(refresh?.family.revokedReason, "deregistered");
      });

      it("is known by its id and by nothing like it", async () => {
        const clientId = await install();
        const others = [clientId.toUpperCase(), `${clientId} `, "", uuid()];
        assert.deepEqual(await installations.known([clientId, ...others]), new Set([clientId]));
        assert.deepEqual(await installations.known([]), new Set());
      });
    });

    describe("the devices of a user", () => {
      it("are those with a profile, newest first, each once", async () => {
        const userId = randomId();
        const old = await install({ createdAt: start, deviceModel: "Nexus" });
        const young = await install({ createdAt: at(10), applicationId: "other" });
        await login({ clientId: old, userId, profileId: "P00001", now: at(20) });
        await login({ clientId: old, userId, profileId: "P00002", now: at(30) });
        await login({ clientId: young, userId, profileId: "P00001", now: at(25) });
        await login({ clientId: young, userId: randomId(), profileId: "P00002", now: at(99) });
        await login({ clientId: "web", userId });
        const device = {
          applicationId: "app",
          name: "Ann's phone 📱",
          platform: "android",
          osVersion: null,
          tokenTypes: ["DEFAULT"],
          isEnrolled: false,
        };
        assert.deepEqual(await devices.list(userId, at(31), many), [
          {
            ...device,
            clientId: young,
            applicationId: "other",
            model: null,
            createdAt: at(10),
            lastLoginAt: at(25),
          },
          { ...device, clientId: old, model: "Nexus", createdAt: start, lastLoginAt: at(30) },
        ]);
        assert.equal((await devices.list(userId, at(31), 1)).length, 1);
        assert.deepEqual(await devices.list(randomId(), at(31), many), []);
      });

      it("of the same age have one order", async () => {
        const userId = randomId();
        const ids: string[] = [];
        for (let i = 0; i < 4; i += 1) {
          const clientId = await install();
          await login({ clientId, userId, profileId: "P00001" });
          ids.push(clientId);
        }
        const listed = (await devices.list(userId, at(1), many)).map(({ clientId }) => clientId);
        assert.deepEqual(listed, ids.sort().reverse());
      });

      it("show the types of what is live: of access tokens, of active refresh tokens", async () => {
        const userId = randomId();
        const clientId = await install();
        const on = { clientId, userId, profileId: "P00001" };
        await login(on);
        await login({ ...on, tokenType: "FINGER_PRINT" });
        await login({ ...on, tokenType: "IMPLICIT_AUTHENTICATION", refreshes: false });
        await login({ ...on, tokenType: "FINGER_PRINT" });
        await login({ ...on, userId: userId, tokenType: "GONE", refreshes: false, now: at(-900) });
        const revoked = await login({ ...on, tokenType: "REVOKED" });
        await tokens.revokeFamily(revoked, "revoked", at(1));
        const typesAt = async (now: Milliseconds) =>
          (await devices.list(userId, now, many))[0]?.tokenTypes;
        const [pin, finger] = ["DEFAULT", "FINGER_PRINT"];
        assert.deepEqual(await typesAt(at(1)), [pin, finger, "IMPLICIT_AUTHENTICATION"]);
        assert.deepEqual(await typesAt(at(accessLife)), [pin, finger]);
        assert.deepEqual(await typesAt(at(refreshLife)), []);
        await registerVoice(clientId, "P00001");
        await login({ ...on, tokenType: "CUSTOM_AUTHENTICATOR", refreshes: false });
        const [custom] = ["CUSTOM_AUTHENTICATOR"];
        assert.deepEqual(await typesAt(at(accessLife - 1)), [
          custom,
          pin,
          finger,
          "IMPLICIT_AUTHENTICATION",
        ]);
        assert.deepEqual(await typesAt(at(refreshLife)), [custom]);
      });

      it("tell users apart by every byte of their ids", async () => {
        const clientId = await install();
        const base = `Ä/ user%2F😀${randomId()}`;
        const alike = [base, base.toLowerCase(), `${base} `, base.normalize("NFD"), ` ${base}`];
        for (const [index, userId] of alike.entries()) {
          await login({ clientId, userId, profileId: `P0000${index}` });
        }
        assert.equal(new Set(alike).size, alike.length);
        const left = await devices.remove(base, [clientId], "removed", at(1));
        assert.deepEqual(left, [{ clientId, hasOthers: true }]);
        for (const userId of alike) {
          const listed = await devices.list(userId, at(1), many);
          assert.equal(listed.length, userId === base ? 0 : 1, userId);
        }
      });
    });

    describe("taking a user off devices", () => {
      it("ends every profile and login of the user there, and nothing else", async () => {
        const [ann, bob] = [randomId(), randomId()];
        const [one, two] = [await install(), await install()];
        const gone = [
          await login({ clientId: one, userId: ann, profileId: "P00001" }),
          await login({ clientId: one, userId: ann, profileId: "P00002" }),
          await login({ clientId: one, userId: ann, tokenType: "STATELESS_AUTHENTICATION" }),
        ];
        const kept = [
          await login({ clientId: one, userId: bob, profileId: "P00003" }),
          await login({ clientId: two, userId: ann, profileId: "P00001" }),
          await login({ clientId: "web", userId: ann }),
        ];
        await registerVoice(one, "P00002");
        await registerVoice(one, "P00003");
        const left = await devices.remove(ann, [one, uuid(), "web"], "removed", at(1));
        assert.deepEqual(left, [{ clientId: one, hasOthers: true }]);
        for (const family of gone) assert.equal(await isLive(family), false);
        for (const family of kept) assert.equal(await isLive(family), true);
        assert.deepEqual(await registeredOn(one), ["P00003"]);
        assert.equal((await installations.find(one))?.clientId, one);
        assert.deepEqual(await devices.remove(ann, [one], "removed", at(1)), []);
      });

      it("takes all devices when none is named, but no static client", async () => {
        const userId = randomId();
        const ids = [await install(), await install(), await install()];
        for (const clientId of ids) await login({ clientId, userId, profileId: "P00001" });
        const web = await login({ clientId: "web", userId });
        const left = await devices.remove(userId, undefined, "removed", at(1));
        const expected = ids.map((clientId) => ({ clientId, hasOthers: false }));
        const byId = (a: { clientId: string }, b: { clientId: string }) =>
          a.clientId < b.clientId ? -1 : 1;
        assert.deepEqual([...left].sort(byId), expected.sort(byId));
        assert.deepEqual(await devices.list(userId, at(1), many), []);
        assert.equal(await isLive(web), true);
      });

      it("does nothing for an empty list", async () => {
        const userId = randomId();
        const clientId = await install();
        const family = await login({ clientId, userId, profileId: "P00001" });
        assert.deepEqual(await devices.remove(userId, [], "removed", at(1)), []);
        assert.equal(await isLive(family), true);
      });

      it("takes all or nothing, when the store fails half-way", async () => {
        const userId = randomId();
        const ids = [await install(), await install()];
        const families: string[] = [];
        for (const clientId of ids) {
          families.push(await login({ clientId, userId, profileId: "P00001" }));
        }
        const before = await devices.list(userId, at(1), many);
        // A reason that cannot be stored is found out after the profiles are deleted.
        await assert.rejects(devices.remove(userId, ids, "\0", at(1)));
        await assert.rejects(installations.remove(ids[0] ?? "", "\0", at(1)));
        assert.deepEqual(await devices.list(userId, at(1), many), before);
        for (const family of families) assert.equal(await isLive(family), true);
      });

      it("takes a thousand at once, many callers at a time, each device once", async () => {
        const userId = randomId();
        const ids = [await install(), await install(), await install()];
        for (const clientId of ids) {
          for (const profileId of ["P00001", "P00002"]) {
            await login({ clientId, userId, profileId });
          }
        }
        const named = [...ids, ...Array.from({ length: many - ids.length }, () => uuid())];
        const results = await Promise.all([
          ...Array.from({ length: 4 }, () => devices.remove(userId, named, "removed", at(1))),
          ...Array.from({ length: 4 }, () => devices.remove(userId, undefined, "removed", at(1))),
          ...ids.map(async (clientId) => {
            await installations.remove(clientId, "deregistered", at(1));
            return [];
          }),
        ]);
        const left = results.flat().map(({ clientId }) => clientId);
        assert.equal(new Set(left).size, left.length);
        assert.deepEqual(await devices.list(userId, at(1), many), []);
      });

      it("leaves no live login behind, however logins and removals meet", async () => {
        const userId = randomId();
        const clientId = await install();
        const families = await Promise.all(
          Array.from({ length: 12 }, async (_, index) => {
            const profileId = `P000${10 + index}`;
            const [family] = await Promise.all([
              login({ clientId, userId, profileId }),
              devices.remove(userId, undefined, "removed", at(1)),
            ]);
            return { family, profileId };
          }),
        );
        for (const { family, profileId } of families) {
          const hasProfile = (await profiles.find(clientId, profileId)) !== undefined;
          assert.ok(hasProfile || !(await isLive(family)), `${profileId} lives on`);
        }
      });

      it("revokes one type of login, on all profiles of the user there", async () => {
        const [ann, bob] = [randomId(), randomId()];
        const [one, two] = [await install(), await install()];
        const on = async (clientId: string, userId: string, profileId: string) => {
          const pin = await login({ clientId, userId, profileId });
          const tokenType = "FINGER_PRINT";
          return { pin, finger: await login({ clientId, userId, profileId, tokenType }) };
        };
        const first = await on(one, ann, "P00001");
        const second = await on(one, ann, "P00002");
        const foreign = [await on(one, bob, "P00003"), await on(two, ann, "P00001")];
        const disable = () => devices.revokeType(ann, one, "FINGER_PRINT", "disabled", at(1));
        assert.equal(await disable(), 2);
        assert.equal(await disable(), 0);
        for (const { pin, finger } of [first, second]) {
          assert.deepEqual([await isLive(pin), await isLive(finger)], [true, false]);
        }
        for (const { pin, finger } of foreign) {
          assert.deepEqual([await isLive(pin), await isLive(finger)], [true, true]);
        }
        assert.equal(await devices.has(ann, one), true);
        assert.equal(await devices.has(randomId(), one), false);
        assert.equal(await devices.has(ann, "web"), false);
      });
    });

    describe("the logins of a user", () => {
      const listed = (userId: string, now: Milliseconds) => userTokens.list(userId, now, many);

      it("are its families with their newest access token, newest first", async () => {
        const userId = randomId();
        const clientId = await install();
        const old = await login({ clientId, userId, profileId: "P00001" });
        const web = await login({ clientId: "web", userId, now: at(5), refreshes: false });
        await login({ clientId, userId: randomId(), profileId: "P00002" });
        await tokens.addAccess(old, {
          hash: `${old}-a1`,
          scope: "write",
          issuedAt: at(9),
          expiresAt: at(9 + accessLife),
        });
        const expected = [
          {
            id: old,
            clientId,
            applicationId: "app",
            deviceName: "Ann's phone 📱",
            tokenType: "DEFAULT",
            scope: "write",
            issuedAt: at(9),
            isExpired: false,
            refreshes: true,
          },
          {
            id: web,
            clientId: "web",
            applicationId: null,
            deviceName: null,
            tokenType: "DEFAULT",
            scope: "read",
            issuedAt: at(5),
            isExpired: false,
            refreshes: false,
          },
        ];
        assert.deepEqual(await listed(userId, at(10)), expected);
        assert.deepEqual(await userTokens.list(userId, at(10), 1), [expected[0]]);
      });

      it("are left out when nothing of them can be used", async () => {
        const userId = randomId();
        const clientId = await install();
        const refreshing = await login({ clientId, userId, profileId: "P00001" });
        await login({ clientId: "web", userId, refreshes: false });
        const idsAt = async (now: Milliseconds) =>
          (await listed(userId, now)).map(({ id, isExpired }) => ({ id, isExpired }));
        assert.equal((await idsAt(at(1))).length, 2);
        assert.deepEqual(await idsAt(at(accessLife)), [{ id: refreshing, isExpired: true }]);
        assert.deepEqual(await idsAt(at(refreshLife)), []);
        await tokens.revokeFamily(refreshing, "revoked", at(1));
        assert.equal((await idsAt(at(1))).length, 1);
      });

      it("keep their place when their access tokens are swept away", async () => {
        const userId = randomId();
        const family = await login({ clientId: "web", userId });
        await durable.db.deleteFrom("access_token").where("family_id", "=", family).execute();
        const [only] = await listed(userId, at(accessLife));
        const { id, scope, issuedAt, isExpired, refreshes } = only ?? {};
        assert.deepEqual(
          { id, scope, issuedAt, isExpired, refreshes },
          { id: family, scope: "read write", issuedAt: start, isExpired: true, refreshes: true },
        );
      });

      it("count a used refresh token for nothing", async () => {
        const userId = randomId();
        const family = await login({ clientId: "web", userId });
        const used = durable.db.updateTable("refresh_token").set({ state: "used" });
        await used.where("family_id", "=", family).execute();
        const [only] = await listed(userId, at(1));
        assert.equal(only?.refreshes, false);
        assert.deepEqual(await listed(userId, at(accessLife)), []);
      });

      it("are ended by their own user only, once", async () => {
        const [ann, bob] = [randomId(), randomId()];
        const family = await login({ clientId: "web", userId: ann });
        assert.equal(await userTokens.revoke(bob, family, "removed", at(1)), "foreign");
        assert.equal(await isLive(family), true);
        assert.equal(await userTokens.revoke(ann, family, "removed", at(1)), "revoked");
        assert.equal(await isLive(family), false);
        assert.equal(await userTokens.revoke(ann, family, "removed", at(1)), "unknown");
        assert.equal(await userTokens.revoke(ann, randomId(), "removed", at(1)), "unknown");
      });
    });
  });
}
