// QR codes as images: what they show, module by module, is the code of their content and nothing else.
import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import QRCode from "qrcode";
import { qrDataUrl, qrPng, qrSvg } from "../../../clients/portal/qr_code.ts";

const otp = Buffer.from(
  JSON.stringify({
    transaction_id: "0f8fad5b-d9cb-469f-a165-70867728950e",
    otp: "h5Zl0C3p6uP0sZkq9mJtXw",
  }),
).toString("base64");
const contents = ["1", otp, "ä€😀", '{"identifier":"5d41402abc4b2a76b9719d911017c592"}'];
const quiet = 4;

/** Rows of modules, dark ones true. */
type Modules = readonly (readonly boolean[])[];

/** The modules of a content within four light ones on each side. */
function wanted(content: string): Modules {
  const { modules } = QRCode.create(content, { errorCorrectionLevel: "M" });
  const edge = modules.size + 2 * quiet;
  const at = Array.from({ length: edge }, (_, index) => index - quiet);
  const isInside = (index: number): boolean => index >= 0 && index < modules.size;
  return at.map((row) =>
    at.map((column) => isInside(row) && isInside(column) && modules.get(row, column) === 1),
  );
}

/** Reads the pixels of a PNG of one grey, palette or colour sample per channel, 8 bits or fewer. */
function pixels(png: Uint8Array): Modules {
  const file = Buffer.from(png);
  assert.equal(file.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    chunks.push({ type, data: file.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  const header = chunks[0]!.data;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  assert.deepEqual([...header.subarray(8)], [8, 6, 0, 0, 0], "8 bits of red, green, blue, alpha");
  const packed = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  const lines = unfiltered(inflateSync(Buffer.concat(packed)), width * 4, height);
  return lines.map((line) =>
    Array.from({ length: width }, (_, column) => {
      const [red, green, blue, alpha] = line.subarray(column * 4, column * 4 + 4);
      assert.deepEqual([green, blue, alpha], [red, red, 255]);
      assert([0, 255].includes(red!));
      return red === 0;
    }),
  );
}

/** Undoes the filters of PNG (section 9) for pixels of four bytes. */
function unfiltered(data: Buffer, lineBytes: number, height: number): Buffer[] {
  const paeth = (left: number, up: number, corner: number): number => {
    const distances = [left, up, corner].map((each) => Math.abs(left + up - corner - each));
    return [left, up, corner][distances.indexOf(Math.min(...distances))]!;
  };
  const lines: Buffer[] = [];
  for (let row = 0; row < height; row += 1) {
    const start = row * (lineBytes + 1);
    const filter = data[start]!;
    const line = Buffer.from(data.subarray(start + 1, start + 1 + lineBytes));
    const above = lines.at(-1) ?? Buffer.alloc(lineBytes);
    for (let at = 0; at < lineBytes; at += 1) {
      const [left, up, corner] = [line[at - 4] ?? 0, above[at]!, above[at - 4] ?? 0];
      const by = [0, left, up, (left + up) >> 1, paeth(left, up, corner)];
      line[at] = line[at]! + by[filter]!;
    }
    lines.push(line);
  }
  return lines;
}

/** Takes one pixel in the middle of each of so many modules. */
function sampled(image: Modules, edge: number): Modules {
  const middle = (index: number): number => Math.floor(((index + 0.5) * image.length) / edge);
  const at = Array.from({ length: edge }, (_, index) => middle(index));
  return at.map((row) => at.map((column) => image[row]![column]!));
}

describe("QR codes of a portal", () => {
  for (const content of contents) {
    it(`show ${content.slice(0, 12)} in a PNG, dark on light, with a margin`, async () => {
      const modules = wanted(content);
      for (const size of [undefined, 400]) {
        const image = pixels(await qrPng(content, size === undefined ? {} : { size }));
        assert(image.every((line) => line.length === image.length));
        assert.deepEqual(sampled(image, modules.length), modules);
      }
    });

    it(`show ${content.slice(0, 12)} in an SVG without anything that runs or is fetched`, async () => {
      const svg = await qrSvg(content);
      const edge = wanted(content).length;
      assert.match(svg, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="256" height="256"/);
      assert(svg.includes(`viewBox="0 0 ${edge} ${edge}"`));
      assert.doesNotMatch(svg, /script|href|url\(|<text|on\w+=/);
      assert.deepEqual(drawn(svg, edge), wanted(content));
    });
  }

  it("are the same image as a URL", async () => {
    const url = await qrDataUrl(otp, { size: 300 });
    const [, data] = /^data:image\/png;base64,([A-Za-z0-9+/]+=*)$/.exec(url) ?? [];
    assert(data);
    assert.deepEqual(Buffer.from(data, "base64"), Buffer.from(await qrPng(otp, { size: 300 })));
  });

  it("are drawn no larger than 4,096 pixels, whatever is asked for", async () => {
    for (const size of [1e9, Number.POSITIVE_INFINITY]) {
      assert.match(await qrSvg(otp, { size }), / width="4096" height="4096"/);
    }
    assert.equal(Buffer.from(await qrPng(otp, { size: 1e9 })).readUInt32BE(16), 4_096);
  });

  it("take up to 2,331 bytes", async () => {
    assert.match(await qrSvg("x".repeat(2331)), /^<svg/);
    await assert.rejects(qrSvg("x".repeat(2332)));
  });
});

/** Follows the strokes of an SVG: each draws dark modules in a row. */
function drawn(svg: string, edge: number): Modules {
  const rows = Array.from({ length: edge }, () => Array.from({ length: edge }, () => false));
  const [, path = ""] = /<path stroke="#000000" d="([^"]+)"/.exec(svg) ?? [];
  let [x, y] = [0, 0];
  for (const [, command, first, , second] of path.matchAll(/([Mmh])(-?[\d.]+)( (-?[\d.]+))?/g)) {
    const [a, b] = [Number(first), Number(second ?? 0)];
    if (command === "M") [x, y] = [a, b];
    if (command === "m") [x, y] = [x + a, y + b];
    if (command !== "h") continue;
    for (let module = 0; module < a; module += 1) rows[Math.floor(y)]![x + module] = true;
    x += a;
  }
  return rows;
}
