// What the OpenPGP of a fetched message costs, beside the same by bare openpgp.js in this thread.
import { createMessage, encrypt, readKey, readMessage, readPrivateKey } from "openpgp";
import { openOpenPgp } from "../../server/identity/open_pgp/door.ts";

/** Microseconds of processor time of all threads for each message, a number for each round. */
export interface OpenPgpResults {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
}

type Encrypt = () => Promise<Uint8Array>;

const warmUpSlices = 6;
const sliceMessages = 40;
const text = JSON.stringify({ message: "0123456789abcdef".repeat(64) });

async function slice(one: Encrypt): Promise<number> {
  const before = process.cpuUsage();
  for (let done = 0; done < sliceMessages; done++) {
    const binaryMessage = await one();
    if (binaryMessage.length < text.length) throw new Error("a message was encrypted wrong");
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / sliceMessages;
}

/**
 * Measures a message of 1 KB, encrypted and signed with keys that are kept, for about `seconds` and at least
 * one round; ours and bare ones take turns at being first.
 */
export async function measureOpenPgp(seconds: number): Promise<OpenPgpResults> {
  await using openPgp = openOpenPgp();
  const from = await openPgp.generateKey();
  const to = await openPgp.generateKey();
  const encryptionKeys = await readKey({ armoredKey: to.publicKey });
  const signingKeys = await readPrivateKey({ armoredKey: from.privateKey });
  const ours: Encrypt = () => openPgp.encrypt(text, to, from);
  const bare: Encrypt = async () =>
    encrypt({
      message: await createMessage({ text }),
      encryptionKeys,
      signingKeys,
      format: "binary",
    });
  await readMessage({ binaryMessage: await ours() });
  const results = { ours: [] as number[], bare: [] as number[] };
  for (let done = 0; done < warmUpSlices; done++) {
    await slice(ours);
    await slice(bare);
  }
  const end = performance.now() + seconds * 1000;
  do {
    results.ours.push(await slice(ours));
    results.bare.push(await slice(bare), await slice(bare));
    results.ours.push(await slice(ours));
  } while (performance.now() < end);
  return results;
}
