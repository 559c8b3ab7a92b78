// The keys of an installation as a text in a file.
import type { webcrypto } from "node:crypto";
import { createHash } from "node:crypto";
import type { DeviceKeys } from "./device_keys.ts";
import { algorithms } from "./device_keys.ts";
import { unrecoverable } from "./trouble.ts";

interface Kept {
  readonly id: string;
  readonly publicJwk: DeviceKeys["publicJwk"];
  readonly signing: webcrypto.JsonWebKey;
  readonly sealing: webcrypto.JsonWebKey;
  readonly deriving: webcrypto.JsonWebKey;
}

const withSum = (json: string): string =>
  `${json}\n${createHash("sha256").update(json).digest("hex")}`;

/**
 * Gives the text of keys, which have to be extractable: JSON and, on a second line, its SHA-256. Without that a flipped
 * bit would make another secret of the device, by which every PIN would seem to be wrong.
 */
export async function keysAsText(keys: DeviceKeys): Promise<string> {
  const kept: Kept = {
    id: keys.id,
    publicJwk: keys.publicJwk,
    signing: await crypto.subtle.exportKey("jwk", keys.signing),
    sealing: await crypto.subtle.exportKey("jwk", keys.sealing),
    deriving: await crypto.subtle.exportKey("jwk", keys.deriving),
  };
  const json = JSON.stringify(kept);
  return withSum(json);
}

/** Undoes `keysAsText`; the keys are no longer extractable. Throws DATA_STORAGE_UNRECOVERABLE for any other text. */
export async function keysFromText(text: string): Promise<DeviceKeys> {
  const [json = ""] = text.split("\n", 1);
  if (text !== withSum(json)) throw unrecoverable("The keys of the device are damaged.");
  try {
    return await imported(JSON.parse(json) as Kept);
  } catch (cause) {
    throw unrecoverable("The keys of the device are none.", cause);
  }
}

async function imported(kept: Kept): Promise<DeviceKeys> {
  const { id, publicJwk, signing, sealing, deriving } = kept;
  const { subtle } = crypto;
  return {
    id,
    publicJwk,
    signing: await subtle.importKey("jwk", signing, algorithms.signing, false, ["sign"]),
    sealing: await subtle.importKey("jwk", sealing, algorithms.sealing, false, [
      "encrypt",
      "decrypt",
    ]),
    deriving: await subtle.importKey("jwk", deriving, algorithms.deriving, false, ["sign"]),
  };
}
