// Keeps the values of sensitive properties out of every text that is kept.
import { formsOf } from "./secret_forms.ts";

/** A property of the deployment; a `sensitive` value is never shown. Source: D-26. */
export interface Property {
  readonly value: string;
  readonly sensitive: boolean;
}

/** The deployment's properties by their id. */
export type Properties = ReadonlyMap<string, Property>;

/** A secret within a text: the id of its property and the form in which it stands there. */
export type SecretPiece = readonly [id: string, form: string];

/** A text with pieces in place of secrets, or the text itself when there are none in it. */
export type SplitText = string | readonly (string | SecretPiece)[];

/** Replaces secrets in a text. Of texts that are equal the masked ones are equal too. */
export interface Mask {
  (text: string): string;
  /** Masks the beginning of a longer text, at whose end the beginning of a secret may stand. */
  beginning(text: string): string;
  /** Takes the secrets out so that whoever has their values can put them back. */
  split(text: string): SplitText;
}

/** What stands in masked texts in place of a secret. */
export const masked = "[masked]";

/**
 * Makes the mask of these properties: every occurrence of a sensitive value in one of the forms of
 * `formsOf` is replaced, in one pass. Longer ones go first, so that one inside another leaves no rest.
 * Without sensitive properties it costs nothing. Source: D-26.
 */
export const maskOf = (properties: Properties): Mask => {
  const pieces = piecesOf(properties);
  if (pieces.size === 0) {
    const same = (text: string): string => text;
    return Object.assign(same, { beginning: same, split: same });
  }
  const longestFirst = [...pieces.keys()].sort((one, other) => other.length - one.length);
  const any = new RegExp(longestFirst.map((text) => RegExp.escape(text)).join("|"), "g");
  const mask = (text: string): string => text.replace(any, masked);
  return Object.assign(mask, {
    beginning(text: string): string {
      const longest = longestFirst[0]?.length ?? 0;
      for (let at = Math.max(0, text.length - longest + 1); at < text.length; at++) {
        const rest = text.slice(at);
        if (longestFirst.some((secret) => secret.startsWith(rest))) {
          return mask(text.slice(0, at)) + masked;
        }
      }
      return mask(text);
    },
    split(text: string): SplitText {
      const parts: (string | SecretPiece)[] = [];
      let from = 0;
      for (const { index, 0: found } of text.matchAll(any)) {
        if (index > from) parts.push(text.slice(from, index));
        from = index + found.length;
        parts.push(pieces.get(found) ?? found);
      }
      if (from === 0) return text;
      return from < text.length ? [...parts, text.slice(from)] : parts;
    },
  });
};

const piecesOf = (properties: Properties): Map<string, SecretPiece> => {
  const pieces = new Map<string, SecretPiece>();
  for (const [id, { value, sensitive }] of properties) {
    if (!sensitive) continue;
    for (const [form, text] of formsOf(value)) {
      if (!pieces.has(text)) pieces.set(text, [id, form]);
    }
  }
  return pieces;
};
