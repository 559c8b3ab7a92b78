// Callbacks of a real server: how they are set up, that none is lost when the process dies, and what an
// administrator does about those that were given up (D-56, SEC-61, SEC-62).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { openStore } from "../../server/store/store.ts";
import type { Said } from "../checks/check.ts";
import { say } from "../checks/check.ts";
import type { Received, Receiver } from "../engine/support/receiver.ts";
import { startReceiver } from "../engine/support/receiver.ts";
import { asAdmin, exportedSetup, putSetup } from "../support/administrator.ts";
import { assertRefused } from "../support/client.ts";
import { listedEvents } from "../support/events.ts";
import type { HttpAnswer } from "../support/http.ts";
import { basic, get, postJson } from "../support/http.ts";
import { putCallbacks } from "../support/outbox.ts";
import type { Json } from "../support/script_administrator.ts";
import { postAdmin, readAdmin } from "../support/script_administrator.ts";
import type { TestServer } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";

const main = join(import.meta.dirname, "../../clients/cli/main.ts");
const password = "callback-password-71c4";
const idOf = ({ headers }: Received): string => String(headers["webhook-id"]);

/** Tells under which of some secrets the official library believes a request. */
const believedUnder = ({ body, headers }: Received, all: readonly string[]): readonly string[] =>
  all.filter((secret) => {
    try {
      return new Webhook(secret).verify(body, headers as Record<string, string>);
    } catch {
      return false;
    }
  });

/** Puts callbacks into the outbox of a server, as an answer does whose process dies right behind it. */
async function putInto(server: TestServer, ...urls: string[]) {
  const file = join(server.folder, "data", "identity.db");
  const [durable, ephemeral] = [`sqlite:${file}`, `sqlite:${join(server.folder, "unused.db")}`];
  await using store = await openStore({ durable, ephemeral, clock: systemClock, log: silentLog });
  return await putCallbacks(store, urls);
}

/** Resolves as soon as something is so; fails after 20 s, saying what is instead. */
async function until<T>(look: () => T | Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (tries === 400) assert.fail(`it is ${JSON.stringify(seen)}`);
    await sleep(50);
  }
}

describe("callbacks", function () {
  this.timeout(60_000);
  let receiver: Receiver;
  let answer: (request: Received, response: ServerResponse) => void;
  let url: string;
  const server = serverFor(async () => {
    receiver = await startReceiver((request, response) => answer(request, response));
    url = `${receiver.origin}/callback`;
    const { setup, files } = await usualSetup();
    const callbacks = [{ url, user: "gatewright", password }, { url: `${receiver.origin}/gone` }];
    return { setup: { ...setup, mobile_authentication: { callbacks } }, files };
  });
  after(async () => receiver?.[Symbol.asyncDispose]());
  beforeEach(() => {
    answer = (_, response) => void response.writeHead(204).end();
  });

  const outbox = async (query = ""): Promise<Json[]> =>
    (await readAdmin(server(), `callbacks?${query}`)).callbacks;
  const isEmpty = (all: readonly Json[]): boolean => all.length === 0;
  const cli = (...args: string[]): Promise<Said> =>
    say(server().folder, process.execPath, [main, "callbacks", ...args], {
      GATEWRIGHT_ADMIN_URL: server().admin,
      GATEWRIGHT_ADMIN_SECRET: secrets.admin,
    });
  const rotate = async (of: string): Promise<HttpAnswer> =>
    postAdmin(server(), "callbacks/secret", { url: of });
  /** Ends a mobile authentication and gives what the receiver is told of it. */
  async function told(of = url): Promise<Received> {
    const [callback] = await putInto(server(), of);
    const has = () => receiver.received.find((request) => idOf(request) === callback?.id);
    const request = await until(has, (found) => found !== undefined);
    assert(request);
    return request;
  }

  it("are set up whole or not at all", async () => {
    const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
    const rows: [string, object, RegExp][] = [
      ["another scheme", { url: "ftp://x.y/z" }, /callbacks ftp:\/\/x\.y\/z: url/],
      ["no host", { url: "mailto:a@b.c" }, /: url/],
      ["credentials in the URL", { url: "https://a:b@x.y/" }, /: url/],
      ["a fragment", { url: "https://x.y/#z" }, /: url/],
      ["an empty fragment", { url: "https://x.y/#" }, /: url/],
      ["a password without a user", { url, password }, /: user/],
      ["a user with a colon", { url, user: "a:b", password }, /: user/],
      ["a secret of no form", { url, signing_secret: "secret" }, /: signing_secret/],
      ["an empty secret", { url, signing_secret: "" }, /: signing_secret/],
      ["a short secret", { url, signing_secret: "whsec_c2hvcnQ=" }, /: signing_secret/],
      ["a wrong former secret", { url, previous_signing_secret: "x" }, /: previous_signing_secret/],
      ["a secret from an example", { url, signing_secret: "change-me" }, /a secret of your own/],
      ["one URL twice", { url, signing_secret: secret }, /given twice/],
    ];
    for (const [what, callback, problem] of rows) {
      const callbacks = what === "one URL twice" ? [callback, callback] : [callback];
      const refused = await putSetup(server(), { mobile_authentication: { callbacks } });
      assert.equal(refused.status, 400, what);
      assert.match(String(refused.json.problems), problem, what);
    }
  });

  it("have a secret that nobody gave, which is nowhere in the open (SEC-19, SEC-82)", async () => {
    const request = await told();
    assert.match(String(request.headers["webhook-signature"]), /^v1,[A-Za-z0-9+/]{43}=$/);
    const made = (await rotate(url)).json.signing_secret as string;
    assert.match(made, /^whsec_[A-Za-z0-9+/]{43}=$/);
    const { mobile_authentication } = await exportedSetup(server());
    const { callbacks } = mobile_authentication as { callbacks: object[] };
    assert.deepEqual(callbacks[0], { url, user: "gatewright" });
    const data = join(server().folder, "data");
    const files = readdirSync(data).map((name) => readFileSync(join(data, name)));
    assert(files.some((file) => file.includes(url)));
    for (const text of [...files, server().log()]) {
      for (const secret of [made, password]) assert.equal(text.includes(secret), false);
    }
  });

  it("are signed with two secrets while they change over, and not with older ones", async () => {
    const given: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      given.push((await rotate(url)).json.signing_secret as string);
    }
    const [, former, present] = given;
    assert.deepEqual(believedUnder(await told(), given), [former, present]);
    // A set-up that says nothing of secrets leaves them, and one that empties the former ends it.
    const entry = { url, user: "gatewright" };
    const apply = async (callback: object) =>
      assert.equal(
        (await putSetup(server(), { mobile_authentication: { callbacks: [callback] } })).status,
        200,
      );
    await apply(entry);
    await server().restart();
    assert.deepEqual(believedUnder(await told(), given), [former, present]);
    await apply({ ...entry, previous_signing_secret: "" });
    const request = await told();
    assert.deepEqual(believedUnder(request, given), [present]);
    const pair = Buffer.from(`gatewright:${password}`).toString("base64");
    assert.equal(request.headers.authorization, `Basic ${pair}`);
  });

  it("have one secret after many were made at once, and each was given once", async () => {
    const answers = await Promise.all(Array.from({ length: 6 }, () => rotate(url)));
    const made = answers.filter(({ status }) => status === 200);
    for (const other of answers.filter(({ status }) => status !== 200)) {
      assertRefused(other, 409, "conflict");
    }
    const given = made.map(({ json }) => String(json.signing_secret));
    assert.equal(new Set(given).size, made.length);
    const believed = believedUnder(await told(), given);
    assert.equal(believed.length, Math.min(2, made.length));
    const events = await listedEvents(server(), "event_type=ADMIN_CALLBACK_SECRET_ROTATED");
    assert.deepEqual(events[0]?.details, { url });
    assert.equal(events[0]?.event_agent_user, "admin");
  });

  it("are events", async () => {
    const request = await told();
    const { transaction_id } = JSON.parse(request.body);
    const sent = await until(
      () => listedEvents(server(), "event_type=PUSH_AUTH_CALLBACK_SENT"),
      (events) => events[0]?.transaction_id === `ONEGINI-${transaction_id}`,
    );
    assert.deepEqual(sent[0]?.details, { callback_id: idOf(request), url, attempt: "1" });
  });

  it("are sent again by themselves after a failure, with the same id", async () => {
    answer = (_, response) => void response.writeHead(500).end();
    const first = await told();
    const [waiting] = await until(outbox, ([one]) => one?.last_error !== undefined);
    assert.deepEqual([waiting.state, waiting.attempts], ["waiting", 1]);
    answer = (_, response) => void response.writeHead(204).end();
    await until(outbox, isEmpty);
    const tries = receiver.received.filter((request) => idOf(request) === idOf(first));
    assert.deepEqual(
      tries.map(({ body }) => body),
      [first.body, first.body],
    );
  });

  it("all arrive, however the process ends (D-56)", async () => {
    // It dies with four under way, which the receiver has seen and not answered.
    answer = () => {};
    const before = receiver.received.length;
    const put = await putInto(server(), ...Array<string>(10).fill(url));
    await until(
      () => receiver.received.length,
      (count) => count === before + 4,
    );
    await server().stop("SIGKILL");
    const later = await putInto(server(), url, url, url);
    answer = (_, response) => void response.writeHead(204).end();
    await server().restart();
    const left = await until(outbox, (all) => all.length === 4);
    const seen = receiver.received.slice(before).map(idOf);
    assert.deepEqual(seen.sort(), [...put, ...later].map(({ id }) => id).sort());
    // The four wait for the end of their claim, or for somebody who does not.
    for (const { id, state, attempts } of left) {
      assert.deepEqual([state, attempts], ["waiting", 1]);
      assert.equal((await postAdmin(server(), `callbacks/${id}/resend`)).status, 204);
    }
    await until(outbox, isEmpty);
    const all = receiver.received.slice(before);
    assert.equal(all.length, 17);
    for (const { id } of left) {
      const [one, other] = all.filter((request) => idOf(request) === id);
      assert.equal(one?.body, other?.body);
    }
  });

  describe("that were given up", () => {
    let gone: string;
    let dead: readonly { readonly id: string; readonly transactionId: string }[];
    before(async () => {
      gone = `${receiver.origin}/gone`;
      answer = (_, response) => void response.writeHead(410).end();
      dead = await putInto(server(), gone, gone, gone, url);
      await until(
        () => outbox("state=dead"),
        (all) => all.length === 4,
      );
    });

    it("are listed page by page, the newest first", async () => {
      const query = `state=dead&url=${encodeURIComponent(gone)}&page_size=2`;
      const first = await readAdmin(server(), `callbacks?${query}`);
      const token = encodeURIComponent(first.next_page_token);
      const second = await readAdmin(server(), `callbacks?${query}&page_token=${token}`);
      assert.equal(second.next_page_token, undefined);
      const all = [...first.callbacks, ...second.callbacks];
      const ids = dead.slice(0, 3).map(({ id }) => id);
      assert.deepEqual(all.map(({ id }) => id).sort(), ids.sort());
      const [{ created_at, ...one }] = all;
      assert(Number.isInteger(created_at));
      const { transactionId: transaction_id } = dead.find(({ id }) => id === one.id) ?? {};
      const [state, last_error] = ["dead", "the answer has status 410"];
      assert.deepEqual(one, { ...one, url: gone, transaction_id, state, attempts: 1, last_error });
      assert.deepEqual(await outbox("state=waiting"), []);
    });

    it("are listed by the command line", async () => {
      const { code, stdout, stderr } = await cli("list", "--dead", "--url", gone, "--limit", "2");
      assert.deepEqual([code, stderr], [0, ""]);
      const [head, ...rows] = stdout.trimEnd().split("\n");
      assert.match(head ?? "", /^MADE +STATE +TRIES +NEXT +URL +TRANSACTION +LAST PROBLEM +ID$/);
      assert.equal(rows.length, 2);
      for (const row of rows)
        assert.match(row, /dead +1 .*\/gone .* the answer has status 410 +msg_/);
      const none = await cli("list", "--url", "https://nowhere.example/");
      assert.equal(none.stdout, "no callbacks\n");
    });

    it("stay while their receiver wants none, and are resent one by one or all", async () => {
      const [first, , , other] = dead;
      answer = (_, response) => void response.writeHead(204).end();
      const one = await cli("resend", String(first?.id));
      assert.deepEqual([one.code, one.stdout], [0, `${first?.id} will be sent now\n`]);
      await until(outbox, (all) => all.length === 3);
      const again = await cli("resend", String(first?.id));
      assert.equal(again.code, 1);
      assert.match(again.stderr, /has nothing of that name/);
      const those = await cli("resend", "--dead", "--url", gone);
      assert.equal(those.stdout, "2 callbacks will be sent now\n");
      await until(outbox, ({ length, 0: left }) => length === 1 && left.id === other?.id);
      const { json } = await postAdmin(server(), "callbacks/resend");
      assert.equal(json.resent, 1);
      await until(outbox, isEmpty);
      for (const { id } of dead) {
        assert.equal(receiver.received.filter((request) => idOf(request) === id).length, 2);
      }
      const events = await listedEvents(server(), "event_type=ADMIN_CALLBACK_RESENT");
      assert.deepEqual(events[0]?.details, { resent: "1" });
    });
  });

  it("are signed with what the command line prints", async () => {
    const { code, stdout, stderr } = await cli("secret", url);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.deepEqual(believedUnder(await told(), [stdout.trimEnd()]), [stdout.trimEnd()]);
    const usage = await cli("resend", "msg_1", "--url", url);
    assert.match(usage.stderr, /--url goes with --dead/);
    assert.match((await cli("resend")).stderr, /an argument is missing/);
  });

  it("are nobody's business but an administrator's", async () => {
    const at = (path: string) => `${server().admin}/admin/v1/${path}`;
    const calls = (headers: { authorization?: string }): Promise<HttpAnswer>[] => [
      get(at("callbacks"), headers),
      postJson(at("callbacks/msg_1/resend"), {}, headers),
      postJson(at("callbacks/resend"), {}, headers),
      postJson(at("callbacks/secret"), { url }, headers),
    ];
    for (const call of calls({})) assertRefused(await call, 401, "unauthorized");
    const viewer = { authorization: basic("viewer", secrets.viewer) };
    for (const call of calls(viewer)) assertRefused(await call, 403, "insufficient_permissions");
  });

  it("are refused as documented where a request is wrong", async () => {
    const bad = ["state=gone", "page_size=0", "page_size=1001", "page_token=x", "url=%00"];
    const forged = Buffer.from("1.msg_1.2").toString("base64url");
    for (const query of [...bad, `page_token=${forged}`]) {
      const refused = await get(`${server().admin}/admin/v1/callbacks?${query}`, asAdmin);
      assertRefused(refused, 400, "invalid_request");
    }
    assertRefused(await postAdmin(server(), "callbacks/msg_1/resend"), 404, "not_found");
    for (const other of ["https://nowhere.example/", `${url}/`, "no URL", "a\0b"]) {
      assertRefused(await rotate(other), 404, "not_found");
    }
    assertRefused(await rotate(""), 400, "invalid_request");
  });
});
