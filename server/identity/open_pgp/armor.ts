// The armor of keys, read strictly: one block, and nothing else.
import { Buffer } from "node:buffer";

const begin = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const end = "-----END PGP PUBLIC KEY BLOCK-----";
const header = /^[A-Za-z]+: /;
const line = /^[A-Za-z0-9+/]{1,76}={0,2}$/;

/**
 * Gives the bytes of an armored public key; undefined when a text is anything else. A checksum is passed over,
 * as it should be. Source: RFC 9580 section 6.
 */
export function dearmored(armored: string): Uint8Array | undefined {
  const lines = armored
    .trim()
    .split("\n")
    .map((each) => each.trimEnd());
  const blank = lines.indexOf("");
  const headers = lines.slice(1, blank);
  const body = lines.slice(blank + 1, -1).filter((each) => each !== "");
  if (body.at(-1)?.startsWith("=")) body.pop();
  const isOne =
    lines[0] === begin &&
    lines.at(-1) === end &&
    blank > 0 &&
    headers.every((each) => header.test(each)) &&
    body.every((each) => line.test(each));
  return isOne ? Buffer.from(body.join(""), "base64") : undefined;
}
