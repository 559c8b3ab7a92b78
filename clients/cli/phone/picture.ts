// Pictures in PNG files, as far as a reader of QR codes looks at them.
import { constants, inflateSync } from "node:zlib";
import type { DecodedPng } from "fast-png";
import { decode } from "fast-png";

/** A picture: four bytes for each pixel, red, green, blue, and one that is 255. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A file that is no picture, or one that is not looked at. The message says why. */
export class PictureFault extends Error {}

const mostPixels = 1 << 24;
const signature = "89504e470d0a1a0a";
// What the picture is made of. The others, of which some are compressed as well, are left out unread.
const wanted: ReadonlySet<string> = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface Chunk {
  readonly type: string;
  /** With its length, its type and its sum. */
  readonly whole: Buffer;
  readonly data: Buffer;
}

function chunksOf(file: Buffer): Chunk[] {
  if (file.toString("hex", 0, 8) !== signature) throw new PictureFault("is no PNG picture");
  const chunks: Chunk[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const end = at + 12 + length;
    const type = file.toString("latin1", at + 4, at + 8);
    if (end > file.length) throw new PictureFault("breaks off");
    chunks.push({ type, whole: file.subarray(at, end), data: file.subarray(at + 8, end - 4) });
    at = end;
    if (type === "IEND") return chunks;
  }
  throw new PictureFault("breaks off");
}

/** Throws when a picture is, or claims to be, larger than it may be, before anybody makes room for it. */
function demandBounds(chunks: readonly Chunk[]): void {
  const [first] = chunks;
  if (first?.type !== "IHDR" || first.data.length !== 13) throw new PictureFault("has no header");
  const [width, height] = [first.data.readUInt32BE(0), first.data.readUInt32BE(4)];
  if (width * height > mostPixels) {
    throw new PictureFault(`has ${width} x ${height} pixels; at most ${mostPixels} are read`);
  }
  const bits = (first.data[8] ?? 0) * (channelsOf[first.data[9] ?? 0] ?? 0) * width;
  // A byte before each row, and more rows where a picture is interlaced.
  const mostBytes = (Math.ceil(bits / 8) + 1) * height + 16 * (width + height);
  const parts = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    inflateSync(Buffer.concat(parts), { maxOutputLength: mostBytes, finishFlush });
  } catch (error) {
    const isBomb = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    throw new PictureFault(isBomb ? "holds more than its pixels" : "cannot be decompressed", {
      cause: error,
    });
  }
}

/** Gives the samples of a row, from 0 to 255; indexes of a palette as they are. */
function rowOf(png: DecodedPng, row: number): Uint8Array {
  const { width, channels, depth, data, palette } = png;
  const count = width * channels;
  if (depth === 16) {
    return Uint8Array.from(data.subarray(row * count, (row + 1) * count), (sample) => sample >> 8);
  }
  const bytes = data.subarray(row * Math.ceil((count * depth) / 8));
  const most = (1 << depth) - 1;
  const scale = palette ? 1 : 255 / most;
  return Uint8Array.from({ length: count }, (_, index) => {
    const bit = index * depth;
    return (((bytes[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & most) * scale;
  });
}

type Colour = readonly [red: number, green: number, blue: number, alpha: number];

function colourOf({ palette, channels }: DecodedPng, row: Uint8Array, column: number): Colour {
  const at = column * channels;
  const first = row[at] ?? 0;
  if (palette) {
    const [red = 0, green = 0, blue = 0, alpha = 255] = palette[first] ?? [];
    return [red, green, blue, alpha];
  }
  if (channels < 3) return [first, first, first, channels === 2 ? (row[at + 1] ?? 0) : 255];
  return [first, row[at + 1] ?? 0, row[at + 2] ?? 0, channels === 4 ? (row[at + 3] ?? 0) : 255];
}

/** Lays a picture on white, on which what can be seen through is seen. */
function onWhite(png: DecodedPng): Picture {
  const { width, height } = png;
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const row = rowOf(png, y);
    for (let x = 0; x < width; x += 1) {
      const [red, green, blue, alpha] = colourOf(png, row, x);
      const over = (sample: number): number => 255 + ((sample - 255) * alpha) / 255;
      data.set([over(red), over(green), over(blue), 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/**
 * Reads a PNG file of any sort, up to 16 megapixels. Nothing is decompressed that is larger than the pixels that the
 * header promises. Throws `PictureFault` for anything else. Source: PNG, third edition, sections 5 and 11.
 */
export function pictureOf(file: Buffer): Picture {
  const chunks = chunksOf(file);
  demandBounds(chunks);
  const kept = chunks.filter(({ type }) => wanted.has(type)).map(({ whole }) => whole);
  try {
    return onWhite(decode(new Uint8Array(Buffer.concat([file.subarray(0, 8), ...kept]))));
  } catch (cause) {
    throw new PictureFault("cannot be read", { cause });
  }
}
