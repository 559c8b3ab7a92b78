// The QR device registration as the product's documents tell it, from the portal's first call to
// the tokens on the phone: with the documented scripts unchanged, and with modern ones.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, portal, registerPhone, tokensOf } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import type { Receiver } from "../support/receiver.ts";
import { startReceiver } from "../support/receiver.ts";
import { serverFor } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";

const folders = {
  documented: join(import.meta.dirname, "..", "engine", "scripts"),
  modern: join(import.meta.dirname, "scripts"),
};
const script = (path: string): string => readFileSync(path, "utf8");

/** Each way to write the two scripts, and what its complete script answers to an unknown code. */
const spellings = [
  {
    name: "the documented scripts, in Java spelling",
    idp: "qr-documented",
    backchannel: join(folders.documented, "seed_backchannel.js"),
    complete: join(folders.documented, "seed_complete.js"),
    unknownCode: { status: 5000 },
  },
  {
    name: "modern scripts",
    idp: "qr-modern",
    backchannel: join(folders.modern, "qr_backchannel.js"),
    complete: join(folders.modern, "qr_complete.js"),
    unknownCode: { status: 5000, data: "unknown code" },
  },
];

describe("QR device registration", function () {
  this.timeout(20_000);
  let receiver: Receiver;
  let phone: KeyClient;

  const server = serverFor(async () => {
    receiver = await startReceiver();
    const { setup, files } = await usualSetup();
    const providers = spellings.map(({ idp }) => ({
      id: idp,
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: `${idp}-complete.js`, backchannel: `${idp}-backchannel.js` },
    }));
    const texts = spellings.flatMap(({ idp, complete, backchannel }) => [
      [`${idp}-complete.js`, script(complete)],
      [`${idp}-backchannel.js`, script(backchannel)],
    ]);
    const application = {
      id: "qr-app",
      identity_providers: providers.map(({ id }) => id),
      scopes: ["read", "write", "openid"],
      default_scopes: ["read"],
    };
    return {
      setup: {
        ...setup,
        applications: [...setup.applications, application],
        identity_providers: [...setup.identity_providers, ...providers],
        egress: { allow: [receiver.url] },
      },
      files: { ...files, ...Object.fromEntries(texts) },
    };
  });
  before(async () => {
    phone = await registerPhone(server(), "qr-app");
  });
  after(async () => receiver?.[Symbol.asyncDispose]());

  const prepare = (idp: string, userId: string, path = "/callback"): Promise<HttpAnswer> =>
    portal(server(), "portal", secrets.portal).backchannel(
      idp,
      JSON.stringify({ userId, callbackUrl: receiver.url + path }),
    );
  const codeOf = (answer: HttpAnswer): { uuid: string; transaction: string } =>
    JSON.parse(String(answer.json.data));
  const scan = (idp: string, code: string, profileId: string): Promise<HttpAnswer> =>
    phone.complete(idp, { data: code, profile_id: profileId });

  for (const { name, idp, unknownCode } of spellings) {
    describe(`with ${name}`, () => {
      it("gives the portal a code and the phone tokens, and tells the portal of it", async () => {
        const prepared = await prepare(idp, "exampleUserId", `/told/${idp}`);
        assert.equal(prepared.status, 200, prepared.text);
        assert.deepEqual(Object.keys(prepared.json).sort(), ["data", "status"]);
        assert.equal(prepared.json.status, 2000);
        const { uuid, transaction } = codeOf(prepared);
        assert.match(uuid, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);

        const answer = await scan(idp, uuid, "W8DUJ2");
        const tokens = tokensOf(answer);
        assert.equal(answer.json.status, 2000);
        assert.match(tokens.refresh_token ?? "", /^[0-9A-F]{64}$/);
        assert.equal(tokens.token_type, "bearer");
        assert.equal(tokens.expires_in, 3600);

        const told = receiver.received.filter(({ path }) => path === `/told/${idp}`);
        assert.equal(told.length, 1);
        assert.equal(told[0]?.method, "POST");
        assert.match(told[0]?.headers["content-type"] ?? "", /^application\/json/);
        assert.deepEqual(JSON.parse(told[0]?.body ?? ""), { transactionId: transaction });
      });

      it("names the user as the portal did, byte for byte (D-13)", async () => {
        const userId = "Ünïcode user/7 ✓";
        const { uuid } = codeOf(await prepare(idp, userId));
        const { access_token } = tokensOf(await scan(idp, uuid, "UNICOD"));
        const { json } = await portal(server(), "portal", secrets.portal).introspect(access_token);
        assert.equal(json.active, true);
        assert.equal(json.sub, userId);
        assert.equal(json.profile_id, "UNICOD");
        assert.equal(json.app_identifier, "qr-app");
      });

      it("answers an unknown code with status and data alone, and no tokens", async () => {
        const answer = await scan(idp, "e2048242-085f-4210-93ff-84df1fcd8ce2", "W8DUJ2");
        assert.equal(answer.status, 200, answer.text);
        assert.deepEqual(answer.json, unknownCode);
      });
    });
  }

  it("lets a code be used once when the script takes it (D-22, SEC-37)", async () => {
    const { uuid } = codeOf(await prepare("qr-modern", "onlyOnce"));
    const phones = await Promise.all(
      Array.from({ length: 8 }, () => registerPhone(server(), "qr-app")),
    );
    const answers = await Promise.all(
      phones.map((each) => each.complete("qr-modern", { data: uuid, profile_id: "W8DUJ2" })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      Array(8).fill(200),
    );
    const statuses = answers.map(({ json }) => json.status).sort();
    assert.deepEqual(statuses, [2000, ...Array(7).fill(5000)]);
  });

  it("carries amr and further attributes of the script's user (D-19)", async () => {
    const { uuid } = codeOf(await prepare("qr-modern", "with-attributes"));
    const { access_token } = tokensOf(await scan("qr-modern", uuid, "ATTRIB"));
    const { json } = await portal(server(), "portal", secrets.portal).introspect(access_token);
    assert.deepEqual(json.amr, ["DEFAULT", "qr"]);
    assert.deepEqual(json.user_details, { department: "claims" });
  });

  it("calls no host that the egress policy does not list (D-25, SEC-57)", async () => {
    await using foreign = await startReceiver();
    const data = JSON.stringify({ userId: "victim", callbackUrl: `${foreign.url}/callback` });
    const actor = portal(server(), "portal", secrets.portal);
    for (const { idp } of spellings) {
      const { uuid } = codeOf(await actor.backchannel(idp, data));
      assertRefused(await scan(idp, uuid, "FOREIG"), 500, "internal_server_error");
    }
    assert.deepEqual(foreign.received, []);
  });
});
