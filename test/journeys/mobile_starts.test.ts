// A portal starts mobile authentications: each documented parameter, and each documented refusal with its
// number (D-50, D-51, D-54).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { assertionOf, authenticated } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { keyClient } from "../support/client.ts";
import { eventsOf } from "../support/events.ts";
import type { Fields } from "../support/http.ts";
import { basic, get, send } from "../support/http.ts";
import { askResult, askTypes, asPortal, sendStart, start } from "../support/mobile_portal.ts";
import type { OpenPgpPhone } from "../support/openpgp_phone.ts";
import { enrolPhone } from "../support/openpgp_phone.ts";
import { serverFor, startServer } from "../support/server.ts";
import { deafCallback, secrets, usualSetup } from "../support/usual_setup.ts";

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const repeated = (text: string, count: number): string => text.repeat(count);

describe("a portal starts a mobile authentication", function () {
  this.timeout(60_000);
  let machine: KeyClient;
  let phone: OpenPgpPhone;
  const keys = usualSetup();
  const server = serverFor(() => keys);
  before(async () => {
    machine = keyClient(server(), "machine", (await keys).keys.machine);
    phone = await enrolPhone(server(), "alice");
  });

  it("is told the transaction, the method, its life, and what to show to the phone", async () => {
    const fields = { type: "approve", callback_uri: deafCallback, message: "Pay 1 €?" };
    const { status, json, text } = await sendStart(server(), fields);
    assert.equal(status, 200, text);
    const { transaction_id, otp, ...rest } = json;
    assert.deepEqual(rest, { auth_method: "otp", time_to_live: 300_000 });
    assert.match(String(transaction_id), uuidForm);
    const shown = JSON.parse(Buffer.from(String(otp), "base64").toString());
    assert.deepEqual(Object.keys(shown), ["transaction_id", "otp"]);
    assert.equal(shown.transaction_id, transaction_id);
    assert.match(shown.otp, /^[\w-]{22}$/);
  });

  it("is given another transaction and another password each time", async () => {
    const [one, other] = await Promise.all([start(server()), start(server())]);
    assert.notEqual(one.id, other.id);
    assert.notEqual(one.otp.slice(-30), other.otp.slice(-30));
  });

  it("is told the life that the type has", async () => {
    const { json } = await sendStart(server(), { type: "short", message: "Yes?" });
    assert.equal(json.time_to_live, 10_000);
  });

  const accepted: readonly (readonly [string, Fields, string])[] = [
    ["the message", { message: "Pay?" }, "Pay?"],
    ["the secure message before the message", { message: "Pay?", secure_message: "1 €" }, "1 €"],
    ["the secure message alone", { secure_message: "Pay 1 €?\r\n\u202e" }, "Pay 1 €?\r\n\u202e"],
    ["the message before that of the type", { message: "Pay?", language_code: "nl" }, "Pay?"],
    ["the message of the type", {}, "Log in?"],
    ["that of the language", { language_code: "nl" }, "Inloggen?"],
    ["that of the language in other letters", { language_code: "NL" }, "Inloggen?"],
    ["that of the primary subtag", { language_code: "nl-BE" }, "Inloggen?"],
    ["that of the whole tag", { language_code: "pt-BR" }, "Entrar?"],
    ["English where there is only another region", { language_code: "pt" }, "Log in?"],
    ["English for another language", { language_code: "de" }, "Log in?"],
    ["English for a language that is none", { language_code: "__proto__" }, "Log in?"],
    ["155 characters of two units each", { message: repeated("😀", 155) }, repeated("😀", 155)],
    [
      "64 KiB in a secure message",
      { secure_message: repeated("é", 32_768) },
      repeated("é", 32_768),
    ],
    [
      "the message, whatever other methods would ask for",
      {
        message: "Pay?",
        device_id: "any",
        signing_data: "data",
        phone_number: "+31",
        ip_address: "203.0.113.9",
        user_agent: "Mozilla/5.0",
        callback_uri: deafCallback,
      },
      "Pay?",
    ],
  ];
  for (const [name, fields, message] of accepted) {
    it(`has ${name} shown`, async () => {
      const started = await start(server(), fields);
      const shown = await phone.fetch(started);
      assert.deepEqual(shown, { transaction_id: started.id, type: "login", message });
    });
  }

  it("may send empty parameters, which count as absent", async () => {
    const empty = ["user_id", "callback_uri", "message", "secure_message", "language_code"];
    const body = `type=login&${empty.map((name) => `${name}=`).join("&")}`;
    const { status, json, text } = await send(`${server().http}/oauth/api/v4/authenticate/user`, {
      headers: { "content-type": "application/x-www-form-urlencoded", ...asPortal() },
      body,
    });
    assert.equal(status, 200, text);
    assert.equal((await phone.fetch({ otp: String(json.otp) })).message, "Log in?");
  });

  const callback = { callback_uri: deafCallback };
  const approve = { type: "approve", message: "Pay?" };
  const other = (change: (url: string) => string): Fields => ({
    ...approve,
    callback_uri: change(deafCallback),
  });
  const refused: readonly (readonly [string, Fields, number, string, string, RegExp?])[] = [
    ["no type", { message: "Pay?" }, 400, "invalid_request", "1003", /type is missing/],
    ["a type that is not set up", { type: "sms" }, 404, "not_found", "3005"],
    ["a type in other letters", { type: "Login" }, 404, "not_found", "3005"],
    ["a type of every object", { type: "constructor" }, 404, "not_found", "3005"],
    ["a user", { type: "login", user_id: "alice" }, 400, "invalid_request", "1003", /user_id/],
    [
      "no callback where the type requires one",
      approve,
      400,
      "invalid_request",
      "1003",
      /callback/,
    ],
    ["a callback elsewhere", other(() => "https://evil.example/"), 400, "invalid_request", "1003"],
    ["a longer callback", other((url) => `${url}x`), 400, "invalid_request", "1003"],
    ["a shorter callback", other((url) => url.slice(0, -1)), 400, "invalid_request", "1003"],
    ["a callback in capitals", other((url) => url.toUpperCase()), 400, "invalid_request", "1003"],
    [
      "a callback that is the same by the rules of URLs",
      other((url) => url.replace("127.0.0.1", "127.1")),
      400,
      "invalid_request",
      "1003",
    ],
    [
      "a callback that is none of the list",
      { type: "login", callback_uri: "x" },
      400,
      "invalid_request",
      "1003",
    ],
    [
      "no message where the type has none",
      { type: "approve", ...callback },
      400,
      "invalid_request",
      "1003",
      /message is missing/,
    ],
    [
      "a message of 156 characters",
      { type: "login", message: repeated("😀", 156) },
      400,
      "invalid_request",
      "1005",
      /155 characters/,
    ],
    [
      "a message of 70,000 characters",
      { type: "login", message: repeated("x", 70_000) },
      400,
      "invalid_request",
      "1005",
      /155 characters/,
    ],
    [
      "a message beyond the bound of its type",
      { type: "short", message: "Thirteen char" },
      400,
      "invalid_request",
      "1005",
      /12 characters/,
    ],
    [
      "a message that is too long beside a secure one",
      { type: "short", message: "Thirteen char", secure_message: "Pay?" },
      400,
      "invalid_request",
      "1005",
    ],
    [
      "a secure message beyond 64 KiB",
      { type: "login", secure_message: `${repeated("é", 32_768)}!` },
      400,
      "invalid_request",
      "1005",
      /65536 bytes/,
    ],
  ];
  for (const [name, fields, status, word, code, detail = /./] of refused) {
    it(`is refused for ${name} with ${status} and ${code}`, async () => {
      const answer = await sendStart(server(), fields);
      const { error, error_code, error_description, description } = answer.json;
      assert.deepEqual([answer.status, error, error_code], [status, word, code], answer.text);
      assert.match(String(error_description), detail);
      assert.equal(description, error_description);
    });
  }

  it("authenticates by form parameters as well", async () => {
    const fields = { type: "login", client_id: "bank", client_secret: secrets.bank };
    const { status, text } = await sendStart(server(), fields, {});
    assert.equal(status, 200, text);
  });

  it("authenticates by an assertion as well", async () => {
    const { status, json, text } = await sendStart(
      server(),
      { type: "login", ...(await authenticated(machine)) },
      {},
    );
    assert.equal(status, 200, text);
    const authorization = `Bearer ${await assertionOf(machine)}`;
    const url = `${server().http}/oauth/api/v4/authenticate/transaction/${json.transaction_id}`;
    assert.equal((await get(url, { authorization })).json.error_code, "1006");
  });

  const strangers = [
    ["a wrong secret", basic("bank", "guessed-secret"), 401, "invalid_client"],
    ["an unknown client", basic("nobody", secrets.bank), 401, "invalid_client"],
    ["an app installation's assertion", "assertion", 401, "invalid_client"],
    ["an API client for something else", basic("helpdesk", secrets.helpdesk), 403, "forbidden"],
  ] as const;
  for (const [name, header, status, word] of strangers) {
    it(`is refused everywhere for ${name} with ${status} ${word}`, async () => {
      const headers = async () => ({
        authorization:
          header === "assertion" ? `Bearer ${await assertionOf(phone.client)}` : header,
      });
      const url = `${server().http}/oauth/api/v4/authenticate/transaction/x`;
      for (const answer of [
        await sendStart(server(), {}, await headers()),
        await get(url, await headers()),
        await askTypes(server(), "alice", undefined, await headers()),
        await askTypes(server(), "alice", phone.client.clientId, await headers()),
      ]) {
        assert.deepEqual([answer.status, answer.json.error], [status, word], answer.text);
      }
    });
  }

  it("leaves events of what it started, and of what it could not", async () => {
    const ip_address = "203.0.113.9";
    const events = await eventsOf(server(), async () => {
      await start(server(), { ip_address, user_agent: "Browser/1" });
      await sendStart(server(), { type: "nothing" });
      await sendStart(server(), { type: "login", user_id: "alice" });
      await sendStart(server(), { type: "short", message: "Thirteen char" });
    });
    const bank = { client_id: "bank", event_agent_user: "bank" };
    const seen = events.map(({ event_type, client_id, event_agent_user, details }) => ({
      event_type,
      client_id,
      event_agent_user,
      details,
    }));
    assert.deepEqual(seen, [
      {
        event_type: "OTP_AUTH_INITIALIZED",
        ...bank,
        details: { type: "login", ip_address, user_agent: "Browser/1" },
      },
      {
        event_type: "MOBILE_AUTH_INIT_FAILURE_INVALID_AUTH_PROPERTIES_NAME",
        ...bank,
        details: { type: "nothing", reason: "MOBILE_AUTHENTICATION_TYPE_NOT_FOUND" },
      },
      {
        event_type: "MOBILE_AUTH_INIT_FAILURE_INVALID_REQ",
        ...bank,
        details: { type: "login", reason: "REQUEST_INVALID" },
      },
      {
        event_type: "OTP_AUTH_INIT_FAILURE",
        ...bank,
        details: { type: "short", reason: "MESSAGE_TOO_LONG" },
      },
    ]);
  });

  it("keeps neither the password nor the message in the open", async () => {
    const { otp } = await start(server(), { message: "Pay a fortune to Zaphod?" });
    const secret = JSON.parse(Buffer.from(otp, "base64").toString()).otp as string;
    await server().stop();
    const folder = `${server().folder}/data`;
    const kept = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, "latin1"));
    for (const text of [...kept, server().log()]) {
      assert.ok(!text.includes(secret) && !text.includes(otp) && !text.includes("Zaphod"));
    }
    assert.ok(kept.length > 0);
    await server().restart();
  });
});

describe("mobile authentication that is switched off", function () {
  this.timeout(60_000);
  it("is refused to portals with 1000, after everything else about them", async () => {
    const usual = await usualSetup();
    const setup = { ...usual.setup, features: { mobile_authentication: false } };
    await using server = await startServer({ ...usual, setup });
    const ask = (headers: Readonly<Record<string, string>>) => [
      sendStart(server, { type: "nothing" }, headers),
      askTypes(server, "alice", undefined, headers),
      askTypes(server, "alice", "phone", headers),
    ];
    for (const answer of await Promise.all([...ask(asPortal()), askResult(server, "x")])) {
      assert.deepEqual([answer.status, answer.json.error_code], [404, "1000"], answer.text);
      assert.equal(answer.json.error, "not_found");
    }
    const helpdesk = { authorization: basic("helpdesk", secrets.helpdesk) };
    for (const { status } of await Promise.all(ask(helpdesk))) assert.equal(status, 403);
    const wrong = { authorization: basic("bank", "guessed-secret") };
    for (const { status } of await Promise.all(ask(wrong))) assert.equal(status, 401);
  });
});
