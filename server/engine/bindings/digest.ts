// Hashes and keyed hashes: the host computes them, the guest shows them under their Java names.
import { createHash, createHmac } from "node:crypto";
import type { Json } from "../script.ts";
import { type Answer, answer, type Binding, illegalArgument } from "../world.ts";

/** Node's names of the algorithms, by the names of Java in upper case without dashes. */
const digests: ReadonlyMap<string, string> = new Map([
  ["MD5", "md5"],
  ["SHA", "sha1"],
  ["SHA1", "sha1"],
  ["SHA224", "sha224"],
  ["SHA256", "sha256"],
  ["SHA384", "sha384"],
  ["SHA512", "sha512"],
]);

const hmacPrefix = /^HMAC/;

const plain = (name: Json | undefined): string => String(name).toUpperCase().replaceAll("-", "");

const unknownAlgorithm = (name: Json | undefined): Answer => ({
  thrown: {
    javaClass: "java.security.NoSuchAlgorithmException",
    message: `${String(name)} is not available`,
  },
});

const bytes = (value: Json | undefined): Buffer | undefined =>
  typeof value === "string" ? Buffer.from(value, "base64") : undefined;

/** The operations behind MessageDigest and Mac; all bytes travel as base64. Source: D-27. */
export const digestBinding: Binding = {
  name: "java.security.MessageDigest",
  operations: {
    "digest.hash": ([name, input]) => {
      const algorithm = digests.get(plain(name));
      const data = bytes(input);
      if (algorithm === undefined) return unknownAlgorithm(name);
      if (data === undefined) return illegalArgument("a digest is taken of bytes");
      return answer(createHash(algorithm).update(data).digest("base64"));
    },
    "digest.hmac": ([name, secret, input]) => {
      const text = plain(name);
      const algorithm = digests.get(text.replace(hmacPrefix, ""));
      const [key, data] = [bytes(secret), bytes(input)];
      if (!hmacPrefix.test(text) || algorithm === undefined) return unknownAlgorithm(name);
      if (key === undefined || data === undefined) return illegalArgument("a MAC takes bytes");
      return answer(createHmac(algorithm, key).update(data).digest("base64"));
    },
  },
};
