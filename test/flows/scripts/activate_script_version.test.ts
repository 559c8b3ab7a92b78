// The activation of a version that another administrator overtakes, over a real store.
import assert from "node:assert/strict";
import { milliseconds, systemClock } from "../../../server/core/clock.ts";
import { silentLog } from "../../../server/core/log.ts";
import { noEvents } from "../../../server/flows/events/event.ts";
import { ownOrigin } from "../../../server/flows/origin.ts";
import { activateScriptVersion } from "../../../server/flows/scripts/activate_script_version.ts";
import { masterKey } from "../../../server/identity/master_key.ts";
import { sealer } from "../../../server/identity/seal.ts";
import { openStore } from "../../../server/store/store.ts";
import { openSqlitePlace } from "../../support/stores.ts";

const script = "identity_providers/qr/complete";
const request = { kind: "identity_providers", id: "qr", step: "complete", version: 1 };

describe("activateScriptVersion (D-31)", () => {
  it("changes nothing when another change comes in between", async () => {
    const place = await openSqlitePlace();
    try {
      await using store = await openStore({ ...place, clock: systemClock, log: silentLog });
      const { configuration, scripts } = store;
      const save = async (source: string): Promise<void> => {
        const document = JSON.stringify({ id: "qr", scripts: { complete: "a.js" } });
        const object = { kind: "identity_providers", id: "qr", document, sealed: null };
        const revision = await configuration.revision();
        const text = { script, source, author: "ann", message: "" };
        await configuration.apply(revision, [object], [], [text], milliseconds(1));
      };
      await save("one");
      await save("two");
      let refreshed = 0;
      const world = {
        store: {
          ...store,
          scripts: {
            ...scripts,
            async version(slot: string, version: number) {
              // Somebody else is faster.
              await save("three");
              return scripts.version(slot, version);
            },
          },
        },
        log: silentLog,
        events: noEvents,
        origin: ownOrigin,
        identity: { sealer: sealer([masterKey(new Uint8Array(32).fill(9))]) },
        async refreshConfiguration() {
          refreshed += 1;
        },
      };
      await assert.rejects(activateScriptVersion(world, request, "bob"), {
        reason: "OBJECT_CONFLICT",
      });
      const live = (await scripts.live()).map(({ version }) => version);
      assert.deepEqual([live, refreshed], [[3], 0]);
      await activateScriptVersion({ ...world, store }, request, "bob");
      assert.deepEqual(
        (await scripts.live()).map(({ version }) => version),
        [1],
      );
      assert.equal(refreshed, 1);
    } finally {
      await place.cleanup();
    }
  });
});
