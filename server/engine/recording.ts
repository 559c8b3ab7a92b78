// The format of recordings: everything that a run was given, so that it can be run again.
import type { Limit, Limits } from "./limits.ts";
import { masked, type SplitText } from "./mask.ts";
import { problemOf } from "./recording_form.ts";
import type { Script, ScriptKind } from "./script.ts";
import type { Fingerprint } from "./transcript.ts";

/** The version of the format that is written and the only one that is read. */
export const recordingFormat = 1;

/** Recordings are at most so many bytes of UTF-8; a run that would need more has none. */
export const recordingLimitBytes = 1024 * 1024;

/** The bounds that the host counts; they are recorded, so that a replay meets them where the run did. */
export type CountedLimits = Pick<Limits, "outputBytes" | "logBytes" | "egressCalls" | "hostCalls">;

/**
 * One call to the host except `log`: arguments and answer as JSON text. A call has no answer when the
 * run ended in it. `isDown`: a store behind it was down.
 */
export interface RecordedCall {
  readonly name: string;
  readonly arguments: SplitText;
  readonly answer?: SplitText;
  readonly isDown?: true;
}

/**
 * Why a run was ended from outside of the script. `isCutOff`: by the time on the wall, by its caller or
 * by the processor's own stack, so that another run of the same script may get less or more far.
 */
export interface RecordedEnd {
  readonly limit?: Limit;
  readonly message: string;
  readonly isCutOff?: true;
}

/** Which script ran, by the name that stacks show and the digest of its source. */
export type RecordedScript = Pick<Script, "name" | "sha256">;

/**
 * A recording. `values` are the arguments of `execute`, the last one as JSON text; `clock` is pairs of
 * milliseconds since the previous pair and a count of reads that saw this time. `secrets` holds the
 * digests of the sensitive properties that texts refer to, `lines` a short digest of each log line, and
 * `fingerprint` those of calls, log lines and outcome, all of them made with `salt`. `outcome` is
 * what came of the run, for people. Source: D-32, D-26.
 */
export interface Recording {
  readonly format: typeof recordingFormat;
  readonly script: RecordedScript;
  readonly kind: ScriptKind;
  readonly values: readonly (SplitText | null)[];
  readonly seed: readonly number[];
  readonly limits: CountedLimits;
  readonly clock: readonly number[];
  readonly calls: readonly RecordedCall[];
  readonly lines: readonly string[];
  readonly outcome: string;
  readonly end?: RecordedEnd;
  readonly salt: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly fingerprint: Fingerprint;
}

/** The arguments of `execute` as they are shown; absent ones were null. */
export interface RecordedInput {
  readonly requestPayload?: string;
  readonly userIdentifier?: string;
  readonly registrationData?: string;
  /** As JSON text. */
  readonly hookContextCustomParams?: string;
}

/** What people may see of a recording: its input, and its host calls in the order of `hostCalls`. */
export interface ShownRecording {
  readonly input: RecordedInput;
  readonly calls: readonly {
    readonly name: string;
    readonly arguments: string;
    readonly answer?: string;
  }[];
}

/** Reads the text of a recording. Throws a fault that says what is wrong when it is none. */
export const parseRecording = (text: string): Recording => {
  const value = parsed(text);
  const problem = problemOf(value, recordingFormat);
  if (problem !== undefined) throw new Error(`this is no recording of a run: ${problem}`);
  return value as Recording;
};

/**
 * Reads the parts of a recording that are for people; values of sensitive properties are masked in
 * them. Throws a fault that says what is wrong when the text is no recording. Source: D-26.
 */
export const readRecording = (text: string): ShownRecording => {
  const { values, calls } = parseRecording(text);
  const entries = inputNames.map((name, index) => [name, values[index] ?? null] as const);
  return {
    input: Object.fromEntries(
      entries.flatMap(([name, value]) => (value === null ? [] : [[name, shownText(value)]])),
    ),
    calls: calls.map(({ name, arguments: given, answer }) => ({
      name,
      arguments: shownText(given),
      ...(answer === undefined ? {} : { answer: shownText(answer) }),
    })),
  };
};

/** A text with its secrets masked. */
export const shownText = (text: SplitText): string =>
  typeof text === "string"
    ? text
    : text.map((part) => (typeof part === "string" ? part : masked)).join("");

const inputNames = [
  "requestPayload",
  "userIdentifier",
  "registrationData",
  "hookContextCustomParams",
] as const satisfies (keyof RecordedInput)[];

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
