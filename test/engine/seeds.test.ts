// The documented QR registration: both example scripts run unchanged against a real receiver.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Script } from "../../server/engine/script.ts";
import { callOf, failed, returned, scriptOf, testEngine } from "./support/engine.ts";
import { startReceiver } from "./support/receiver.ts";

const scriptFile = async (name: string): Promise<Script> =>
  scriptOf(await readFile(new URL(`./scripts/${name}`, import.meta.url), "utf8"), name);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("the documented scripts", () => {
  it("register a device by QR code and call the portal back", async () => {
    await using portal = await startReceiver();
    await using engine = await testEngine({ egress: { allow: [portal.origin] } });
    const callbackUrl = `${portal.origin}/callback`;
    const begun = await engine.run(
      await scriptFile("seed_backchannel.js"),
      callOf({
        kind: "backchannel",
        requestPayload: JSON.stringify({ userId: "exampleUserId", callbackUrl }),
      }),
    );
    const code = JSON.parse(returned(begun).responsePayload ?? "");
    assert.match(code.uuid, uuid);
    assert.match(code.transaction, uuid);
    assert.deepEqual(
      begun.log.map(({ text }) => text),
      ["storing userId: exampleUserId"],
    );
    assert.deepEqual(
      begun.hostCalls.map(({ name }) => name),
      ["random.uuid", "cache.store", "cache.fetch", "random.uuid", "cache.store", "cache.store"],
    );

    const completed = await engine.run(
      await scriptFile("seed_complete.js"),
      callOf({ kind: "complete", requestPayload: code.uuid }),
    );
    const { status, user } = returned(completed);
    assert.deepEqual([status, user?.id], [2000, "exampleUserId"]);
    const [request] = portal.received;
    assert.equal(portal.received.length, 1);
    assert.equal(request?.method, "POST");
    assert.equal(request.path, "/callback");
    assert.equal(request.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(request.body), { transactionId: code.transaction });
  });

  it("answer 5000 for an unknown code", async () => {
    await using engine = await testEngine();
    const run = await engine.run(
      await scriptFile("seed_complete.js"),
      callOf({ kind: "complete", requestPayload: "unknown" }),
    );
    const { status, user } = returned(run);
    assert.deepEqual([status, user?.id], [5000, undefined]);
  });

  it("cannot be made to call a foreign address back (SEC-57)", async () => {
    await using stranger = await startReceiver();
    await using engine = await testEngine({ egress: { allow: ["https://portal.example"] } });
    const requestPayload = JSON.stringify({ userId: "u", callbackUrl: `${stranger.origin}/x` });
    const begun = await engine.run(
      await scriptFile("seed_backchannel.js"),
      callOf({ kind: "backchannel", requestPayload }),
    );
    const code = JSON.parse(returned(begun).responsePayload ?? "");
    const completed = await engine.run(
      await scriptFile("seed_complete.js"),
      callOf({ kind: "complete", requestPayload: code.uuid }),
    );
    assert.match(failed(completed).message, /not on the egress allow list/);
    assert.equal(stranger.received.length, 0);
  });
});
