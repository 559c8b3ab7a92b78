// A QR code for a terminal: two rows of modules in a line, by half blocks.
import QRCode from "qrcode";

// Four modules of light around the code, without which readers do not find it.
const quiet = 4;

// By whether the upper and the lower module are light: a terminal draws light on dark.
const blocks = { "": " ", upper: "▀", lower: "▄", upperlower: "█" } as const;

/**
 * Gives the lines of a QR code, all of one width, drawn with the light modules as characters: right
 * as it is on a dark terminal, and everywhere when white on black. 48 bytes of content make 37
 * columns.
 */
export function qrLines(content: string): string[] {
  const { modules } = QRCode.create(content, { errorCorrectionLevel: "L" });
  const { size } = modules;
  const isLight = (row: number, column: number): boolean =>
    row < 0 || column < 0 || row >= size || column >= size || !modules.get(row, column);
  const edge = size + quiet;
  const lines: string[] = [];
  for (let row = -quiet; row < edge; row += 2) {
    let line = "";
    for (let column = -quiet; column < edge; column += 1) {
      const upper = isLight(row, column) ? "upper" : "";
      const lower = isLight(row + 1, column) ? "lower" : "";
      line += blocks[`${upper}${lower}`];
    }
    lines.push(line);
  }
  return lines;
}
