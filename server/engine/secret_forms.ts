// The shapes in which the value of a sensitive property turns up in texts.

/** Shorter values are found everywhere by chance, so only their plain and JSON forms are known. */
const encodedFromBytes = 6;

const json = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Text inside of JSON text, which may itself stand in JSON text, and so on. */
const plainForms: readonly (readonly [form: string, write: (value: string) => string])[] = [
  ["plain", (value) => value],
  ["json", json],
  ["json-in-json", (value) => json(json(value))],
  ["json-in-json-in-json", (value) => json(json(json(value)))],
  ["json-slashes", (value) => json(value).replaceAll("/", "\\/")],
];

const percent = (value: string): string => encodeURIComponent(value.toWellFormed());
const formData = (value: string): string => new URLSearchParams({ "": value }).toString().slice(1);
const lowerPercent = (text: string): string =>
  text.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());

const urlForms: typeof plainForms = [
  ["percent", percent],
  ["percent-lower", (value) => lowerPercent(percent(value))],
  ["form", formData],
  ["form-lower", (value) => lowerPercent(formData(value))],
  ["uri", (value) => encodeURI(value.toWellFormed())],
];

/** The bytes that a value stands for: its text, and what it is the hex or base64 of. */
const readings: readonly (readonly [name: string, read: (value: string) => Buffer | undefined])[] =
  [
    ["text", (value) => Buffer.from(value)],
    ["hex", (value) => (/^(?:[0-9a-f]{2})+$/i.test(value) ? Buffer.from(value, "hex") : undefined)],
    [
      "base64",
      (value) => (/^[\w+/-]+={0,2}$/.test(value) ? Buffer.from(value, "base64") : undefined),
    ],
  ];

/**
 * The base64 characters that bytes alone decide when `before` bytes, or any multiple of three more,
 * stand in front of them.
 */
const base64At =
  (before: number, encoding: "base64" | "base64url") =>
  (bytes: Buffer): string => {
    const shifted = Buffer.concat([Buffer.alloc(before), bytes]);
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor((shifted.length * 8) / 6)];
    return shifted.toString(encoding).slice(from, to);
  };

const writings: readonly (readonly [name: string, write: (bytes: Buffer) => string])[] = [
  ["hex", (bytes) => bytes.toString("hex")],
  ["HEX", (bytes) => bytes.toString("hex").toUpperCase()],
  ["base64-0", base64At(0, "base64")],
  ["base64-1", base64At(1, "base64")],
  ["base64-2", base64At(2, "base64")],
  ["base64url-0", base64At(0, "base64url")],
  ["base64url-1", base64At(1, "base64url")],
  ["base64url-2", base64At(2, "base64url")],
];

/** Every form by its name; undefined where a value has none. */
const forms: ReadonlyMap<string, (value: string) => string | undefined> = new Map([
  ...plainForms,
  ...urlForms,
  ...readings.flatMap(([reading, read]) =>
    writings.map(([writing, write]) => {
      const convert = (value: string): string | undefined => {
        const bytes = read(value);
        const isLong = bytes !== undefined && bytes.length >= encodedFromBytes;
        return isLong ? write(bytes) : undefined;
      };
      return [`${reading}:${writing}`, convert] as const;
    }),
  ),
]);

/** The names of all forms. */
export const formNames: ReadonlySet<unknown> = new Set(forms.keys());

/**
 * Gives the texts as which a value may turn up, each under the name of its form and no text twice:
 * plain and escaped for JSON, and for values from 6 bytes of UTF-8 on percent-encoded, in hex, and in
 * base64 and base64url wherever the value may stand in the encoded bytes; the same for the bytes that
 * a value in hex or base64 stands for. The names are part of the format of recordings. Source: D-26.
 */
export const formsOf = (value: string): ReadonlyMap<string, string> => {
  const isLong = Buffer.byteLength(value) >= encodedFromBytes;
  const names = isLong ? [...forms.keys()] : plainForms.map(([form]) => form);
  const byText = new Map<string, string>();
  for (const form of names) {
    const text = writeForm(form, value);
    if (text !== undefined && text !== "" && !byText.has(text)) byText.set(text, form);
  }
  return new Map([...byText].map(([text, form]) => [form, text]));
};

/** Writes a value in the form of this name; undefined when there is no such form of it. */
export const writeForm = (form: string, value: string): string | undefined =>
  forms.get(form)?.(value);
