// The part of the app that takes part in mobile authentication: it has an OpenPGP key of its own and
// knows the server's, so that what a user confirms is proven on both sides.
import * as openpgp from "openpgp";
import type { Answer, Json, Outgoing, Witness } from "./exchange.ts";
import { bearer, send } from "./exchange.ts";
import { expectStatus, textAt } from "./expectation.ts";

/** What the phone shows its user. */
export interface Request {
  readonly transactionId: string;
  readonly type: string;
  readonly message: string;
}

/** A phone whose user is enrolled. */
export interface EnrolledPhone {
  /** Fingerprint of the key of the phone, in upper-case hexadecimal. */
  readonly fingerprint: string;
  /** Fetches, once, what a scanned code asks about. Throws when it is not from the server. */
  fetch(otp: string): Promise<Request>;
  /** Sends the user's answer. */
  respond(request: Request, confirmed: boolean): Promise<Answer>;
}

/**
 * Makes a key that GnuPG 2.2 could read as well, and exchanges public keys with the server in the name of
 * the user whose access token it is. Source: D-52, D-53.
 */
export async function enrol(
  witness: Witness,
  issuer: string,
  accessToken: string,
): Promise<EnrolledPhone> {
  const { privateKey, publicKey } = await openpgp.generateKey({
    type: "ecc",
    curve: "curve25519Legacy",
    userIDs: [{ name: "Alice's phone" }],
    format: "object",
  });
  const ask = (verb: string, json: NonNullable<Outgoing["json"]>): Promise<Answer> =>
    send(witness, `${issuer}/v1/mobile-auth/${verb}`, { headers: bearer(accessToken), json });
  const { body } = expectStatus(await ask("enrol", { public_key: publicKey.armor() }), 200);
  const serverKey = await openpgp.readKey({ armoredKey: textAt(body, "public_key") });

  async function opened(base64: string): Promise<Json> {
    const message = await openpgp.readMessage({ binaryMessage: Buffer.from(base64, "base64") });
    const { data } = await openpgp.decrypt({
      message,
      decryptionKeys: privateKey,
      verificationKeys: serverKey,
      expectSigned: true,
    });
    return JSON.parse(data) as Json;
  }
  async function sealed(json: Json): Promise<string> {
    const binary = await openpgp.encrypt({
      message: await openpgp.createMessage({ text: JSON.stringify(json) }),
      encryptionKeys: serverKey,
      signingKeys: privateKey,
      format: "binary",
    });
    return Buffer.from(binary).toString("base64");
  }
  return {
    fingerprint: publicKey.getFingerprint().toUpperCase(),
    async fetch(otp) {
      const answer = expectStatus(await ask("fetch", { otp }), 200);
      const shown = await opened(textAt(answer.body, "message"));
      return {
        transactionId: textAt(shown, "transaction_id"),
        type: textAt(shown, "type"),
        message: textAt(shown, "message"),
      };
    },
    async respond({ transactionId: transaction_id }, confirmed) {
      const answer = await sealed({ transaction_id, confirmed });
      return ask("respond", { transaction_id, answer });
    },
  };
}
