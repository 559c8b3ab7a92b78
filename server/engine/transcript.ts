// What a run did, as digests: by them a replay is compared without keeping the texts.
import { createHash, randomBytes } from "node:crypto";
import type { LogLine, ScriptOutcome } from "./script.ts";

/** Makes the salt of one recording: with it, equal texts of two recordings have different digests. */
export const newSalt = (): string => randomBytes(16).toString("base64url");

/** A digest that is only compared with others of the same salt; SHA-256 in base64url. */
export const digestOf = (salt: string, text: string): string =>
  createHash("sha256").update(salt).update(text).digest("base64url");

const shortLength = 8;

/** A short digest of a log line as it was kept; when and where it was written are no part of it. */
export const lineDigest = (salt: string, { level, text }: LogLine): string =>
  digestOf(salt, JSON.stringify([level, text])).slice(0, shortLength);

/**
 * Digests of everything a run did. `exact` has positions in the source as well; `moved` has none, for
 * another version of the script, whose lines may stand elsewhere.
 */
export interface Fingerprint {
  readonly exact: string;
  readonly moved: string;
}

/** The transcript of one run: calls and log lines in their order, with nothing masked. */
export interface Transcript {
  call(name: string, argumentsJson: string): void;
  line(line: LogLine, bareText: string): void;
  /** Ends it with the outcome. */
  end(outcome: ScriptOutcome): Fingerprint;
}

/** Opens a transcript; its texts are digested as they come and not kept. Source: D-32. */
export const openTranscript = (salt: string): Transcript => {
  const [exact, moved] = [createHash("sha256").update(salt), createHash("sha256").update(salt)];
  const add = (parts: readonly unknown[], position: unknown): void => {
    const text = `${JSON.stringify(parts)}\n`;
    moved.update(text);
    exact.update(text);
    if (position !== undefined) exact.update(JSON.stringify(position));
  };
  return {
    call: (name, argumentsJson) => add(["call", name, argumentsJson], undefined),
    line: ({ level, place }, bareText) => add(["line", level, bareText], place),
    end(outcome) {
      add(["outcome", withoutPosition(outcome)], outcome.kind === "failed" ? outcome : undefined);
      return { exact: exact.digest("base64url"), moved: moved.digest("base64url") };
    },
  };
};

/** An outcome without its positions in the source. */
export const withoutPosition = (outcome: ScriptOutcome): ScriptOutcome => {
  if (outcome.kind === "returned") return outcome;
  const { place: _place, stack: _stack, ...rest } = outcome;
  return rest;
};
