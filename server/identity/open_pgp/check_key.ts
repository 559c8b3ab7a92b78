// Whether a key that a phone enrols is one that messages can be exchanged with, for years and with GnuPG.
import {
  config as defaults,
  PacketList,
  PublicKey,
  readKey,
  type SignaturePacket,
  type Subkey,
  type UserIDPacket,
} from "openpgp";
import type { CheckedKey } from "../open_pgp.ts";
import { dearmored } from "./armor.ts";
import { encryptTo } from "./messages.ts";
import { packetTags, tags } from "./packets.ts";
import { acceptedKinds, asOf, config, isAcceptedKind } from "./policy.ts";

const armorLimitBytes = 64 * 1024;
const userLimit = 16;
const subkeyLimit = 16;
// Each of them may cost a verification.
const signatureLimit = 64;

// Many people may have certified it.
const packetLimit = 512;

/** What is wrong with a key, and what to do about it. */
class Problem extends Error {}

const demand = (holds: boolean, problem: string): void => {
  if (!holds) throw new Problem(problem);
};

/** Gives what a step gives, or says what is wrong when it fails. */
const elseProblem = async <Result>(step: Promise<Result>, problem: string): Promise<Result> => {
  try {
    return await step;
  } catch (cause) {
    throw new Problem(problem, { cause });
  }
};

/** Gives the bytes of what is one public key as far as can be seen from its outside. */
function oneKey(armored: string): Uint8Array {
  demand(Buffer.byteLength(armored) <= armorLimitBytes, "the key is longer than 64 KiB");
  const isPrivate = "send the public key, never the private one";
  demand(!armored.includes("PRIVATE KEY BLOCK"), isPrivate);
  const bytes = dearmored(armored);
  if (!bytes) throw new Problem("send exactly one armored public key block and nothing else");
  const found = packetTags(bytes, packetLimit);
  if (!found) throw new Problem(`the key cannot be read, or has over ${packetLimit} packets`);
  demand(!found.some((tag) => tag === tags.secretKey || tag === tags.secretSubkey), isPrivate);
  demand(found.filter((tag) => tag === tags.publicKey).length === 1, "send exactly one key");
  return bytes;
}

const signaturesOf = (key: PublicKey): number =>
  [
    key.revocationSignatures,
    ...key.users.flatMap((user) => [user.selfCertifications, user.revocationSignatures]),
    ...key.subkeys.flatMap((subkey) => [subkey.bindingSignatures, subkey.revocationSignatures]),
  ].reduce((sum, signatures) => sum + signatures.length, 0);

function checkSize(key: PublicKey): void {
  demand(key.users.length <= userLimit, `the key has more than ${userLimit} user ids`);
  demand(key.subkeys.length <= subkeyLimit, `the key has more than ${subkeyLimit} subkeys`);
  demand(
    signaturesOf(key) <= signatureLimit,
    `the key has more than ${signatureLimit} signatures of its own`,
  );
}

/** Tells whether its owner ever revoked it, with however weak a hash: he meant it. */
const wasRevoked = (part: PublicKey | Subkey): Promise<boolean> => {
  const any = null as never;
  return part.isRevoked(any, any, any, defaults);
};

/** Gives the subkeys of use, each with the signature that binds it. */
async function goodSubkeys(key: PublicKey, date: Date): Promise<[Subkey, SignaturePacket][]> {
  const good: [Subkey, SignaturePacket][] = [];
  for (const subkey of key.subkeys) {
    if (!isAcceptedKind(subkey)) continue;
    if (await wasRevoked(subkey)) continue;
    try {
      good.push([subkey, await subkey.verify(date, config)]);
    } catch {
      // Expired, revoked or never bound: it is left out, and whether the rest is enough is seen later.
    }
  }
  return good;
}

/** Gives the key with nothing but its one user id and subkeys that are of use. */
async function stripped(key: PublicKey, date: Date): Promise<PublicKey> {
  const { user, selfCertification } = await elseProblem(
    key.getPrimaryUser(date, undefined, config),
    "the key has no valid user id: it needs one that it certifies itself, with SHA-256 or better",
  );
  const packets = new PacketList();
  packets.push(key.keyPacket, user.userID as UserIDPacket, selfCertification);
  for (const [subkey, binding] of await goodSubkeys(key, date)) {
    packets.push(subkey.keyPacket, binding);
  }
  return new PublicKey(packets);
}

async function checked(armored: string): Promise<CheckedKey> {
  const date = asOf();
  const binaryKey = oneKey(armored);
  const given = await elseProblem(readKey({ binaryKey, config }), "the key cannot be read");
  checkSize(given);
  demand(isAcceptedKind(given), `the key is of another kind than ${acceptedKinds}`);
  demand(!(await wasRevoked(given)), "the key is revoked");
  const key = await stripped(given, date);
  await elseProblem(
    key.verifyPrimaryKey(date, undefined, config),
    "the key has expired or is from the future",
  );
  await elseProblem(
    key.getSigningKey(undefined, date, undefined, config),
    `the key cannot sign messages: it needs a valid part for that, of ${acceptedKinds}`,
  );
  await elseProblem(
    key.getEncryptionKey(undefined, date, undefined, config),
    `messages cannot be encrypted to the key: it needs a valid part for that, of ${acceptedKinds}`,
  );
  const publicKey = key.armor();
  // What looks right may still have a point off its curve, say; only use shows it.
  const again = await readKey({ armoredKey: publicKey });
  await elseProblem(encryptTo(again, new Uint8Array(1)), "the key does not work");
  return { kind: "accepted", publicKey, fingerprint: key.getFingerprint().toUpperCase() };
}

/** Checks a key that a phone enrols; whatever is wrong with it is a refusal that says so. */
export async function checkKey(armored: string): Promise<CheckedKey> {
  try {
    return await checked(armored);
  } catch (error) {
    // What openpgp.js stumbles over comes from the key as well: that good ones pass is seen at the start.
    const problem = error instanceof Problem ? error.message : "the key cannot be used";
    return { kind: "refused", problem };
  }
}
