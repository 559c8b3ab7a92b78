// Collects what a run is given while it runs, for a recording of it.
import type { Mask, Properties, SecretPiece, SplitText } from "./mask.ts";
import {
  type CountedLimits,
  type RecordedEnd,
  type RecordedScript,
  type Recording,
  recordingFormat,
  recordingLimitBytes,
} from "./recording.ts";
import type { LogLine, ScriptKind, ScriptOutcome } from "./script.ts";
import { digestOf, lineDigest, newSalt, openTranscript } from "./transcript.ts";

/** Collects one run. Once it would be too large everything is dropped and nothing more is kept. */
export interface Recorder {
  /** Reads the clock of the run. */
  now(): number;
  /** Notes that a call begins; gives its number. */
  called(name: string, argumentsJson: string): number;
  /** Notes the answer of a call as it goes to the guest. */
  answered(call: number, answerJson: string): void;
  /** Notes that a store behind the latest call was down. */
  storeDown(): void;
  line(line: LogLine, bareText: string): void;
  /** Gives the text of the recording; undefined when it is too large. */
  finish(ended: RecordedRun): string | undefined;
}

/** What is known of a run when it has ended: `shown` is its outcome for people, masked. */
export interface RecordedRun {
  readonly script: RecordedScript;
  readonly kind: ScriptKind;
  readonly values: readonly (string | null)[];
  readonly seed: readonly number[];
  readonly limits: CountedLimits;
  readonly outcome: ScriptOutcome;
  readonly shown: string;
  readonly end?: RecordedEnd;
  /** True when the guest was waiting, so that it was never given the answer of its last call. */
  readonly endedInWait: boolean;
}

interface Call {
  readonly name: string;
  readonly argumentsJson: string;
  answerJson?: string;
  isDown?: true;
}

/** A clock that shows whole milliseconds has no more of them within any deadline that makes sense. */
const clockPairsLimit = 20_000;

/** What a call takes beside its texts. */
const callOverheadBytes = 40;

/** Opens a recorder of one run. Source: D-32, D-26. */
export const openRecorder = (properties: Properties, mask: Mask): Recorder => {
  const salt = newSalt();
  const transcript = openTranscript(salt);
  let calls: Call[] = [];
  let lines: string[] = [];
  let clock: number[] = [];
  let last = 0;
  let bytes = 0;
  let isTooLarge = false;
  const grow = (more: number): boolean => {
    bytes += more;
    if (bytes > recordingLimitBytes || clock.length > 2 * clockPairsLimit) {
      isTooLarge = true;
      [calls, lines, clock] = [[], [], []];
    }
    return !isTooLarge;
  };

  return {
    now() {
      const now = Date.now();
      if (isTooLarge) return now;
      if (now === last) clock[clock.length - 1] = (clock[clock.length - 1] ?? 0) + 1;
      else {
        clock.push(now - last, 1);
        last = now;
        grow(0);
      }
      return now;
    },
    called(name, argumentsJson) {
      if (!isTooLarge && grow(argumentsJson.length + callOverheadBytes)) {
        transcript.call(name, argumentsJson);
        calls.push({ name, argumentsJson });
      }
      return calls.length - 1;
    },
    answered(number, answerJson) {
      const call = calls[number];
      if (call !== undefined && grow(answerJson.length)) call.answerJson = answerJson;
    },
    storeDown() {
      const call = calls.at(-1);
      if (call !== undefined) call.isDown = true;
    },
    line(line, bareText) {
      if (isTooLarge) return;
      transcript.line(line, bareText);
      lines.push(lineDigest(salt, line));
    },
    finish({ script, kind, values, seed, limits, outcome, shown, end, endedInWait }) {
      if (isTooLarge) return undefined;
      const lastCall = calls.at(-1);
      if (endedInWait && lastCall !== undefined) delete lastCall.answerJson;
      const { split, secrets } = openSplitting(properties, mask, salt);
      const recording: Recording = {
        format: recordingFormat,
        script: { name: script.name, sha256: script.sha256 },
        kind,
        values: values.map((value) => (value === null ? null : split(value))),
        seed,
        limits,
        clock,
        calls: calls.map((call) => ({
          name: call.name,
          arguments: split(call.argumentsJson),
          ...(call.answerJson === undefined ? {} : { answer: answerOf(call, properties, split) }),
          ...(call.isDown ? { isDown: true } : {}),
        })),
        lines,
        outcome: shown,
        ...(end === undefined ? {} : { end }),
        salt,
        secrets,
        fingerprint: transcript.end(outcome),
      };
      const text = JSON.stringify(recording);
      return Buffer.byteLength(text) > recordingLimitBytes ? undefined : text;
    },
  };
};

/** Takes secrets out of texts and keeps a digest of each that was met. */
const openSplitting = (properties: Properties, mask: Mask, salt: string) => {
  const secrets: Record<string, string> = Object.create(null);
  const note = ([id]: SecretPiece): void => {
    secrets[id] ??= digestOf(salt, properties.get(id)?.value ?? "");
  };
  const noted = (text: SplitText): SplitText => {
    if (typeof text !== "string") {
      for (const part of text) if (typeof part !== "string") note(part);
    }
    return text;
  };
  return {
    secrets,
    split: (text: SplitText) => noted(typeof text === "string" ? mask.split(text) : text),
  };
};

const answerOf = (
  { name, argumentsJson, answerJson = "" }: Call,
  properties: Properties,
  split: (text: SplitText) => SplitText,
): SplitText => {
  if (name !== "properties.get") return split(answerJson);
  const [id]: unknown[] = JSON.parse(argumentsJson);
  if (typeof id !== "string" || properties.get(id)?.sensitive !== true) return split(answerJson);
  // A sensitive value is a reference whatever it is, also one that no mask could find.
  return split(['{"value":"', [id, "json"], '"}']);
};
