// Messages between the server and a phone: GnuPG reads ours byte for byte, and we read GnuPG's, when they
// are what they ought to be. The phone is a real gpg.
import assert from "node:assert/strict";
import {
  generateKey,
  PublicKeyEncryptedSessionKeyPacket,
  readMessage,
  SymEncryptedIntegrityProtectedDataPacket,
} from "openpgp";
import { Refusal } from "../../server/core/refusal.ts";
import type { GpgKeyParts } from "../support/gpg.ts";
import { usualParts } from "../support/gpg.ts";
import type { Pair } from "./open_pgp_pair.ts";
import { openPair } from "./open_pgp_pair.ts";

let pair: Pair;

before(async () => {
  pair = await openPair();
});

after(() => pair[Symbol.asyncDispose]());

/** Texts that have broken others. */
const texts = {
  empty: "",
  "line ends of every kind": "a\nb\r\nc\rd\n\r\n\n",
  "control characters": String.fromCharCode(...Array.from({ length: 32 }, (_, code) => code), 127),
  "spaces at line ends": "- From \t \n-----BEGIN PGP MESSAGE-----\n  \n",
  "bidirectional overrides": "pay \u202e000,1\u202c \u2066to\u2069 \u200f\u061c",
  "a byte order mark": "\ufeffa\ufeff",
  "many scripts": "Ω≈ç√ 田中さん 사회과학원 الإعلان 🏳️‍🌈 Ṱ̺̺̕o͞ ﷽ \u0000\uffff\u{10ffff}",
  "what looks like a program":
    "<script>alert(1)</script>'; DROP TABLE users;-- $(touch /tmp/x) %s%n",
  "64 KiB": "ß".repeat(32_768),
  "1 MiB": "0123456789abcdef".repeat(65_536),
};

describe("OpenPGP messages to a phone", () => {
  for (const [name, text] of Object.entries(texts)) {
    it(`SEC-47, SEC-49 are read by GnuPG byte for byte: ${name}`, async () => {
      const { openPgp, gpg, server, phone } = pair;
      const message = await openPgp.encrypt(text, phone, server);
      assert.deepEqual(await gpg.open(message, server.id), Buffer.from(text));
    });
  }

  const kinds: Record<string, GpgKeyParts> = {
    "RSA of 2048 bits": { primary: "rsa2048", subkeys: [["rsa2048", "encr"]] },
    "one RSA key for everything": { primary: "rsa2048", usage: "sign,encr", subkeys: [] },
    "P-256": { primary: "nistp256", subkeys: [["nistp256", "encr"]] },
    "P-384 and P-521": { primary: "nistp384", subkeys: [["nistp521", "encr"]] },
    "a subkey for signing": {
      primary: "ed25519",
      usage: "cert",
      subkeys: [
        ["ed25519", "sign"],
        ["cv25519", "encr"],
      ],
    },
  };
  for (const [name, parts] of Object.entries(kinds)) {
    it(`D-53 go to and fro with a key of ${name}`, async () => {
      const { openPgp, gpg, server, enrolled } = pair;
      const key = await enrolled(parts);
      const message = await openPgp.encrypt(texts["many scripts"], key, server);
      assert.equal(String(await gpg.open(message, server.id)), texts["many scripts"]);
      const answer = await gpg.seal('{"confirmed":true}', { from: key.id, to: server.id });
      assert.equal(await openPgp.decrypt(answer, server, key), '{"confirmed":true}');
    });
  }

  it("D-53 are SEIPD version 1 for one recipient, whatever else his key says that it can read", async () => {
    const { openPgp, server } = pair;
    const { publicKey } = await generateKey({
      type: "ecc",
      curve: "curve25519Legacy",
      userIDs: { name: "phone" },
      config: { aeadProtect: true },
    });
    const key = { id: "one that reads SEIPD version 2", publicKey };
    const message = await openPgp.encrypt("a".repeat(10_000), key, server);
    const { packets } = await readMessage({ binaryMessage: message });
    const [session, data, ...more] = packets as unknown as { version: number }[];
    assert.ok(session instanceof PublicKeyEncryptedSessionKeyPacket && session.version === 3);
    assert.ok(data instanceof SymEncryptedIntegrityProtectedDataPacket && data.version === 1);
    assert.deepEqual(more, []);
    assert.ok(message.length > 10_000, "it is not compressed");
  });

  const old = ["--faked-system-time", "20200101T000000"];
  const expired: Record<string, GpgKeyParts> = {
    "as a whole": { ...usualParts, expiry: "1y", options: old },
    "in its part for encryption": {
      primary: "ed25519",
      subkeys: [["cv25519", "encr", "1y"]],
      options: old,
    },
  };
  for (const [name, parts] of Object.entries(expired)) {
    it(`are refused to a key that has expired since it was checked: ${name}`, async () => {
      const { openPgp, gpg, server } = pair;
      const id = await gpg.makeKey(parts);
      const key = { id, publicKey: await gpg.publicKey(id) };
      await assert.rejects(
        openPgp.encrypt("too late", key, server),
        (error) => error instanceof Refusal && error.reason === "KEY_INVALID",
      );
    });
  }

  it("never go to the key that once had the name", async () => {
    const { openPgp, gpg, server, phone, enrolled } = pair;
    const other = await enrolled();
    await openPgp.encrypt("before", phone, server);
    const message = await openPgp.encrypt("after", { ...other, id: phone.id }, server);
    const { said } = await gpg.run(["--status-fd", "2", "--decrypt"], message);
    assert.match(said, new RegExp(`DECRYPTION_KEY [0-9A-F]{40} ${other.id} `));
  });
});
