// The OpenPGP key of the server: one for all processes, made once, sealed, and had again after any failure.
import assert from "node:assert/strict";
import { systemClock } from "../../../server/core/clock.ts";
import { silentLog } from "../../../server/core/log.ts";
import { Refusal } from "../../../server/core/refusal.ts";
import { openPgpKeyOf } from "../../../server/flows/mobile_authentication/server_key.ts";
import { masterKey } from "../../../server/identity/master_key.ts";
import { openOpenPgp } from "../../../server/identity/open_pgp/door.ts";
import type { OpenPgp } from "../../../server/identity/open_pgp.ts";
import { sealer } from "../../../server/identity/seal.ts";
import type { Store } from "../../../server/store/store.ts";
import { openStore } from "../../../server/store/store.ts";
import { master } from "../../support/bare_world.ts";
import type { StorePlace } from "../../support/stores.ts";
import { openSqlitePlace } from "../../support/stores.ts";

let openPgp: OpenPgp;
let place: StorePlace;
let store: Store;

const open = (): Promise<Store> =>
  openStore({
    durable: place.durable,
    ephemeral: place.ephemeral,
    clock: systemClock,
    log: silentLog,
  });

/** What a process finds the key with. */
const process = (own: Partial<Parameters<typeof openPgpKeyOf>[0]> = {}) =>
  openPgpKeyOf({
    store,
    clock: systemClock,
    identity: { sealer: sealer([master]) },
    openPgp,
    ...own,
  });

before(() => {
  openPgp = openOpenPgp();
});

after(() => openPgp[Symbol.asyncDispose]());

beforeEach(async () => {
  place = await openSqlitePlace();
  store = await open();
});

afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await place.cleanup();
});

describe("the server's OpenPGP key", () => {
  it("is the same for all callers and all processes, whoever makes it", async () => {
    await using neighbour = await open();
    const keys = [process(), process({ store: neighbour }), process()];
    const found = await Promise.all(keys.flatMap((key) => [key(), key()]));
    const [first] = found;
    assert.ok(first);
    for (const each of found) assert.deepEqual(each, first);
    assert.deepEqual(await process()(), first);
    const message = await openPgp.encrypt("to itself", first, first);
    assert.equal(await openPgp.decrypt(message, first, first), "to itself");
  });

  it("SEC-19 is stored under its fingerprint, sealed", async () => {
    const key = await process()();
    const stored = await store.openPgpKeys.find();
    assert.ok(stored);
    assert.match(key.id, /^[0-9A-F]{40}$/);
    assert.equal(stored.fingerprint, key.id);
    assert.equal(stored.publicKey, key.publicKey);
    assert.doesNotMatch(JSON.stringify(stored), /PRIVATE KEY/);
    const other = { identity: { sealer: sealer([masterKey(new Uint8Array(32).fill(8))]) } };
    await assert.rejects(process(other)(), /sealed under master key/);
  });

  it("is looked for again after a failure", async () => {
    const slow = { waiting: 1, waitingPerOwner: 1, waitingBytes: 1, startMs: 0, jobMs: 0 };
    await using failing = openOpenPgp(slow);
    let present: OpenPgp = failing;
    const key = openPgpKeyOf({
      store,
      clock: systemClock,
      identity: { sealer: sealer([master]) },
      get openPgp() {
        return present;
      },
    });
    const isUnavailable = (error: unknown) =>
      error instanceof Refusal && error.reason === "UNAVAILABLE";
    await assert.rejects(key(), isUnavailable);
    present = openPgp;
    assert.deepEqual(await key(), await process()());
  });

  it("is not looked for a second time", async () => {
    const key = process();
    const first = await key();
    await store[Symbol.asyncDispose]();
    assert.equal(await key(), first);
    await assert.rejects(process()());
    store = await open();
  });
});
