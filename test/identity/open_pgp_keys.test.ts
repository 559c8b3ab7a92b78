// Which keys a phone may enrol: those with which messages can be exchanged for years, and with GnuPG 2.2.
// Keys are made by a real gpg where it can be made to, else by openpgp.js.
import assert from "node:assert/strict";
import { armor, enums, generateKey, readKey, readPrivateKey, revokeKey } from "openpgp";
import { openOpenPgp } from "../../server/identity/open_pgp/door.ts";
import type { OpenPgp } from "../../server/identity/open_pgp.ts";
import type { Gpg, GpgKeyParts } from "../support/gpg.ts";
import { openGpg, usualParts } from "../support/gpg.ts";
import { damagedKey, revokedSubkey, strangersSubkey, strengthened } from "./open_pgp_odd_keys.ts";

let openPgp: OpenPgp;
let gpg: Gpg;

before(() => {
  openPgp = openOpenPgp();
  gpg = openGpg();
});

after(async () => {
  await openPgp[Symbol.asyncDispose]();
  await gpg[Symbol.asyncDispose]();
});

/** Makes a key and gives its public half. */
const made = async (parts?: GpgKeyParts): Promise<string> =>
  gpg.publicKey(await gpg.makeKey(parts));

/** Makes a key and gives its private half. */
const secret = async (parts?: GpgKeyParts): Promise<string> =>
  String(await gpg.write(["--armor", "--export-secret-keys", await gpg.makeKey(parts)]));

const ofKind = (primary: string, subkey: string) => () =>
  made({ primary, subkeys: [[subkey, "encr"]] });

const past = ["--faked-system-time", "20200101T000000"];
const weak = ["--cert-digest-algo", "SHA1"];

/** Makes a key, and then does something to it with gpg, given its fingerprint. */
const changed = async (...commands: ((fingerprint: string) => string[])[]): Promise<string> => {
  const fingerprint = await gpg.makeKey();
  for (const command of commands) await gpg.write(command(fingerprint));
  return gpg.publicKey(fingerprint);
};

const addUser = (_: unknown, at: number) => (fingerprint: string) => [
  "--quick-add-uid",
  fingerprint,
  `phone number ${at}`,
];
const addSubkey = () => (fingerprint: string) => [
  "--quick-add-key",
  fingerprint,
  "cv25519",
  "encr",
];

const made6 = async () =>
  (
    await generateKey({
      type: "curve25519",
      userIDs: { name: "phone" },
      config: { v6Keys: true },
    })
  ).publicKey;

const made9580 = async () =>
  (await generateKey({ type: "curve25519", userIDs: { name: "phone" } })).publicKey;

/** What is refused, how it is made, and what is said about it. */
const refused: Record<string, readonly [make: () => string | Promise<string>, problem: RegExp]> = {
  "nothing at all": [() => "", /exactly one armored public key block/],
  "what is no key": [() => "ssh-ed25519 AAAA", /exactly one armored public key block/],
  "a message": [
    async () => String(await gpg.write(["--armor", "--store"], "hello")),
    /exactly one armored public key block/,
  ],
  "a block of nonsense": [
    () => armor(enums.armor.publicKey, Buffer.from("nonsense")),
    /cannot be read/,
  ],
  "a block that was cut off": [
    async () => (await made()).replace(/(\n[^-\n]+){3}\n-----END/, "\n-----END"),
    /cannot be read/,
  ],
  "more than 64 KiB": [async () => `${await made()}${" ".repeat(65_536)}`, /longer than 64 KiB/],
  "text beside the key": [
    async () => `my key:\n${await made()}`,
    /exactly one armored public key block/,
  ],
  "a private key": [secret, /public key, never the private one/],
  "a private key that says to be public": [
    async () => (await secret()).replaceAll("PRIVATE KEY", "PUBLIC KEY"),
    /public key, never the private one/,
  ],
  "two keys in one block": [
    async () => String(await gpg.write(["--armor", "--export", ...(await twoFingerprints())])),
    /exactly one key/,
  ],
  "two blocks": [
    async () => (await made()) + (await made()),
    /exactly one armored public key block/,
  ],
  "a revoked key": [
    async () => {
      const key = await readPrivateKey({ armoredKey: await secret() });
      return (await revokeKey({ key, format: "armored" })).publicKey;
    },
    /revoked/,
  ],
  "an expired key": [() => made({ ...usualParts, expiry: "1y", options: past }), /expired/],
  "a key from the future": [
    () => made({ ...usualParts, options: ["--faked-system-time", "20990101T000000"] }),
    /valid user id/,
  ],
  "a key whose part for encryption has expired": [
    () => made({ primary: "ed25519", subkeys: [["cv25519", "encr", "1y"]], options: past }),
    /cannot be encrypted/,
  ],
  "a key whose part for encryption was revoked": [
    async () => revokedSubkey(await secret(), enums.hash.sha512),
    /cannot be encrypted/,
  ],
  "a key whose part for encryption was revoked by SHA-1": [
    async () =>
      revokedSubkey(
        await secret({ primary: "rsa2048", subkeys: [["rsa2048", "encr"]] }),
        enums.hash.sha1,
      ),
    /cannot be encrypted/,
  ],
  "a key with the part of another": [
    async () => strangersSubkey(await secret({ ...usualParts, subkeys: [] }), await made()),
    /cannot be encrypted/,
  ],
  "a key that can only sign": [
    () => made({ primary: "ed25519", subkeys: [] }),
    /cannot be encrypted/,
  ],
  "a key that can only be encrypted to": [
    () => made({ ...usualParts, usage: "cert" }),
    /cannot sign/,
  ],
  "RSA of 1024 bits": [ofKind("rsa1024", "rsa1024"), /another kind/],
  "RSA of 1024 bits for encryption": [ofKind("rsa2048", "rsa1024"), /cannot be encrypted/],
  "RSA of 8192 bits": [
    async () => strengthened(await made({ primary: "rsa2048", subkeys: [] })),
    /another kind/,
  ],
  "DSA and ElGamal": [ofKind("dsa1024", "elg1024"), /another kind/],
  "ElGamal for encryption": [ofKind("rsa2048", "elg1024"), /cannot be encrypted/],
  "the curve of Bitcoin": [ofKind("secp256k1", "secp256k1"), /another kind/],
  "a Brainpool curve": [ofKind("brainpoolP256r1", "brainpoolP256r1"), /another kind/],
  "version 6": [made6, /another kind/],
  "the Ed25519 and X25519 of RFC 9580": [made9580, /another kind/],
  "a point off its curve": [damagedKey, /does not work|cannot be encrypted/],
  "SHA-1 for itself": [() => made({ ...usualParts, options: weak }), /SHA-256 or better/],
  "SHA-1 for its part for encryption": [
    async () => {
      const fingerprint = await gpg.makeKey({ primary: "ed25519", subkeys: [] });
      await gpg.write([...weak, "--quick-add-key", fingerprint, "cv25519", "encr"]);
      return gpg.publicKey(fingerprint);
    },
    /cannot be encrypted/,
  ],
  "a secret part in a public block": [
    async () => {
      const packets = (await readPrivateKey({ armoredKey: await secret() })).toPacketList();
      packets.splice(0, 1, (await readKey({ armoredKey: await made() })).keyPacket as never);
      return armor(enums.armor.publicKey, packets.write());
    },
    /public key, never the private one/,
  ],
  "more packets than are worth a look": [
    async () => {
      const packets = (await readKey({ armoredKey: await made() })).write();
      const empty = Array.from({ length: 520 }, () => Buffer.from([0xfc, 0]));
      return armor(enums.armor.publicKey, Buffer.concat([packets, ...empty]));
    },
    /over 512 packets/,
  ],
  "65 signatures for one part": [
    async () => {
      const key = await readKey({ armoredKey: await made() });
      const [subkey] = key.subkeys;
      assert.ok(subkey);
      const [binding] = subkey.bindingSignatures;
      assert.ok(binding);
      subkey.bindingSignatures.push(...Array.from({ length: 64 }, () => binding));
      return key.armor();
    },
    /more than 64 signatures/,
  ],
  "17 user ids": [() => changed(...Array.from({ length: 16 }, addUser)), /more than 16 user ids/],
  "17 subkeys": [() => changed(...Array.from({ length: 16 }, addSubkey)), /more than 16 subkeys/],
};

const twoFingerprints = async () => [await gpg.makeKey(), await gpg.makeKey()];

describe("OpenPGP keys that are not accepted", () => {
  for (const [name, [make, problem]] of Object.entries(refused)) {
    it(`SEC-48 ${name}`, async () => {
      const checked = await openPgp.checkKey(await make());
      assert.ok(checked.kind === "refused", JSON.stringify(checked));
      assert.match(checked.problem, problem);
    });
  }
});

describe("OpenPGP keys that are accepted", () => {
  it("are kept without what strangers and former times have put into them", async () => {
    const [fingerprint, stranger] = [await gpg.makeKey(), await gpg.makeKey()];
    await gpg.write(["--quick-add-uid", fingerprint, "a second name"]);
    await gpg.write(["--quick-add-key", fingerprint, "rsa1024", "encr"]);
    await gpg.write(["-u", stranger, "--quick-sign-key", fingerprint]);
    await gpg.write(["--quick-set-expire", fingerprint, "3y"]);
    const given = await gpg.publicKey(fingerprint);
    const checked = await openPgp.checkKey(given);
    assert.ok(checked.kind === "accepted", JSON.stringify(checked));
    const tags = async (armoredKey: string) =>
      [...(await readKey({ armoredKey })).toPacketList()].map(
        (packet) => (packet.constructor as unknown as { tag: number }).tag,
      );
    const { publicKey, userID, signature, publicSubkey } = enums.packet;
    assert.ok((await tags(given)).length > 8, "there was more in it");
    assert.deepEqual(await tags(checked.publicKey), [
      publicKey,
      userID,
      signature,
      publicSubkey,
      signature,
    ]);
    const kept = await readKey({ armoredKey: checked.publicKey });
    assert.equal(kept.getFingerprint().toUpperCase(), fingerprint);
    assert.deepEqual(
      await kept.getExpirationTime(),
      await (await readKey({ armoredKey: given })).getExpirationTime(),
    );
  });

  it("are accepted again as they are kept", async () => {
    const once = await openPgp.checkKey(await made());
    assert.ok(once.kind === "accepted");
    assert.deepEqual(await openPgp.checkKey(once.publicKey), once);
  });

  it("may have comments, line ends of Windows and empty lines around", async () => {
    const armored = await made();
    const commented = armored.replace("BLOCK-----\n", "BLOCK-----\nComment: mine\n");
    for (const each of [commented, armored.replaceAll("\n", "\r\n"), `\n\n${armored}\n\n`]) {
      assert.equal((await openPgp.checkKey(each)).kind, "accepted");
    }
  });

  it("may have expired parts beside good ones", async () => {
    const fingerprint = await gpg.makeKey({
      primary: "ed25519",
      subkeys: [["cv25519", "encr", "1y"]],
      options: past,
    });
    await gpg.write(["--quick-add-key", fingerprint, "cv25519", "encr", "never"]);
    const checked = await openPgp.checkKey(await gpg.publicKey(fingerprint));
    assert.ok(checked.kind === "accepted", JSON.stringify(checked));
    const { subkeys } = await readKey({ armoredKey: checked.publicKey });
    assert.equal(subkeys.length, 1);
  });
});
