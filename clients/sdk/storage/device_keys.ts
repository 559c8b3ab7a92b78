// The keys of an installation and what they do, with the WebCrypto of any platform.
import type { Bytes, DeviceStorage, SigningKey } from "../storage.ts";
import { notAvailable, unrecoverable } from "./trouble.ts";

/** The keys of an installation. */
export interface DeviceKeys {
  /** 32 hexadecimal digits; tells the keys from those that were there before a store was cleared. */
  readonly id: string;
  readonly publicJwk: SigningKey["publicJwk"];
  /** ECDSA on P-256, private. */
  readonly signing: CryptoKey;
  /** AES-256-GCM. */
  readonly sealing: CryptoKey;
  /** HMAC-SHA-256, 32 bytes. */
  readonly deriving: CryptoKey;
}

/** Algorithms of the keys, as WebCrypto names them. */
export const algorithms = {
  signing: { name: "ECDSA", namedCurve: "P-256" },
  sealing: { name: "AES-GCM", length: 256 },
  deriving: { name: "HMAC", hash: "SHA-256", length: 256 },
} as const;

const ivBytes = 12;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Makes new keys. Those that are not extractable never leave WebCrypto. Throws DATA_STORAGE_NOT_AVAILABLE in a page
 * that is not trusted with it.
 */
export async function makeDeviceKeys(extractable: boolean): Promise<DeviceKeys> {
  const { subtle } = crypto as { subtle: SubtleCrypto | undefined };
  if (!subtle) throw notAvailable("There is no WebCrypto: the page did not come over TLS.");
  const pair = await subtle.generateKey(algorithms.signing, extractable, ["sign", "verify"]);
  const { kty, crv, x, y } = await subtle.exportKey("jwk", pair.publicKey);
  return {
    id: crypto.randomUUID().replaceAll("-", ""),
    publicJwk: { kty: String(kty), crv: String(crv), x: String(x), y: String(y) },
    signing: pair.privateKey,
    sealing: await subtle.generateKey(algorithms.sealing, extractable, ["encrypt", "decrypt"]),
    deriving: await subtle.generateKey(algorithms.deriving, extractable, ["sign"]),
  };
}

async function sealFor(keys: DeviceKeys, purpose: string, bytes: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(purpose) };
  const encrypted = new Uint8Array(await crypto.subtle.encrypt(how, keys.sealing, bytes));
  const sealed = new Uint8Array(ivBytes + encrypted.length);
  sealed.set(iv);
  sealed.set(encrypted, ivBytes);
  return sealed;
}

async function openFor(keys: DeviceKeys, purpose: string, sealed: Bytes): Promise<Bytes> {
  const iv = sealed.subarray(0, ivBytes);
  const how = { name: "AES-GCM", iv, additionalData: encoder.encode(purpose) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(how, keys.sealing, sealed.subarray(ivBytes)));
  } catch (cause) {
    throw unrecoverable("What was kept on the device is not what was written there.", cause);
  }
}

/** Seals a text so that it can be opened under the same name only: nobody swaps two of them. */
export const sealText = (keys: DeviceKeys, name: string, text: string): Promise<Bytes> =>
  sealFor(keys, `text ${name}`, encoder.encode(text));

/** Undoes `sealText`; throws DATA_STORAGE_UNRECOVERABLE when it was not sealed by these keys for this name. */
export const openText = async (keys: DeviceKeys, name: string, sealed: Bytes): Promise<string> =>
  decoder.decode(await openFor(keys, `text ${name}`, sealed));

/** The verbs of a store that use keys. */
export type KeyVerbs = Pick<DeviceStorage, "signingKey" | "seal" | "open" | "derive">;

/** Gives the verbs that use keys, over whatever gives the keys that hold at the time of the call. */
export const keyVerbs = (current: () => Promise<DeviceKeys>): KeyVerbs => ({
  async signingKey() {
    const { publicJwk, signing } = await current();
    const how = { name: "ECDSA", hash: "SHA-256" };
    return {
      publicJwk,
      sign: async (data) => new Uint8Array(await crypto.subtle.sign(how, signing, data)),
    };
  },
  seal: async (bytes) => sealFor(await current(), "bytes", bytes),
  open: async (sealed) => openFor(await current(), "bytes", sealed),
  async derive(bytes) {
    const { deriving } = await current();
    return new Uint8Array(await crypto.subtle.sign("HMAC", deriving, bytes));
  },
});
