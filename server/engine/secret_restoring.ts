// Puts the secrets that a recording refers to back into its texts, as far as they are still the same.
import { masked, type Properties, type SecretPiece, type SplitText } from "./mask.ts";
import type { Recording } from "./recording.ts";
import { writeForm } from "./secret_forms.ts";
import { digestOf } from "./transcript.ts";

/** Restores the texts of one recording. */
export interface Restoring {
  /** Ids of the properties that cannot be put back: they are gone, or have another value. */
  readonly changed: readonly string[];
  /** Gives the text with its secrets; those that cannot be put back stay masked. */
  restored(text: SplitText): string;
  /** True when every secret of the text can be put back. */
  isWhole(text: SplitText): boolean;
}

/** Opens the texts of a recording with the present properties. Source: D-26, D-32. */
export const openRestoring = (recording: Recording, properties: Properties): Restoring => {
  const { salt, secrets } = recording;
  const known = new Map<string, string>();
  const changed: string[] = [];
  for (const [id, digest] of Object.entries(secrets)) {
    const value = properties.get(id)?.value;
    if (value !== undefined && digestOf(salt, value) === digest) known.set(id, value);
    else changed.push(id);
  }
  const pieceText = ([id, form]: SecretPiece): string => {
    const value = known.get(id);
    return (value === undefined ? undefined : writeForm(form, value)) ?? masked;
  };
  return {
    changed,
    restored: (text) =>
      typeof text === "string"
        ? text
        : text.map((part) => (typeof part === "string" ? part : pieceText(part))).join(""),
    isWhole: (text) =>
      typeof text === "string" ||
      text.every((part) => typeof part === "string" || known.has(part[0])),
  };
};
