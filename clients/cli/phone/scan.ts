// What a phone scans: a text, or the QR code of a picture.
import { open } from "node:fs/promises";
import decodeQr from "qr/decode.js";
import { UsageFault } from "../command.ts";
import { PictureFault, pictureOf } from "./picture.ts";

const mostBytes = 8 << 20;
// The reader is made for the frames of a camera; here it has one, and time.
const patience = { effort: 4, timeLimit: 3_000 } as const;

/** Gives the bytes of a file; not more than a picture may have. */
async function bytesOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw new PictureFault(`is larger than ${mostBytes} bytes`);
    const buffer = Buffer.alloc(Math.min(size, mostBytes));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function codeIn(path: string): Promise<string> {
  const picture = pictureOf(await bytesOf(path));
  try {
    return decodeQr(picture, patience);
  } catch (cause) {
    throw new PictureFault("has no QR code that can be read", { cause });
  }
}

/**
 * Gives what was scanned: the content of the QR code when the word names a `.png` file, or else the word itself, without
 * the white space around it. Throws `UsageFault` for a file that cannot be read or has no code.
 */
export async function scanned(word: string): Promise<string> {
  if (!/\.png$/i.test(word)) return word.trim();
  try {
    return await codeIn(word);
  } catch (error) {
    const why = error instanceof PictureFault ? error.message : (error as Error).message;
    throw new UsageFault(`${word}: ${why}`, { cause: error });
  }
}
