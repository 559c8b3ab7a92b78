// Mobile authentication as both sides write it: a portal, and a phone whose OpenPGP is the real GnuPG.
import assert from "node:assert/strict";
import { beginProfile } from "../support/authenticators.ts";
import type { KeyClient } from "../support/client.ts";
import type { Gpg } from "../support/gpg.ts";
import { basic } from "../support/http.ts";
import type { Started } from "../support/mobile_portal.ts";
import type { TestServer } from "../support/server.ts";
import { secrets } from "../support/usual_setup.ts";
import type { Ask } from "./doors.ts";
import type { End, Way } from "./two_doors.ts";

/** A portal that asks for mobile authentication. */
export interface Asking {
  /** Starts a transaction; one of type `login` with the message `Log in?` unless told. */
  start(message?: Ask["message"]): Promise<Started>;
  /** Asks for the result, which is waited for up to some seconds. */
  result(id: string, wait?: number): Promise<End>;
}

/** Gives the portal `bank` at a door. */
export function asking(server: TestServer, way: Way): Asking {
  const authorization = basic("bank", secrets.bank);
  return {
    async start(message = {}) {
      const method = "startMobileAuthentication";
      const given = { type: "login", ...message };
      const { word, json } = await way.ask(server, { method, message: given, authorization });
      assert.equal(word, undefined);
      return { id: String(json.transaction_id), otp: String(json.otp) };
    },
    result: (transactionId, wait) => {
      const message = { transactionId, ...(wait === undefined ? {} : { wait }) };
      return way.ask(server, { method: "getMobileAuthentication", message, authorization });
    },
  };
}

/** The profile of a user on an app installation, with a fresh access token. */
export interface Phone {
  readonly client: KeyClient;
  readonly userId: string;
  readonly profileId: string;
  readonly authorization: string;
  /** Calls a method of the device side as the user. */
  call(method: Ask["method"], message?: Ask["message"]): Promise<End>;
  /** Enrols a key of the home, a new one unless told; gives its fingerprint. */
  enrol(fingerprint?: string): Promise<string>;
  fetch(otp: string): Promise<End>;
  /** Gives what a fetched message says, decrypted and verified. */
  open(fetched: End): Promise<Readonly<Record<string, unknown>>>;
  /** Gives a text for the server as it is to be sent, signed with the last key or another. */
  seal(text: string, from?: string): Promise<string>;
  /** Answers with yes or no, signed with the last key or another. */
  answer(transactionId: string, confirmed: boolean, from?: string): Promise<End>;
}

/** The home of GnuPG that a phone keeps its keys in, and the server's key in it. */
export interface KeyHome {
  readonly gpg: Gpg;
  /** Fingerprint of the server's key, once a phone is enrolled. */
  server: string;
}

/** What a phone says with its yes or no. */
export const answerText = (transaction_id: string, confirmed: unknown): string =>
  JSON.stringify({ transaction_id, confirmed });

async function takeServerKey(home: KeyHome, armored: string): Promise<void> {
  const { gpg } = home;
  const shown = String(await gpg.write(["--with-colons", "--show-keys"], armored));
  const [, fingerprint] = /^fpr:+([0-9A-F]{40}):/m.exec(shown) ?? [];
  assert.ok(fingerprint, shown);
  if (home.server !== fingerprint) await gpg.import(armored);
  home.server = fingerprint;
}

/** Registers a profile of a user and gives its phone, which reaches the server by a door. */
export async function phoneOf(
  server: TestServer,
  way: Way,
  home: KeyHome,
  client: KeyClient,
  userId: string,
  profileId: string,
): Promise<Phone> {
  const { gpg } = home;
  const { access_token } = await beginProfile(client, profileId, userId, { scope: ["read"] });
  const authorization = `Bearer ${access_token}`;
  let key = "";
  const phone: Phone = {
    client,
    userId,
    profileId,
    authorization,
    call: (method, message = {}) => way.ask(server, { method, message, authorization }),
    async enrol(fingerprint) {
      key = fingerprint ?? (await gpg.makeKey());
      const { word, json } = await phone.call("enrol", { publicKey: await gpg.publicKey(key) });
      assert.equal(word, undefined);
      await takeServerKey(home, String(json.public_key));
      return key;
    },
    fetch: (otp) => phone.call("fetchMessage", { otp }),
    async open({ word, json }) {
      assert.equal(word, undefined);
      const message = Buffer.from(String(json.message), "base64");
      return JSON.parse(String(await gpg.open(message, home.server)));
    },
    seal: async (text, from = key) =>
      (await gpg.seal(text, { from, to: home.server })).toString("base64"),
    answer: async (transactionId, confirmed, from) => {
      const answer = await phone.seal(answerText(transactionId, confirmed), from);
      return phone.call("respond", { transactionId, answer });
    },
  };
  return phone;
}
