// Secrets that the server makes where nobody gives one: at the first applying, also of what an earlier
// version stored without, and never again.
import assert from "node:assert/strict";
import { Setup } from "../../../gen/gatewright/v1/setup.ts";
import { systemClock } from "../../../server/core/clock.ts";
import { silentLog } from "../../../server/core/log.ts";
import { applySetup, diffSetup } from "../../../server/flows/apply_setup.ts";
import { rotateCallbackSecret } from "../../../server/flows/callbacks/rotate_callback_secret.ts";
import type { Configuration } from "../../../server/flows/configuration.ts";
import { loadConfiguration } from "../../../server/flows/setup/present.ts";
import type { World } from "../../../server/flows/world.ts";
import { isSigningSecret } from "../../../server/identity/webhook_signature.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import { bareWorld } from "../../support/bare_world.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";

const url = "https://portal.example/callback";
const given = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const other = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;
const setupOf = (callback: object): Setup =>
  Setup.fromPartial({ mobileAuthentication: { callbacks: [{ url, ...callback }] } });

describe("the signing secret of a callback", () => {
  let place: StorePlace;
  let store: Store;
  let world: World;
  beforeEach(async () => {
    place = await openSqlitePlace();
    store = await openStore({ ...place, clock: systemClock, log: silentLog });
    world = bareWorld(store, await loadConfiguration(bareWorld(store, {} as Configuration)));
  });
  afterEach(async () => {
    await store[Symbol.asyncDispose]();
    await place.cleanup();
  });
  const secret = async (): Promise<string | undefined> =>
    (await loadConfiguration(world)).callbacks.get(url)?.signingSecret;
  const apply = async (callback: object = {}): Promise<string[]> => {
    const { changes } = await applySetup(world, setupOf(callback), "test");
    return changes.map(({ action, fields }) => [action, ...fields].join(" "));
  };

  it("is made once", async () => {
    assert.deepEqual(await apply(), ["added"]);
    const made = await secret();
    assert(made !== undefined && isSigningSecret(made));
    assert.deepEqual(await apply(), []);
    assert.deepEqual(await apply({ user: "gatewright" }), ["changed user"]);
    assert.equal(await secret(), made);
  });

  it("is the one that is given, and stays when it is left out", async () => {
    await apply({ signingSecret: given });
    assert.equal(await secret(), given);
    assert.deepEqual(await apply(), []);
    assert.equal(await secret(), given);
  });

  it("stays good beside another one that takes its place, unless that is ended", async () => {
    const callback = async () => (await loadConfiguration(world)).callbacks.get(url);
    await apply({ signingSecret: given });
    // As by a server that starts again with a file that names the first one.
    const { signingSecret } = await rotateCallbackSecret(world, { url }, "test");
    const fields = ["changed previous_signing_secret signing_secret"];
    assert.deepEqual(await apply({ signingSecret: given }), fields);
    assert.equal(await secret(), given);
    assert.equal((await callback())?.previousSigningSecret, signingSecret);
    assert.deepEqual(await apply({ signingSecret: given }), []);
    await apply({ signingSecret: other, previousSigningSecret: "" });
    assert.equal(await secret(), other);
    assert.equal((await callback())?.previousSigningSecret, "");
  });

  it("is made for one that was stored without", async () => {
    const document = JSON.stringify({ url });
    const old = { kind: "callbacks", id: url, document, sealed: null };
    const { revision } = await store.configuration.load();
    await store.configuration.apply(revision, [old], [], [], systemClock.now());
    assert.equal(await secret(), undefined);
    assert.deepEqual((await diffSetup(world, setupOf({}))).changes[0]?.fields, ["signing_secret"]);
    assert.deepEqual(await apply(), ["changed signing_secret"]);
    assert(isSigningSecret((await secret()) ?? ""));
    assert.deepEqual(await apply(), []);
  });
});
