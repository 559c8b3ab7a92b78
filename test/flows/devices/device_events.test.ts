// What the flows of app installations and of the end-user API note, over a real store.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { uuid } from "../../../server/core/id.ts";
import { silentLog } from "../../../server/core/log.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import type { Credentials } from "../../../server/flows/authenticate.ts";
import { deleteDevice } from "../../../server/flows/devices/delete_device.ts";
import { deleteProfile } from "../../../server/flows/devices/delete_profile.ts";
import { getAppConfiguration } from "../../../server/flows/devices/get_app_configuration.ts";
import { updateDevice } from "../../../server/flows/devices/update_device.ts";
import {
  deleteSelectedDevices,
  deleteUserDevice,
  deleteUserDevices,
} from "../../../server/flows/end_user/delete_devices.ts";
import {
  disableFingerprint,
  disableMobileAuthentication,
  disablePushAuthentication,
} from "../../../server/flows/end_user/disable.ts";
import { listDevices } from "../../../server/flows/end_user/list_devices.ts";
import { deleteToken, listTokens } from "../../../server/flows/end_user/tokens.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import { registerDevice } from "../../../server/flows/register_device.ts";
import type { World } from "../../../server/flows/world.ts";
import { readJwks } from "../../../server/identity/client_keys.ts";
import { hashToken, tokenSource } from "../../../server/identity/opaque_token.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import type { Signer } from "../../support/assertions.ts";
import { assertionOf, newKey } from "../../support/assertions.ts";
import { flowWorld } from "../../support/flow_world.ts";
import { basic } from "../../support/http.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";

const objects = {
  applications: [
    { id: "app", name: "App" },
    {
      id: "released",
      name: "Released",
      versions: [
        { version: "1" },
        { version: "2", status: "LOGIN_ONLY" },
        { version: "3", status: "DISABLED" },
      ],
    },
  ],
  clients: [
    { id: "helpdesk", kind: "api", api_scopes: ["onegini_api_end_user"] },
    { id: "viewer", kind: "api", api_scopes: ["onegini_api_events"] },
  ],
};
const secrets = { helpdesk: "helpdesk-secret-1", viewer: "viewer-secret-1" };
const newToken = tokenSource();

describe("what is noted about devices (SEC-77)", function () {
  this.timeout(20_000);
  let place: StorePlace;
  let store: Store;
  let world: World;
  let events: NewEvent[];

  before(async () => {
    place = await openSqlitePlace();
    const { durable, ephemeral } = place;
    store = await openStore({ durable, ephemeral, clock: systemClock, log: silentLog });
    ({ world, events } = await flowWorld(store, objects, secrets));
  });
  beforeEach(() => void events.splice(0));
  after(async () => {
    await store?.[Symbol.asyncDispose]();
    await place?.cleanup();
  });

  /** Runs a flow, whatever becomes of it, and gives what it noted. */
  const noted = async (flow: Promise<unknown>): Promise<NewEvent[]> => {
    await flow.catch((error: unknown) => assert.ok(error instanceof Error));
    return events.splice(0);
  };
  const typesOf = (of: readonly NewEvent[]) => of.map(({ type }) => type);

  const request = async (change: object = {}) => ({
    softwareId: "app",
    jwks: { keys: [(await newKey()).publicJwk] },
    ...change,
  });
  const install = async (softwareId = "app", softwareVersion = "1") => {
    const key = await newKey();
    const { clientId } = await registerDevice(world, {
      softwareId,
      softwareVersion,
      jwks: { keys: readJwks({ keys: [key.publicJwk] }) },
    });
    events.splice(0);
    const signer: Signer = { issuer: world.policy.issuer, clientId, key };
    const proof = async (): Promise<Credentials> => ({
      authorization: `Bearer ${await assertionOf(signer)}`,
    });
    return { clientId, proof };
  };
  const login = async (clientId: string, userId: string, profileId: string, type = "DEFAULT") => {
    const now = world.clock.now();
    const id = uuid();
    const token = newToken();
    const issued = await store.tokens.issue({
      profile: type === "DEFAULT" ? "registers" : "admits",
      family: {
        id,
        clientId,
        userId,
        profileId,
        identityProvider: null,
        tokenType: type,
        scope: "read",
        amr: [],
        userDetails: null,
        authTime: now,
        createdAt: now,
      },
      access: {
        hash: hashToken(token),
        scope: "read",
        issuedAt: now,
        expiresAt: milliseconds(now + 600_000),
      },
    });
    assert.equal(issued, "issued");
    return { id, token };
  };
  const helpdesk = { authorization: basic("helpdesk", secrets.helpdesk) };
  const agent = "helpdesk";

  it("says how registrations of installations ended", async () => {
    const rows: [object, string][] = [
      [{}, "DYNAMIC_REG_SUCCESS"],
      [{ softwareId: "nothing" }, "DYNAMIC_REG_FAILED_INVALID_METADATA"],
      [{ jwks: { keys: [] } }, "DYNAMIC_REG_FAILED_INVALID_METADATA"],
      [{ softwareId: "released", softwareVersion: "1" }, "DYNAMIC_REG_SUCCESS"],
      [{ softwareId: "released", softwareVersion: "2" }, "DYNAMIC_REG_NEW_REGISTRATIONS_DISABLED"],
      [{ softwareId: "released", softwareVersion: "3" }, "DYNAMIC_REG_VERSION_DISABLED"],
      [{ softwareId: "released", softwareVersion: "4" }, "DYNAMIC_REG_PLATFORM_VERSION_UNKNOWN"],
    ];
    for (const [change, type] of rows) {
      const found = await noted(registerDevice(world, await request(change)));
      assert.deepEqual(typesOf(found), [type]);
      assert.equal(found[0]?.clientId !== undefined, type === "DYNAMIC_REG_SUCCESS");
      assert.doesNotMatch(JSON.stringify(found), /"kty"|"x":/);
    }
  });

  it("says so of failed ones within the budget of their address (SEC-75)", async () => {
    const types: string[] = [];
    const counted: World["events"] = {
      ...world.events,
      add: () => assert.fail("it is noted whatever the budget"),
      addFailure: ({ type }) => void types.push(type),
    };
    for (const change of [
      { softwareId: "nothing" },
      { softwareId: "released", softwareVersion: "3" },
    ]) {
      await assert.rejects(
        registerDevice({ ...world, events: counted }, await request(change)),
        Refusal,
      );
    }
    assert.deepEqual(types, [
      "DYNAMIC_REG_FAILED_INVALID_METADATA",
      "DYNAMIC_REG_VERSION_DISABLED",
    ]);
  });

  it("says with what standing an installation came", async () => {
    const { clientId, proof } = await install("released");
    const rows: [string, string][] = [
      ["1", "CLIENT_VALIDATION_SUCCESS"],
      ["2", "CLIENT_VALIDATION_SUCCESS"],
      ["3", "CLIENT_VALIDATION_VERSION_DISABLED"],
      ["4", "CLIENT_VALIDATION_PLATFORM_VERSION_UNKNOWN"],
    ];
    for (const [softwareVersion, type] of rows) {
      await updateDevice(world, { softwareVersion }, await proof());
      events.splice(0);
      const found = await noted(getAppConfiguration(world, await proof()));
      assert.deepEqual(found, [{ type, clientId, application: "Released" }]);
    }
    const failed = await noted(getAppConfiguration(world, { authorization: undefined }));
    assert.deepEqual(typesOf(failed), ["CLIENT_VALIDATION_INVALID_CLIENT"]);
  });

  it("says what an installation changed, and its version apart", async () => {
    const { clientId, proof } = await install();
    const told = { clientId, application: "App" };
    const name = await noted(updateDevice(world, { deviceName: "mine" }, await proof()));
    assert.deepEqual(name, [{ type: "DYNAMIC_UP_SUCCESS", ...told }]);
    const same = await noted(updateDevice(world, { softwareVersion: "1" }, await proof()));
    assert.deepEqual(typesOf(same), ["DYNAMIC_UP_SUCCESS"]);
    const [, changed] = await noted(updateDevice(world, { softwareVersion: "2" }, await proof()));
    assert.deepEqual(changed, {
      type: "MOBILE_CLIENT_UPDATED_PLATFORM_VERSION",
      ...told,
      details: { version: "2", version_before: "1" },
    });
  });

  it("says whose profile was ended, and by whom, once", async () => {
    const { clientId, proof } = await install();
    await login(clientId, "ann", "P00001");
    const { token } = await login(clientId, "bob", "P00002");
    const event = (userId: string, profile_id: string) => ({
      type: "TOKEN_REVOKE_PROFILE_TOKENS_SUCCESS",
      clientId,
      userId,
      application: "App",
      details: { profile_id },
    });
    const end = async (profileId: string, credentials?: Credentials) =>
      noted(deleteProfile(world, { profileId }, credentials ?? (await proof())));
    assert.deepEqual(await end("P00001"), [event("ann", "P00001")]);
    assert.deepEqual(await end("P00001"), []);
    const user = { authorization: `Bearer ${token}` };
    assert.deepEqual(await end("P00002", user), [event("bob", "P00002")]);
    assert.deepEqual(await noted(deleteDevice(world, await proof())), [
      { type: "TOKEN_REVOKE_CLIENT_TOKENS_SUCCESS", clientId, application: "App" },
    ]);
  });

  it("says who asked for a user's devices and logins", async () => {
    const { clientId } = await install();
    await login(clientId, "ann", "P00001");
    const asked = async (userId: string) => [
      ...(await noted(listDevices(world, { userId }, helpdesk))),
      ...(await noted(listTokens(world, { userId }, helpdesk))),
    ];
    assert.deepEqual(await asked("ann"), [
      { type: "API_DEVICES_LISTED", userId: "ann", agent },
      { type: "API_TOKENS_LISTED", userId: "ann", agent },
    ]);
    assert.deepEqual(await asked("nobody"), [
      { type: "API_DEVICES_NO_DATA_FOUND", userId: "nobody", agent },
      { type: "API_TOKENS_NO_DATA_FOUND", userId: "nobody", agent },
    ]);
  });

  it("says what became of every device that a user was to be taken off", async () => {
    const [own, shared, foreign] = [await install(), await install(), await install()];
    const user = { userId: "cleo", agent };
    await login(own.clientId, "cleo", "P00001");
    await login(shared.clientId, "cleo", "P00001");
    await login(shared.clientId, "bob", "P00002");
    const selected = await noted(
      deleteSelectedDevices(
        world,
        { userId: "cleo", delete: [foreign.clientId, "nothing", own.clientId, shared.clientId] },
        helpdesk,
      ),
    );
    const types = new Map(selected.map(({ clientId, type }) => [clientId, type]));
    assert.equal(selected.length, 4);
    assert.deepEqual(
      [own.clientId, shared.clientId, foreign.clientId, "nothing"].map((id) => types.get(id)),
      [
        "API_DEVICE_REMOVED",
        "API_DEVICE_REMOVED_FOR_ONE_PROFILE",
        "API_DEVICE_NOT_REMOVED_FORBIDDEN",
        "API_DEVICE_NOT_REMOVED_NOT_FOUND",
      ],
    );
    assert.ok(selected.every(({ userId, agent: by }) => userId === "cleo" && by === agent));
    const again = await noted(
      deleteUserDevice(world, { userId: "cleo", deviceId: own.clientId }, helpdesk),
    );
    const type = "API_DEVICE_NOT_REMOVED_FORBIDDEN";
    assert.deepEqual(again, [{ type, clientId: own.clientId, ...user }]);
    await login(own.clientId, "cleo", "P00001");
    const all = () => noted(deleteUserDevices(world, { userId: "cleo" }, helpdesk));
    assert.deepEqual(await all(), [
      { type: "API_DEVICE_REMOVED", clientId: own.clientId, ...user },
    ]);
    assert.deepEqual(await all(), [{ type: "API_DEVICE_NOT_REMOVED_NOT_FOUND", ...user }]);
  });

  it("says what became of a login that was to be ended", async () => {
    const { clientId } = await install();
    const { id } = await login(clientId, "dora", "P00001");
    const end = async (userId: string, tokenId: string) => {
      const [event, ...more] = await noted(deleteToken(world, { userId, tokenId }, helpdesk));
      assert.deepEqual(more, []);
      assert.deepEqual([event?.userId, event?.agent], [userId, agent]);
      assert.deepEqual(event?.details, { token_id: tokenId });
      return event?.type;
    };
    assert.equal(await end("bob", id), "API_TOKEN_NOT_REMOVED_FORBIDDEN");
    assert.equal(await end("dora", id), "API_TOKEN_REMOVED");
    assert.equal(await end("dora", id), "API_TOKEN_NOT_REMOVED_NOT_FOUND");
    assert.equal(await end("dora", "nothing"), "API_TOKEN_NOT_REMOVED_NOT_FOUND");
  });

  it("says what was disabled, and ends the fingerprint alone", async () => {
    const { clientId } = await install();
    const pin = await login(clientId, "emma", "P00001");
    const fingers = [
      await login(clientId, "emma", "P00001", "FINGER_PRINT"),
      await login(clientId, "emma", "P00001", "FINGER_PRINT"),
    ];
    const bobs = [
      await login(clientId, "bob", "P00002"),
      await login(clientId, "bob", "P00002", "FINGER_PRINT"),
    ];
    const isLive = async ({ token }: { token: string }): Promise<boolean> =>
      (await store.tokens.findAccess(hashToken(token), world.clock.now())) !== undefined;
    const target = (userId: string, deviceId = clientId) => ({ userId, deviceId });
    const disable = async (userId: string, deviceId?: string) =>
      typesOf(await noted(disableFingerprint(world, target(userId, deviceId), helpdesk)));
    assert.deepEqual(await disable("emma"), ["API_FINGER_PRINT_DISABLED"]);
    assert.deepEqual(await Promise.all(fingers.map(isLive)), [false, false]);
    assert.deepEqual(await Promise.all([pin, ...bobs].map(isLive)), [true, true, true]);
    assert.deepEqual(await disable("emma"), ["API_FINGER_PRINT_DISABLED"]);
    assert.deepEqual(await disable("gina"), ["API_FINGER_PRINT_NOT_DISABLED_FORBIDDEN"]);
    assert.deepEqual(await disable("emma", "nothing"), [
      "API_FINGER_PRINT_NOT_DISABLED_CLIENT_NOT_FOUND",
    ]);
    const others = [
      ...(await noted(disableMobileAuthentication(world, target("emma"), helpdesk))),
      ...(await noted(disablePushAuthentication(world, target("emma"), helpdesk))),
    ];
    assert.deepEqual(typesOf(others), [
      "API_AUTHENTICATION_USER_CLIENT_KEYS_NOT_REMOVED_NOT_FOUND",
      "API_AUTHENTICATION_APP_NOT_REMOVED_NOT_FOUND",
    ]);
  });

  it("says who was turned away, and no more", async () => {
    const viewer = { authorization: basic("viewer", secrets.viewer) };
    const wrong = { authorization: basic("helpdesk", "another-secret") };
    const asked = (credentials: Credentials) =>
      noted(listDevices(world, { userId: "ann" }, credentials));
    const details = { claimed_client_id: "helpdesk", reason: "CLIENT_AUTHENTICATION_FAILED" };
    assert.deepEqual(await asked(wrong), [{ type: "API_AUTHENTICATION_FAILED", details }]);
    assert.deepEqual(await asked(viewer), [
      {
        type: "API_ACCESS_NOT_ALLOWED_INVALID_SCOPES",
        clientId: "viewer",
        application: "viewer",
        agent: "viewer",
        details: { scope: "onegini_api_end_user" },
      },
    ]);
  });
});
