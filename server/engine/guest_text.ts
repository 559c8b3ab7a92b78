// Carries text into and out of an instance's memory, as UTF-8 that ends with a zero byte.
import { breachOf } from "./breach.ts";
import type { Instance } from "./glue.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Text in an instance's memory: its address and its length in bytes without the final zero. */
export interface GuestText {
  readonly address: number;
  readonly length: number;
}

/**
 * Writes text into newly allocated memory, which the caller frees or leaves to the next restore.
 * Throws the breach of the memory limit when there is no room.
 */
export const writeText = (instance: Instance, text: string): GuestText => {
  // A UTF-16 unit takes at most three bytes, so one pass is enough.
  const room = text.length * 3;
  const address = instance.quickjs._malloc(room + 1);
  if (address === 0) throw breachOf("memory");
  const bytes = instance.bytes();
  const { written } = encoder.encodeInto(text, bytes.subarray(address, address + room));
  bytes[address + written] = 0;
  return { address, length: written };
};

/** Makes a string value of the guest; the result is the address of its handle. */
export const newString = (instance: Instance, context: number, text: string): number => {
  const { address } = writeText(instance, text);
  const value = instance.quickjs._QTS_NewString(context, address);
  instance.quickjs._free(address);
  return value;
};

/** Reads a primitive string value of the guest; undefined when the guest has no memory for it. */
export const readString = (
  instance: Instance,
  context: number,
  value: number,
): string | undefined => {
  const address = instance.quickjs._QTS_GetString(context, value);
  if (address === 0) return undefined;
  const text = readText(instance.bytes(), address);
  instance.quickjs._QTS_FreeCString(context, address);
  return text;
};

const shortBytes = 48;

/** Operation names and small arguments are short ASCII, for which a loop beats the decoder. */
const readText = (bytes: Uint8Array, address: number): string => {
  let text = "";
  for (let at = address; at < address + shortBytes; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) return text;
    if (byte > 0x7f) break;
    text += String.fromCharCode(byte);
  }
  return decoder.decode(bytes.subarray(address, bytes.indexOf(0, address)));
};
