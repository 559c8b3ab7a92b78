// A phone that is enrolled for mobile authentication, with a key that it keeps by itself.
import assert from "node:assert/strict";
import * as openpgp from "openpgp";
import type { KeyClient } from "./client.ts";
import { registerPhone, tokensOf } from "./client.ts";
import type { HttpAnswer } from "./http.ts";
import { postJson } from "./http.ts";
import type { Started } from "./mobile_portal.ts";
import type { TestServer } from "./server.ts";
import { letIn } from "./usual_setup.ts";

/** What a phone is shown. */
export interface Shown {
  readonly transaction_id: string;
  readonly type: string;
  readonly message: string;
}

/** The phone of a user. */
export interface OpenPgpPhone {
  readonly client: KeyClient;
  readonly userId: string;
  /** Calls a verb of mobile authentication. */
  send(verb: string, body?: object): Promise<HttpAnswer>;
  /** Fetches a transaction and reads its message; fails when it is refused. */
  fetch(started: Pick<Started, "otp">): Promise<Shown>;
  /** Answers what it fetched: yes, no, or any other text in its place. */
  respond(id: string, answer: boolean | string): Promise<HttpAnswer>;
}

const profileId = "MOBIL1";

/** Registers a phone for a user and enrols it. `server`: where the phone sends everything. */
export async function enrolPhone(server: TestServer, userId: string): Promise<OpenPgpPhone> {
  const client = await registerPhone(server);
  const data = letIn(userId);
  const registered = await client.complete("puppet", { data, profile_id: profileId });
  const authorization = `Bearer ${tokensOf(registered).access_token}`;
  const send = (verb: string, body: object = {}): Promise<HttpAnswer> =>
    postJson(`${server.http}/oauth/v1/mobile-auth/${verb}`, body, { authorization });
  const { privateKey, publicKey } = await openpgp.generateKey({
    type: "ecc",
    curve: "curve25519Legacy",
    userIDs: [{ name: "phone" }],
    format: "object",
  });
  const enrolled = await send("enrol", { public_key: publicKey.armor() });
  assert.equal(enrolled.status, 200, enrolled.text);
  const serverKey = await openpgp.readKey({ armoredKey: String(enrolled.json.public_key) });
  return {
    client,
    userId,
    send,
    async fetch({ otp }) {
      const answer = await send("fetch", { otp });
      assert.equal(answer.status, 200, answer.text);
      const { data: text } = await openpgp.decrypt({
        message: await openpgp.readMessage({
          binaryMessage: Buffer.from(String(answer.json.message), "base64"),
        }),
        decryptionKeys: privateKey,
        verificationKeys: serverKey,
        expectSigned: true,
      });
      return JSON.parse(text) as Shown;
    },
    async respond(id, answer) {
      const text =
        typeof answer === "string"
          ? answer
          : JSON.stringify({ transaction_id: id, confirmed: answer });
      const message = await openpgp.encrypt({
        message: await openpgp.createMessage({ text }),
        encryptionKeys: serverKey,
        signingKeys: privateKey,
        format: "binary",
      });
      const encoded = Buffer.from(message).toString("base64");
      return send("respond", { transaction_id: id, answer: encoded });
    },
  };
}
