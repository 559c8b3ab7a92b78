// The lock of a refresh token, opened by the PIN of its user. The PIN itself is kept nowhere and sent nowhere.
import { SdkError } from "./error.ts";
import { unrecoverable } from "./storage/trouble.ts";
import type { Bytes, DeviceStorage } from "./storage.ts";

// Source: OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256.
const iterations = 600_000;
// A record may come of a later SDK, but must not keep a phone busy for minutes.
const mostIterations = 20_000_000;

const tokenForm = /^[0-9A-F]{64}$/;
// Version, iterations, salt, initial counter, encrypted token.
const recordForm = /^1\.([1-9]\d{5,7})\.([0-9A-F]{32})\.([0-9A-F]{32})\.([0-9A-F]{64})$/;
const purpose = new TextEncoder().encode("pin lock 1\0");

const toHex = (bytes: Bytes): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();

const fromHex = (text: string): Bytes =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/**
 * Locks a refresh token, 64 upper-case hexadecimal characters, by a PIN and gives a record of printable ASCII. The 32
 * bytes that the token stands for are encrypted by AES-256-CTR; the key is what the secret of the device makes of
 * PBKDF2-SHA-256 of the PIN, so that whoever has the record alone can try no PIN at all. Salt, initial counter and so
 * the key are fresh each time. Nothing in the record tells whether a PIN is the right one; for the same reason nothing
 * tells whether the record was changed, which is for the storage to see. Throws GENERAL_ERROR for a token of another
 * form. Source: D-42.
 */
export async function lock(storage: DeviceStorage, token: string, pin: string): Promise<string> {
  if (!tokenForm.test(token)) {
    throw new SdkError("GENERAL_ERROR", "The server gave a refresh token of an unknown form.");
  }
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const counter = crypto.getRandomValues(new Uint8Array(16));
  const plain = fromHex(token);
  const key = await keyOf(storage, pin, salt, iterations);
  const encrypted = await crypto.subtle.encrypt(counting(counter), key, plain);
  plain.fill(0);
  return ["1", iterations, toHex(salt), toHex(counter), toHex(new Uint8Array(encrypted))].join(".");
}

/**
 * Gives the refresh token that was locked when the PIN is the one that it was locked by, and another token, as good as
 * random, when it is not: only the server can tell, which counts. Throws DATA_STORAGE_UNRECOVERABLE when the
 * record does not have the form of one. Source: D-42.
 */
export async function unlock(storage: DeviceStorage, record: string, pin: string): Promise<string> {
  const [, count, salt, counter, encrypted] = recordForm.exec(record) ?? [];
  const isKnown = Number(count) >= iterations && Number(count) <= mostIterations;
  if (!isKnown || !salt || !counter || !encrypted) {
    throw unrecoverable("The refresh token that was kept cannot be read.");
  }
  const key = await keyOf(storage, pin, fromHex(salt), Number(count));
  const how = counting(fromHex(counter));
  const plain = new Uint8Array(await crypto.subtle.decrypt(how, key, fromHex(encrypted)));
  const token = toHex(plain);
  plain.fill(0);
  return token;
}

const counting = (counter: Bytes) => ({ name: "AES-CTR", counter, length: 128 });

async function keyOf(
  storage: DeviceStorage,
  pin: string,
  salt: Bytes,
  count: number,
): Promise<CryptoKey> {
  const { subtle } = crypto;
  const secret = new TextEncoder().encode(pin);
  const stretching = await subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: count };
  const stretched = new Uint8Array(await subtle.deriveBits(how, stretching, 256));
  const input = new Uint8Array(purpose.length + stretched.length);
  input.set(purpose);
  input.set(stretched, purpose.length);
  const bound = await storage.derive(input);
  const key = await subtle.importKey("raw", bound, "AES-CTR", false, ["encrypt", "decrypt"]);
  for (const bytes of [secret, stretched, input, bound]) bytes.fill(0);
  return key;
}
