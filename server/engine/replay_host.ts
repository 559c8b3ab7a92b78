// The host of a replay: clock and answers come from a recording, and what leaves its path ends it.
import { Breach } from "./breach.ts";
import { excerpts } from "./excerpt.ts";
import type { Answerer } from "./host_calls.ts";
import type { Mask } from "./mask.ts";
import { type Recording, shownText } from "./recording.ts";
import type { LineObserver } from "./run_log.ts";
import type { ScriptReplay } from "./script.ts";
import type { Restoring } from "./secret_restoring.ts";
import { openTranscript, type Transcript } from "./transcript.ts";

/** Where a replay first differed. */
export type Divergence = NonNullable<ScriptReplay["divergence"]>;

/** The host's side of one replay. */
export interface ReplayHost {
  readonly answerer: Answerer;
  readonly observe: LineObserver;
  readonly transcript: Transcript;
  now(): number;
  /** The first host call or clock read that was not as recorded. */
  divergence(): Divergence | undefined;
  /** How much of the recording has been used. */
  used(): { readonly calls: number; readonly lines: number; readonly reads: number };
}

/**
 * Opens the host of a replay. A run that was ended from outside ends again where its recording does,
 * with the same breach; everything else that the recording does not hold ends the replay with a
 * divergence. `storeDown` is told when a store behind a call was down then. Source: D-32.
 */
export const openReplayHost = (
  recording: Recording,
  restoring: Restoring,
  mask: Mask,
  storeDown: () => void,
): ReplayHost => {
  const transcript = openTranscript(recording.salt);
  const clock = openRecordedClock(recording.clock);
  let [calls, lines] = [0, 0];
  let divergence: Divergence | undefined;
  const diverge = (call: number, expected: string, got: string): never => {
    divergence = { call, ...excerpts(expected, got) };
    const where = call === 0 ? "" : ` at host call ${call}`;
    throw new Breach(undefined, `the replay differs from the recording${where}`);
  };
  /** Time and withdrawal may end a run anywhere, so it went on for as long as its recording does. */
  const endIfCutOff = (): void => {
    if (recording.end?.isCutOff) throw endOf(recording);
  };

  return {
    transcript,
    divergence: () => divergence,
    used: () => ({ calls, lines, reads: clock.reads() }),
    now() {
      const now = clock.next();
      if (now !== undefined) return now;
      endIfCutOff();
      const reads = clock.reads();
      return diverge(0, `${reads} clock reads`, `clock read ${reads + 1}`);
    },
    observe(line, bareText) {
      if (lines === recording.lines.length) endIfCutOff();
      lines++;
      transcript.line(line, bareText);
    },
    answerer({ name, valuesJson }) {
      const expected = recording.calls[calls];
      const got = `${name} ${mask(valuesJson)}`;
      if (expected === undefined) {
        endIfCutOff();
        return diverge(calls + 1, "", got);
      }
      const shown = `${expected.name} ${shownText(expected.arguments)}`;
      const isSame = restoring.isWhole(expected.arguments)
        ? expected.name === name && restoring.restored(expected.arguments) === valuesJson
        : shown === got;
      calls++;
      if (!isSame) return diverge(calls, mask(shown), got);
      transcript.call(name, valuesJson);
      if (expected.isDown) storeDown();
      if (expected.answer === undefined) throw endOf(recording);
      return restoring.restored(expected.answer);
    },
  };
};

const endOf = ({ end }: Recording): Breach =>
  new Breach(end?.limit, end?.message ?? "the recording ends here");

const openRecordedClock = (pairs: readonly number[]) => {
  let [at, now, left, reads] = [0, 0, 0, 0];
  return {
    reads: () => reads,
    next(): number | undefined {
      if (left === 0) {
        if (at >= pairs.length) return undefined;
        now += pairs[at] ?? 0;
        left = pairs[at + 1] ?? 0;
        at += 2;
      }
      left--;
      reads++;
      return now;
    },
  };
};
