// Scripts in the manners of Nashorn and Rhino, as operators wrote them, run unchanged against a real receiver.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Engine } from "../../server/engine/engine.ts";
import type { ScriptCall, ScriptReturned, ScriptRun } from "../../server/engine/script.ts";
import { callOf, returned, scriptOf, testEngine } from "./support/engine.ts";
import { type Received, type Receiver, startReceiver } from "./support/receiver.ts";

const folder = new URL("./scripts/migrated/", import.meta.url);
const secret = "s3cret";

/** What the services behind the scripts answer, by the beginning of the path. */
const answers: readonly [path: string, status: (body: string) => number, text: string][] = [
  ["/messages", () => 202, ""],
  ["/users/anna/verify", () => 200, '{"score":"0.913","model":{"name":"m1"}}'],
  ["/users/bert/verify", () => 200, '{"score":"0.3","model":{"name":"m1"}}'],
  ["/users/carl/verify", () => 404, "{}"],
  ["/users/dora/verify", () => 422, '{"why":"too short"}'],
  ["/users/emil/verify", () => 503, ""],
  ["/callback", () => 200, "noted"],
  ["/token", (body) => (body.includes("password=right") ? 200 : 401), '{"access_token":"t0ken"}'],
  ["/users/me", () => 200, '{"id":"u7","name":"Ann \\u00e9","groups":["app-b","x","app-a"]}'],
];

describe("migrated scripts (D-28)", () => {
  let engine: Engine;
  let portal: Receiver;
  before(async () => {
    portal = await startReceiver(({ path, body }, response) => {
      const [, status, text] = answers.find(([start]) => path.startsWith(start)) ?? [];
      response.statusCode = status?.(body) ?? 404;
      response.setHeader("content-type", "application/json");
      response.setHeader("x-request-id", "r-1");
      response.end(text);
    });
    const properties: Readonly<Record<string, string>> = {
      sms_url: portal.origin,
      sms_user: "gateway",
      sms_password: "p",
      voice_url: portal.origin,
      voice_key: "k",
      callback_secret: secret,
      idp_url: portal.origin,
    };
    engine = await testEngine({
      egress: { allow: [portal.origin] },
      properties: new Map(
        Object.entries(properties).map(([id, value]) => [id, { value, sensitive: false }]),
      ),
    });
  });
  after(async () => {
    await engine[Symbol.asyncDispose]();
    await portal[Symbol.asyncDispose]();
  });

  const sourceOf = (name: string): Promise<string> => readFile(new URL(name, folder), "utf8");
  const run = async (name: string, call: Partial<ScriptCall>): Promise<ScriptRun> =>
    engine.run(scriptOf(await sourceOf(name), name), callOf(call));
  const answer = async (name: string, call: Partial<ScriptCall>): Promise<ScriptReturned> =>
    returned(await run(name, call));
  const lastRequest = (): Received => {
    const request = portal.received.at(-1);
    assert.ok(request);
    return request;
  };

  it("are all good in the eyes of the checker", async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith(".js"));
    assert.ok(names.length >= 10);
    for (const name of names) assert.deepEqual(await engine.check(await sourceOf(name), name), []);
  });

  describe("one-time codes in two steps", () => {
    const begin = async (): Promise<{ reference: string; code: string }> => {
      const begun = await answer("otp_init.js", { requestPayload: '{"phone":"+31612345678"}' });
      assert.equal(begun.status, 2000);
      const { to, text } = JSON.parse(lastRequest().body);
      assert.equal(to, "+31612345678");
      assert.equal(lastRequest().headers.authorization, `Basic ${btoa("gateway:p")}`);
      const [, code = ""] = /^Your code is (\d{6})$/.exec(text) ?? [];
      return { ...JSON.parse(begun.responsePayload ?? ""), code };
    };
    const complete = (request: object): Promise<ScriptReturned> =>
      answer("otp_complete.js", {
        kind: "complete",
        requestPayload: JSON.stringify(request),
        hookContextCustomParams: { channel: ["app"] },
      });

    it("register the user whose code is right, once", async () => {
      const { reference, code } = await begin();
      const { status, user } = await complete({ reference, code });
      assert.equal(status, 2000);
      assert.deepEqual([user?.id, user?.amr], ["31612345678", ["sms"]]);
      assert.deepEqual({ ...user?.attributes }, { phone_number: "+31612345678", channel: "app" });
      assert.deepEqual((await complete({ reference, code })).responsePayload, "expired");
    });

    it("allow three tries", async () => {
      const { reference, code } = await begin();
      const wrong = code === "000000" ? "000001" : "000000";
      const tries = [];
      for (let count = 0; count < 4; count++) {
        const { status, responsePayload } = await complete({ reference, code: wrong });
        tries.push([status, responsePayload]);
      }
      assert.deepEqual(tries, [
        [4000, "2"],
        [4000, "1"],
        [5000, "blocked"],
        [5000, "expired"],
      ]);
    });

    it("refuse what is no phone number", async () => {
      const { status } = await answer("otp_init.js", { requestPayload: '{"phone":"0612345678"}' });
      assert.equal(status, 4000);
    });
  });

  it("make a QR code inside of `with (new JavaImporter(...))`", async () => {
    const made = await run("qr_importer.js", { requestPayload: '{"userId":"u1"}' });
    const text = Buffer.from(returned(made).responsePayload ?? "", "base64url").toString();
    assert.match(text, /^qr:[0-9a-f-]{35}$/);
    assert.deepEqual(
      made.log.map((line) => line.text),
      [`part 0 is ${text}`, "part 1 is 60"],
    );
  });

  it("register an NFC tag by its hash, and know it again", async () => {
    const call = {
      kind: "registration",
      userIdentifier: "u1",
      requestPayload: "04:a2:3b:7c",
    } as const;
    const { status, registrationData = null } = await answer("nfc_register.js", call);
    assert.equal(status, 2000);
    const { salt, hash } = JSON.parse(registrationData ?? "");
    const expected = createHash("sha256").update(`${salt}04:A2:3B:7C`).digest("hex");
    assert.equal(hash, expected);
    assert.equal((await answer("nfc_register.js", { ...call, registrationData })).status, 4001);
    assert.equal(
      (await answer("nfc_register.js", { ...call, requestPayload: "card" })).status,
      4000,
    );
    const authenticate = (requestPayload: string, data: string | null): Promise<ScriptReturned> =>
      answer("nfc_authenticate.js", {
        ...call,
        kind: "authentication",
        requestPayload,
        registrationData: data,
      });
    assert.equal((await authenticate(" 04:A2:3B:7C\n", registrationData)).status, 2000);
    assert.equal((await authenticate("04:A2:3B:7D", registrationData)).status, 4000);
    assert.equal((await authenticate("04:A2:3B:7C", null)).status, 4002);
  });

  it("ask a service for voices, and answer each of its answers", async () => {
    const verify = (userIdentifier: string): Promise<ScriptRun> =>
      run("voice_authenticate.js", {
        kind: "authentication",
        userIdentifier,
        registrationData: "print",
        requestPayload: '{"audio":"AAAA"}',
      });
    const accepted = await verify("anna");
    assert.deepEqual(
      [returned(accepted).status, returned(accepted).responsePayload],
      [2000, "r-1"],
    );
    assert.equal(accepted.log[0]?.text, "score 0.913 by model m1");
    const { method, path, headers, body } = lastRequest();
    assert.deepEqual([method, path], ["POST", "/users/anna/verify"]);
    assert.deepEqual([headers.accept, headers["x-api-key"]], ["application/json", "k"]);
    assert.deepEqual(JSON.parse(body), { user: "anna", voiceprint: "print", sample: "AAAA" });
    assert.equal(returned(await verify("bert")).responsePayload, '{"score":0.3}');
    assert.equal(returned(await verify("carl")).status, 4002);
    const refused = await verify("dora");
    assert.equal(returned(refused).status, 4000);
    assert.equal(refused.log[0]?.text, 'service answered 422 {"why":"too short"}');
    const failing = await verify("emil");
    assert.equal(returned(failing).status, 5000);
    assert.equal(failing.log[0]?.text, "service failed: Service Unavailable");
  });

  it("sign a callback so that the portal can verify it", async () => {
    const request = { user: "j\u00f6rg & co", url: `${portal.origin}/callback` };
    const call = { kind: "complete", requestPayload: JSON.stringify(request) } as const;
    const { status, responsePayload, user } = await answer("signed_callback.js", call);
    assert.deepEqual([status, responsePayload, user?.id], [2000, "noted", request.user]);
    const { headers, body, path } = lastRequest();
    const sign = (text: string) => createHmac("sha256", secret).update(text);
    const signed = sign(`${headers["x-time"]}.${body}`).digest("base64");
    assert.equal(headers["x-signature"], `v1=${signed}`);
    const query = new URL(path, portal.origin).searchParams;
    assert.equal(query.get("user"), request.user);
    assert.equal(query.get("check"), sign(request.user).digest("hex"));
    const elsewhere = JSON.stringify({ ...request, url: "http://elsewhere.example" });
    const failing = await run("signed_callback.js", { ...call, requestPayload: elsewhere });
    assert.equal(returned(failing).status, 5000);
    assert.match(failing.log[0]?.text ?? "", /^callback failed: .*allow list/);
  });

  it("import packages as Rhino did", async () => {
    const { responsePayload } = await answer("mozilla_compat.js", { userIdentifier: "ann" });
    assert.equal(
      responsePayload,
      "ann, admin=1, customer=3 and teller=2 | [customer, teller] | 300",
    );
  });

  it("put texts together with StringBuilder and String.format", async () => {
    const transfer = {
      account: "NL91ABNA0417164300",
      amount: 1234567.5,
      reference: 42,
      fees: [0.5, 1],
    };
    const { responsePayload } = await answer("text_style.js", {
      userIdentifier: "Ann",
      requestPayload: JSON.stringify(transfer),
    });
    assert.deepEqual(responsePayload?.split("\n"), [
      "Dear Ann",
      "Account     **************4300",
      "Amount      1,234,567.50",
      "Reference             42",
      "Fees                 1.5%",
    ]);
  });

  it("count with prototypes of ES5 in strict mode", async () => {
    const visits = [];
    for (let count = 0; count < 3; count++) {
      const { status, responsePayload } = await answer("prototypes.js", { requestPayload: "a" });
      visits.push([status, responsePayload]);
    }
    assert.deepEqual(visits, [
      [2000, "free/1/object"],
      [2000, "free/2/object"],
      [4000, "full/2/object"],
    ]);
  });

  it("sign in with a form and read a profile with the token", async () => {
    const login = (password: string): Promise<ScriptReturned> =>
      answer("form_login.js", {
        kind: "complete",
        requestPayload: JSON.stringify({ username: "ann@example", password }),
      });
    const { status, user } = await login("right");
    assert.deepEqual([status, user?.id], [2000, "u7"]);
    assert.deepEqual({ ...user?.attributes }, { name: "Ann \u00e9", groups: "a,b" });
    const [form, read] = portal.received.slice(-2);
    assert.equal(form?.body, "grant_type=password&username=ann%40example&password=right");
    assert.equal(read?.path, "/users/me?fields=name&fields=mail%20address");
    assert.equal(read?.headers.authorization, "Bearer t0ken");
    assert.deepEqual(
      [(await login("wrong")).status, portal.received.at(-1)?.path],
      [4000, "/token"],
    );
  });

  it("use Java.type, Java.extend and Java's exceptions", async () => {
    const counted = await answer("java_types.js", { requestPayload: "bb a ccc A dd" });
    assert.equal(counted.responsePayload, "A<a<bb<dd<ccc a 4");
    const refused = await run("java_types.js", {});
    assert.equal(returned(refused).responsePayload, "no payload");
    assert.equal(refused.log[0]?.text, "java.lang.IllegalArgumentException: no payload");
  });
});
