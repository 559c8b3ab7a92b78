// The borders of packets, looked at before openpgp.js reads any: it spends a tenth of a millisecond even on an
// empty one, of which two bytes are enough.
import { Buffer } from "node:buffer";

/** Tags of packets (RFC 9580 section 5). */
export const tags = {
  sessionKeyForPublicKey: 1,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  protectedData: 18,
} as const;

/** A length: where what it is of begins and ends; a part is followed by a further length. */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly isPart?: boolean;
}

function oldExtent(bytes: Buffer, at: number, kind: number): Extent {
  if (kind === 3) return { start: at, end: bytes.length };
  const size = 1 << kind;
  const start = at + size;
  return { start, end: start + bytes.readUIntBE(at, size) };
}

function newExtent(bytes: Buffer, at: number): Extent {
  const first = bytes.readUInt8(at);
  if (first < 192) return { start: at + 1, end: at + 1 + first };
  if (first < 224) return { start: at + 2, end: at + 2 + bytes.readUInt16BE(at) - 0xc000 + 192 };
  if (first === 255) return { start: at + 5, end: at + 5 + bytes.readUInt32BE(at + 1) };
  return { start: at + 1, end: at + 1 + 2 ** (first & 31), isPart: true };
}

/** Gives the end of the packet whose length is at `at`. */
function endOf(bytes: Buffer, at: number): number {
  let extent = newExtent(bytes, at);
  while (extent.isPart) extent = newExtent(bytes, extent.end);
  return extent.end;
}

/**
 * Gives the tags of the packets that bytes are made of; undefined when they are not made of packets, or of
 * more than `atMost`. Source: RFC 9580 section 4.2.
 */
export function packetTags(message: Uint8Array, atMost: number): readonly number[] | undefined {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  const found: number[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const head = bytes.readUInt8(at);
      if (found.length === atMost || head < 0x80) return undefined;
      const isNew = (head & 0x40) !== 0;
      found.push(isNew ? head & 0x3f : (head >> 2) & 0x0f);
      at = isNew ? endOf(bytes, at + 1) : oldExtent(bytes, at + 1, head & 3).end;
      if (at > bytes.length) return undefined;
    }
    return found;
  } catch (error) {
    // A length that is cut off itself.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
