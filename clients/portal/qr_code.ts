// QR codes that a portal shows to a phone: a one-time password, or what a registration begins with.
import QRCode from "qrcode";

/** How a code is drawn. */
export interface QrOptions {
  /** Width and height in pixels, 256 when absent, 4,096 at most; one that is too small for the code is not kept. */
  readonly size?: number;
}

// Medium: a screen is not damaged as paper is, but it mirrors lights. Four modules of light around, without which
// readers do not find it. Source: ISO/IEC 18004.
const usual = { errorCorrectionLevel: "M", margin: 4 } as const;
const usualSize = 256;
const mostSize = 4_096;

const drawn = ({ size = usualSize }: QrOptions) => ({ ...usual, width: Math.min(size, mostSize) });

/**
 * Gives the text of an SVG image, which is sharp in any size. `content`: up to 2,331 bytes in UTF-8; a longer one is a
 * fault.
 */
export const qrSvg = (content: string, options: QrOptions = {}): Promise<string> =>
  QRCode.toString(content, { ...drawn(options), type: "svg" });

/** Gives the bytes of a PNG image. `content`: as of `qrSvg`. */
export const qrPng = (content: string, options: QrOptions = {}): Promise<Uint8Array> =>
  QRCode.toBuffer(content, { ...drawn(options), type: "png" });

/** Gives a PNG image as a URL for `<img src>`. `content`: as of `qrSvg`. */
export const qrDataUrl = (content: string, options: QrOptions = {}): Promise<string> =>
  qrPng(content, options).then(
    (png) => `data:image/png;base64,${Buffer.from(png).toString("base64")}`,
  );
