// The crypto floor: the cryptography without which no token request can be answered.
import type { KeyObject } from "node:crypto";
import { generateKeyPairSync, hash, randomBytes, sign, verify } from "node:crypto";

const nap = new Int32Array(new SharedArrayBuffer(4));

/**
 * Gives what the calling thread has spent, in microseconds. A running thread is charged only at the
 * next tick of the system's clock, up to 10 ms late, and a sleeping one at once: so it sleeps
 * first.
 */
export function threadMicros(): number {
  Atomics.wait(nap, 0, 0, 1);
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/**
 * Gives a function that runs the floor `operations` times and tells its cost in microseconds of
 * processor time per operation. One operation: an ES256 signature verified and one made, three
 * SHA-256 of a token, one random value; synchronous, with keys that were imported before. Only the
 * calling thread is counted. Source: the definition in the design page on performance.
 */
export function openFloor(): (operations: number) => number {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const es256 = (key: KeyObject) => ({ key, dsaEncoding: "ieee-p1363" }) as const;
  const verifying = es256(publicKey);
  const signing = es256(privateKey);
  // About what the header and claims of an assertion and of an ID token come to.
  const signed = Buffer.from("a".repeat(320));
  const signature = sign("sha256", signed, signing);
  const token = "0123456789ABCDEF".repeat(4);
  return (operations) => {
    const before = threadMicros();
    for (let done = 0; done < operations; done++) {
      if (!verify("sha256", signed, verifying, signature)) throw new Error("a signature is wrong");
      sign("sha256", signed, signing);
      for (let hashed = 0; hashed < 3; hashed++) hash("sha256", token, "base64url");
      randomBytes(32).toString("hex");
    }
    return (threadMicros() - before) / operations;
  };
}
