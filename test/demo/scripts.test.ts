// The demo's scripts keep the laws that operators who copy them rely on: each runs in the real
// engine, with the cache that the server has. One that computes for long on a slow machine goes to
// another worker, which has to see what it kept.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { seconds } from "../../server/core/clock.ts";
import type { Engine } from "../../server/engine/engine.ts";
import type { ScriptCall, ScriptKind, ScriptRun } from "../../server/engine/script.ts";
import type { ScriptWorkerData } from "../../server/script_worker.ts";
import { callOf, returned, scriptOf, testEngine } from "../engine/support/engine.ts";
import { startReceiver } from "../engine/support/receiver.ts";
import { openSqlitePlace, type StorePlace } from "../support/stores.ts";

const folder = join(import.meta.dirname, "../../clients/demo/scripts");
const workerUrl = new URL("../../server/script_worker.ts", import.meta.url);
const workerDataOf = ({ ephemeral }: StorePlace): ScriptWorkerData => ({
  ephemeral,
  cacheTtl: seconds(300),
});

/** Runs a script of the demo with a payload, as it is or as JSON. */
const run = (
  engine: Engine,
  name: string,
  payload: unknown = null,
  more: Partial<ScriptCall> = {},
): Promise<ScriptRun> => {
  const isText = typeof payload === "string" || payload === null;
  const requestPayload = isText ? payload : JSON.stringify(payload);
  const kind = name.slice(name.indexOf("-") + 1) as ScriptKind;
  const script = scriptOf(readFileSync(join(folder, `${name}.js`), "utf8"), `${name}.js`);
  return engine.run(script, callOf({ kind, requestPayload, ...more }));
};

const dataOf = (scriptRun: ScriptRun) => JSON.parse(returned(scriptRun).responsePayload ?? "");
const statusOf = (scriptRun: ScriptRun) => returned(scriptRun).status;
const startedFor = { userId: "alice-7d41", displayName: "Alice Example", startedFrom: "127.0.0.1" };

const hostile = [
  null,
  "",
  "{",
  "null",
  "[]",
  "7",
  '"text"',
  "{}",
  '{"identifier":{},"challenge":{},"response":[]}',
  '{"identifier":null,"challenge":null}',
  '{"identifier":"__proto__","challenge":"__proto__"}',
  JSON.stringify({ identifier: "A".repeat(60_000), challenge: "1".repeat(60_000) }),
  '{"__proto__":{"identifier":"AAAAAAAAAAAAAAAAAAAAAA"}}',
];

describe("the demo's scripts", function () {
  this.timeout(30_000);
  let place: StorePlace;
  let engine: Engine;
  before(async () => {
    place = await openSqlitePlace();
    engine = await testEngine({ workerUrl, workerData: workerDataOf(place) });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await place.cleanup();
  });

  describe("qr", () => {
    const begin = async () => dataOf(await run(engine, "qr-backchannel", startedFor));

    it("makes identifiers of 128 bits that hold nothing of the user", async () => {
      const [one, other] = [await begin(), await begin()];
      for (const { identifier } of [one, other]) assert.match(identifier, /^[\w-]{21}[AQgw]$/);
      assert.notEqual(one.identifier, other.identifier);
      assert.equal(one.expiresIn, 60);
      assert.deepEqual(Object.keys(one).sort(), ["expiresIn", "identifier", "transaction"]);
    });

    it("names the user to one of two phones that scan at once (SEC-37)", async () => {
      const { identifier } = await begin();
      const complete = () => run(engine, "qr-complete", { identifier });
      const statuses = (await Promise.all([complete(), complete()])).map(statusOf).sort();
      assert.deepEqual(statuses, [2000, 5001]);
      const late = await complete();
      assert.equal(statusOf(late), 5001);
      assert.equal(returned(late).user, undefined);
      assert.equal(late.log[0]?.level, "warn");
    });

    it("gives the app who started it, from where and when (SEC-38)", async () => {
      const { identifier } = await begin();
      const completed = await run(engine, "qr-complete", { identifier });
      const { startedAt, ...rest } = dataOf(completed);
      assert.deepEqual(rest, { displayName: "Alice Example", startedFrom: "127.0.0.1" });
      assert(Math.abs(Date.parse(startedAt) - Date.now()) < 60_000);
      assert.equal(returned(completed).user?.id, "alice-7d41");
    });

    it("takes no text of a caller for an entry of another kind (SEC-40)", async () => {
      const { identifier, transaction } = await begin();
      const open = dataOf(await run(engine, "challenge-init")).challenge.replaceAll("-", "");
      const others = [
        "alice-7d41",
        transaction,
        `qr:${identifier}`,
        `challenge:open:${open}`,
        open,
      ];
      for (const other of others) {
        assert.equal(statusOf(await run(engine, "qr-complete", { identifier: other })), 5001);
      }
    });

    it("registers the user also when the portal is not there for its callback", async () => {
      const { identifier } = await begin();
      const completed = await run(engine, "qr-complete", { identifier });
      assert.equal(statusOf(completed), 2000);
      assert.match(completed.log[0]?.text ?? "", /callback failed/);
    });

    it("calls the portal back at the operator's address, with the operator's token", async () => {
      await using portal = await startReceiver();
      const properties = new Map(
        [
          { id: "portal_callback_url", value: `${portal.origin}/callback`, sensitive: false },
          { id: "portal_callback_token", value: "token-of-the-test", sensitive: true },
        ].map((property) => [property.id, property] as const),
      );
      await using open = await testEngine({
        workerUrl,
        workerData: workerDataOf(place),
        properties,
        egress: { allow: [portal.origin] },
      });
      const elsewhere = { ...startedFor, callbackUrl: "http://127.0.0.1:1/elsewhere" };
      const { identifier, transaction } = dataOf(await run(open, "qr-backchannel", elsewhere));
      await run(open, "qr-complete", { identifier });
      const [{ path, headers, body } = assert.fail("no callback")] = portal.received;
      assert.equal(path, "/callback");
      assert.equal(headers.authorization, "Bearer token-of-the-test");
      assert.deepEqual(JSON.parse(body), { transactionId: transaction });
    });

    it("answers whatever a phone or a portal sends, and never fails", async () => {
      for (const payload of hostile) {
        assert.equal(statusOf(await run(engine, "qr-complete", payload)), 5001, String(payload));
        assert.equal(statusOf(await run(engine, "qr-backchannel", payload)), 5000, String(payload));
      }
    });
  });

  describe("challenge", () => {
    const begin = async (): Promise<string> =>
      dataOf(await run(engine, "challenge-init")).challenge;
    const answer = (challenge: string) =>
      run(engine, "challenge-backchannel", { ...startedFor, challenge });
    const complete = (challenge: string, response: unknown) =>
      run(engine, "challenge-complete", { challenge, response });
    const wrong = (response: string) => (response === "000000" ? "000001" : "000000");

    it("names the user who typed the challenge to the phone that has the response", async () => {
      const challenge = await begin();
      const { response } = dataOf(await answer(challenge.replaceAll("-", " ")));
      const completed = await complete(challenge, response);
      assert.equal(returned(completed).user?.id, "alice-7d41");
      assert.equal(statusOf(await complete(challenge, response)), 5002);
    });

    it("asks for a retry while the portal has not seen the challenge", async () => {
      const challenge = await begin();
      assert.equal(statusOf(await complete(challenge, "000000")), 4002);
      const { response } = dataOf(await answer(challenge));
      assert.equal(statusOf(await complete(challenge, response)), 2000);
    });

    it("lets one user answer a challenge, once", async () => {
      const challenge = await begin();
      assert.equal(statusOf(await answer(challenge)), 2000);
      assert.equal(statusOf(await answer(challenge)), 4001);
    });

    it("ends at the third wrong response, also for the right one after it", async () => {
      const challenge = await begin();
      const { response } = dataOf(await answer(challenge));
      const statuses: number[] = [];
      for (const typed of [wrong(response), null, wrong(response), response]) {
        statuses.push(statusOf(await complete(challenge, typed)));
      }
      assert.deepEqual(statuses, [4003, 4003, 5003, 5002]);
    });

    it("answers whatever a phone or a portal sends, and never fails", async () => {
      for (const payload of hostile) {
        const completed = await run(engine, "challenge-complete", payload);
        assert.equal(statusOf(completed), 5002, String(payload));
        const asked = await run(engine, "challenge-backchannel", payload);
        assert.equal(statusOf(asked), 5000, String(payload));
      }
      assert.equal(statusOf(await answer("1".repeat(60_000))), 4001);
    });
  });

  describe("nfc", () => {
    const card = { card: "12345678", seal: "A".repeat(22) };
    const alice = { userIdentifier: "alice-7d41" };
    const register = (payload: unknown = card) => run(engine, "nfc-registration", payload, alice);
    const kept = async () => returned(await register()).registrationData ?? "";
    const authenticate = async (payload: unknown, user = alice) =>
      run(engine, "nfc-authentication", payload, { ...user, registrationData: await kept() });

    it("lets the card in that was registered, and no other one", async () => {
      assert.equal(statusOf(await authenticate(card)), 2000);
      for (const other of [{ card: "87654321" }, { seal: "B".repeat(22) }]) {
        assert.equal(statusOf(await authenticate({ ...card, ...other })), 4000);
      }
      const bob = { userIdentifier: "bob" };
      assert.equal(statusOf(await authenticate(card, bob)), 4000);
    });

    it("keeps the number of the card and what proves the key, not the key", async () => {
      const { proof, ...rest } = JSON.parse(await kept());
      assert.deepEqual(rest, { card: card.card });
      assert.match(proof, /^[\w+/]{43}=$/);
      assert(!(await kept()).includes(card.seal));
    });

    it("answers whatever a phone sends, and never fails", async () => {
      for (const payload of hostile) {
        assert.equal(statusOf(await register(payload)), 4000, String(payload));
        assert.equal(statusOf(await authenticate(payload)), 4000, String(payload));
      }
    });
  });

  it("write no user id and no code into the log (SEC-78)", async () => {
    const runs = [await run(engine, "qr-backchannel", startedFor)];
    const { identifier } = dataOf(runs[0] as ScriptRun);
    runs.push(await run(engine, "qr-complete", { identifier }));
    runs.push(await run(engine, "challenge-init"));
    const { challenge } = dataOf(runs[2] as ScriptRun);
    runs.push(await run(engine, "challenge-backchannel", { ...startedFor, challenge }));
    const { response } = dataOf(runs[3] as ScriptRun);
    runs.push(await run(engine, "challenge-complete", { challenge, response }));
    const log = runs.flatMap(({ log: lines }) => lines.map(({ text }) => text)).join("\n");
    assert(log.includes("code made for transaction"));
    for (const secret of ["alice", "Alice", identifier, challenge, response]) {
      assert(!log.includes(secret), log);
    }
  });
});
