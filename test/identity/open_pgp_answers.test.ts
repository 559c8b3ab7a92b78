// Answers of a phone: those of a real gpg are read, and nothing that is not wholly right is. Wrong ones are
// made by gpg where it can be made to, else of the packets of right ones.
import assert from "node:assert/strict";
import {
  decryptSessionKeys,
  encrypt,
  enums,
  Message,
  PacketList,
  readMessage,
  readPrivateKey,
  SymEncryptedIntegrityProtectedDataPacket,
  SymmetricallyEncryptedDataPacket,
} from "openpgp";
import { usualParts } from "../support/gpg.ts";
import type { Pair } from "./open_pgp_pair.ts";
import { openPair } from "./open_pgp_pair.ts";
import { signatureFor } from "./open_pgp_signature.ts";

const yes = '{"transaction_id":"t","confirmed":true}';
const no = '{"transaction_id":"t","confirmed":false}';
const past = ["--faked-system-time", "20200101T000000!"];

const password = ["--passphrase", "a password"];

let pair: Pair;

before(async () => {
  pair = await openPair();
});

after(() => pair[Symbol.asyncDispose]());

/** Seals as the enrolled phone does, with further options of gpg. */
const answer = (text: string | Uint8Array | Iterable<Uint8Array>, ...options: string[]) =>
  pair.gpg.seal(text, { from: pair.phone.id, to: pair.server.id, options });

const read = (message: Uint8Array) => pair.openPgp.decrypt(message, pair.server, pair.phone);

describe("OpenPGP answers of a phone", () => {
  const ways: Record<string, string[]> = {
    "as gpg does by itself": [],
    uncompressed: ["--compress-algo", "uncompressed"],
    "compressed by zip": ["--compress-algo", "zip"],
    "compressed by bzip2": ["--compress-algo", "bzip2"],
    "signed as text": ["--textmode"],
    "without saying for whom": ["--throw-keyids"],
    "with a cipher and hash of its own": ["--cipher-algo", "AES128", "--digest-algo", "SHA384"],
  };
  for (const [name, options] of Object.entries(ways)) {
    it(`are read: ${name}`, async () => {
      assert.equal(await read(await answer(yes, ...options)), yes);
    });
  }

  it("are read from a phone whose clock is ahead of ours, and it reads what we encrypt", async () => {
    const { gpg, openPgp, server, enrolled } = pair;
    const ahead = new Date(Date.now() + 120_000).toISOString().replace(/[-:]|\..*/g, "");
    const options = ["--faked-system-time", ahead];
    const phone = await enrolled({ ...usualParts, options });
    const message = await openPgp.encrypt("for later", phone, server);
    const { output, said } = await gpg.run([...options, "--decrypt"], message);
    assert.equal(String(output), "for later", said);
    const sealed = await gpg.seal(yes, { from: phone.id, to: server.id, options });
    assert.equal(await openPgp.decrypt(sealed, server, phone), yes);
  });

  it("SEC-50 are read up to 8 KiB, inflated, and not beyond", async () => {
    const bound = 8 * 1024;
    // What is inflated is also the signature and the frame of the text.
    const most = "a".repeat(bound - 1024);
    assert.equal(await read(await answer(most)), most);
    assert.equal(await read(await answer("a".repeat(bound))), undefined);
    const plain = ["--compress-algo", "uncompressed"];
    assert.equal(await read(await answer("a".repeat(bound), ...plain)), undefined);
  });
});

describe("OpenPGP answers that are none", () => {
  type Wrong = () => Promise<Uint8Array>;
  const byGpg: Record<string, Wrong> = {
    "an empty one": async () => new Uint8Array(),
    "no message": async () => Buffer.from(yes),
    "one that is armored": () => answer(yes, "--armor"),
    "not signed": () =>
      pair.gpg.write(["--trust-model", "always", "-r", pair.server.id, "--encrypt"], yes),
    "not encrypted": () => pair.gpg.write(["-u", pair.phone.id, "--sign"], yes),
    "encrypted with a password": () =>
      pair.gpg.write([...password, "-u", pair.phone.id, "--sign", "--symmetric"], yes),
    "with a password as well": () => answer(yes, ...password, "--symmetric"),
    "signed by another phone": async () =>
      pair.gpg.seal(yes, { from: (await pair.enrolled()).id, to: pair.server.id }),
    "signed by another phone as well": async () => answer(yes, "-u", (await pair.enrolled()).id),
    "signed by the server": async () => {
      await pair.gpg.import(pair.server.privateKey);
      return pair.gpg.seal(yes, { from: pair.server.id, to: pair.server.id });
    },
    "encrypted to another": async () =>
      pair.gpg.seal(yes, { from: pair.phone.id, to: (await pair.enrolled()).id }),
    "encrypted to another as well": () => answer(yes, "-r", pair.phone.id),
    "signed with SHA-1": () => answer(yes, "--digest-algo", "SHA1"),
    "no text": () => answer(Buffer.from([0xff, 0xfe, 0x22])),
    "preceded by something": async () =>
      Buffer.concat([Buffer.from([0xca, 3, 0x50, 0x47, 0x50]), await answer(yes)]),
    "two messages": async () => Buffer.concat([await answer(yes), await answer(no)]),
    "followed by something": async () => Buffer.concat([await answer(yes), Buffer.from([0])]),
  };
  for (const [name, wrong] of Object.entries(byGpg)) {
    it(`D-52 ${name}`, async () => assert.equal(await read(await wrong()), undefined));
  }

  it("D-52 signed long ago, with a signature that was to last a day", async () => {
    const { gpg, openPgp, server } = pair;
    const id = await gpg.makeKey({ ...usualParts, options: past });
    const old = { id, publicKey: await gpg.publicKey(id) };
    const seal = (...options: string[]) =>
      gpg.seal(yes, { from: id, to: server.id, options: ["--ignore-time-conflict", ...options] });
    const decrypt = async (message: Uint8Array) => openPgp.decrypt(message, server, old);
    assert.equal(await decrypt(await seal()), yes);
    const signature = (...options: string[]) =>
      gpg.write([...past, ...options, "-u", id, "--detach-sign"], yes);
    assert.equal(await decrypt(await sealedUnder(await signature())), yes);
    const dayLong = await signature("--default-sig-expire", "1d");
    assert.equal(await decrypt(await sealedUnder(dayLong)), undefined);
  });

  it("D-52 signed tomorrow", async () => {
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().replace(/[-:]|\..*/g, "");
    const message = await answer(yes, "--faked-system-time", `${tomorrow}!`);
    assert.equal(await read(message), undefined);
  });

  it("D-52 with the signature of another answer", async () => {
    const { gpg, phone } = pair;
    const signatureOf = (text: string) => gpg.write(["-u", phone.id, "--detach-sign"], text);
    assert.equal(await read(await sealedUnder(await signatureOf(yes))), yes);
    assert.equal(await read(await sealedUnder(await signatureOf(no))), undefined);
  });

  it("D-52 signed for another recipient, who passed it on", async () => {
    const { gpg, phone, server, enrolled } = pair;
    const own = String(await gpg.write(["--armor", "--export-secret-keys", phone.id]));
    const other = (await enrolled()).id;
    const meantFor = async (...recipients: string[]) =>
      read(await sealedUnder(await signatureFor(yes, own, recipients)));
    assert.equal(await meantFor(), yes);
    assert.equal(await meantFor(server.id), yes);
    assert.equal(await meantFor(other, server.id), yes);
    assert.equal(await meantFor(other), undefined);
  });

  it("SEC-50 without the proof of integrity", async () => {
    const message = await answer(yes, "--compress-algo", "uncompressed");
    assert.equal(await read(await withoutIntegrity(message)), undefined);
  });

  it("SEC-50 cut off anywhere", async () => {
    const message = await answer(yes);
    for (let end = 0; end < message.length; end++) {
      assert.equal(await read(message.subarray(0, end)), undefined, `${end}`);
    }
    assert.equal(await read(message), yes);
  });

  it("SEC-50 changed anywhere", async () => {
    const message = await answer(yes);
    for (let at = 0; at < message.length; at++) {
      const changed = Buffer.from(message);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << (at % 8)), at);
      const text = await read(changed);
      // Two bits may change nothing: openpgp.js takes either way to write a packet's tag.
      if (text !== undefined) assert.equal(text, yes, `${at}`);
    }
  });

  for (const [algorithm, megabytes] of [
    ["zip", 6],
    ["zip", 200],
    ["bzip2", 20],
  ] as const) {
    it(`SEC-50 a bomb: ${megabytes} MB of ${algorithm}`, async () => {
      const zeros = Buffer.alloc(1_000_000);
      const pieces = Array.from({ length: megabytes }, () => zeros);
      const message = await answer(pieces, "--compress-algo", algorithm, "-z", "9");
      assert.ok(message.length < megabytes * 1_300, `${message.length} bytes`);
      const before = process.resourceUsage().maxRSS;
      assert.equal(await read(message), undefined);
      const grownKiB = process.resourceUsage().maxRSS - before;
      assert.ok(grownKiB < 100_000, `memory grew by ${grownKiB} KiB`);
    }).timeout(60_000);
  }
});

/** Encrypts a yes to the server under a signature that was made apart from it, whatever it signs. */
async function sealedUnder(signature: Uint8Array): Promise<Uint8Array> {
  const { gpg, server } = pair;
  const literal = await gpg.write(["--compress-algo", "uncompressed", "--store"], yes);
  const message = await readMessage({ binaryMessage: Buffer.concat([signature, literal]) });
  const encryptionKeys = (await readPrivateKey({ armoredKey: server.privateKey })).toPublic();
  return encrypt({ message, encryptionKeys, format: "binary" });
}

/** Takes the proof of integrity off a message: what it was before there was any, with the same session key. */
async function withoutIntegrity(binaryMessage: Uint8Array): Promise<Uint8Array> {
  const decryptionKeys = await readPrivateKey({ armoredKey: pair.server.privateKey });
  const message = await readMessage({ binaryMessage });
  const [session] = message.packets;
  const [key] = await decryptSessionKeys({
    message: await readMessage({ binaryMessage }),
    decryptionKeys,
  });
  assert.ok(key?.algorithm);
  const inner = await message.decrypt(undefined, undefined, [key as never]);
  const bare = new SymmetricallyEncryptedDataPacket() as unknown as {
    packets: unknown;
    encrypt(algorithm: number, key: Uint8Array): Promise<void>;
  };
  bare.packets = inner.packets;
  await bare.encrypt(enums.symmetric[key.algorithm], key.data);
  const packets = new PacketList();
  packets.push(session as never, bare as never);
  assert.ok(!packets.some((packet) => packet instanceof SymEncryptedIntegrityProtectedDataPacket));
  return new Message(packets as never).write();
}
