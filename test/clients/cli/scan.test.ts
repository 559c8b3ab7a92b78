// What a phone of the command line scans: texts, and QR codes in pictures of every sort; and pictures made to do harm.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import QRCode from "qrcode";
import { UsageFault } from "../../../clients/cli/command.ts";
import { scanned } from "../../../clients/cli/phone/scan.ts";
import { qrPng } from "../../../clients/portal/qr_code.ts";

const content = Buffer.from(JSON.stringify({ transaction_id: "a", otp: "ö".repeat(60) })).toString(
  "base64",
);

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
}

const signature = Buffer.from("89504e470d0a1a0a", "hex");
function png(
  { width, height, depth, colour }: Header,
  raw: Uint8Array,
  more: Buffer[] = [],
): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, colour], 8);
  const parts = [chunk("IHDR", header), ...more, chunk("IDAT", deflateSync(raw))];
  return Buffer.concat([signature, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

/** What a dark and a light pixel are in each sort of picture: bits, as many as a pixel has. */
const sorts: Readonly<
  Record<string, readonly [depth: number, colour: number, string, string, Buffer?]>
> = {
  "one bit": [1, 0, "0", "1"],
  "two bits of grey": [2, 0, "01", "11"],
  grey: [8, 0, "00010000", "11111111"],
  "grey of 16 bits": [16, 0, "0".repeat(16), "1".repeat(16)],
  "a palette": [4, 3, "0010", "0000", chunk("PLTE", Buffer.from("ffffffaabbcc101030", "hex"))],
  "colours of 16 bits": [16, 2, "0".repeat(48), "1".repeat(48)],
  "grey that can be seen through": [8, 4, "0000000011111111", "0000000000000000"],
  "colours that can be seen through": [8, 6, `${"0".repeat(24)}11111111`, "0".repeat(32)],
};

/** Draws the code of the content, four pixels for each module. */
function drawn(sort: string): Buffer {
  const [depth, colour, dark, light, more] = sorts[sort]!;
  const { modules } = QRCode.create(content, { errorCorrectionLevel: "M" });
  const edge = (modules.size + 8) * 4;
  const rows = Array.from({ length: edge }, (_, y) => {
    const at = (x: number): boolean => {
      const [row, column] = [Math.floor(y / 4) - 4, Math.floor(x / 4) - 4];
      const isInside = Math.min(row, column) >= 0 && Math.max(row, column) < modules.size;
      return isInside && modules.get(row, column) === 1;
    };
    const bits = Array.from({ length: edge }, (_, x) => (at(x) ? dark : light)).join("");
    const bytes = bits.match(/.{1,8}/g) ?? [];
    return [0, ...bytes.map((byte) => Number.parseInt(byte.padEnd(8, "0"), 2))];
  });
  return png(
    { width: edge, height: edge, depth, colour },
    Uint8Array.from(rows.flat()),
    more && [more],
  );
}

describe("what a phone scans", function () {
  this.timeout(30_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "gatewright-scan-"));
  });
  after(() => rmSync(folder, { recursive: true }));
  const file = (bytes: Uint8Array): string => {
    const path = join(folder, "code.PNG");
    writeFileSync(path, bytes);
    return path;
  };
  const refuses = (path: string, why: RegExp): Promise<void> =>
    assert.rejects(
      scanned(path),
      (error) => error instanceof UsageFault && why.test(error.message),
    );

  it("is a text as it is", async () => {
    assert.equal(await scanned(` ${content}\n`), content);
  });

  it("is the code that a portal draws, small and large", async () => {
    for (const size of [128, 256, 1024]) {
      assert.equal(await scanned(file(await qrPng(content, { size }))), content);
    }
  });

  for (const sort of Object.keys(sorts)) {
    it(`is the code in a picture of ${sort}`, async () => {
      assert.equal(await scanned(file(drawn(sort))), content);
    });
  }

  it("is refused when there is no file, no picture, no code", async () => {
    await refuses(join(folder, "none.png"), /none\.png.*no such file/);
    await refuses(file(Buffer.from("GIF89a")), /is no PNG picture/);
    const white = new Uint8Array(101 * 100).map((_, at) => (at % 101 === 0 ? 0 : 255));
    const blank = png({ width: 100, height: 100, depth: 8, colour: 0 }, white);
    await refuses(file(blank), /has no QR code/);
  });

  it("is refused wherever the file breaks off, or has other bytes", async () => {
    const whole = drawn("one bit");
    for (let end = 8; end < whole.length; end += 1) {
      await refuses(file(whole.subarray(0, end)), /breaks off|no header/);
    }
    for (let at = 8; at < whole.length; at += 3) {
      const other = Buffer.from(whole);
      other[at] = (other[at] ?? 0) ^ 0xff;
      const result = await scanned(file(other)).catch((error: unknown) => error);
      assert.ok(result === content || result instanceof UsageFault, `byte ${at}: ${result}`);
    }
  });

  it("is not unpacked when it is larger than it may be, or than it says", async () => {
    const bomb = new Uint8Array(64 << 20);
    const small = { width: 10, height: 10, depth: 8, colour: 0 };
    await refuses(file(png(small, bomb)), /holds more than its pixels/);
    await refuses(file(png({ ...small, width: 60_000, height: 60_000 }, bomb)), /at most 16777216/);
    const profile = Buffer.concat([Buffer.from("p\0\0", "latin1"), deflateSync(bomb)]);
    const hidden = png({ ...small, depth: 8 }, new Uint8Array(110), [chunk("iCCP", profile)]);
    const before = process.memoryUsage().arrayBuffers;
    await refuses(file(hidden), /has no QR code/);
    assert.ok(
      process.memoryUsage().arrayBuffers - before < bomb.length,
      "the profile was unpacked",
    );
  });

  it("is not read when the file is larger than 8 MiB", async () => {
    const path = file(drawn("one bit"));
    truncateSync(path, 9 << 20);
    await refuses(path, /is larger than 8388608 bytes/);
  });
});
