// Runs a recorded execution again and says whether it went the same way.
import { excerpts } from "./excerpt.ts";
import { openHostCalls } from "./host_calls.ts";
import type { Limits } from "./limits.ts";
import type { Mask } from "./mask.ts";
import { parseRecording, type Recording, shownText } from "./recording.ts";
import { type Divergence, openReplayHost, type ReplayHost } from "./replay_host.ts";
import {
  type GuestInput,
  type Performed,
  perform,
  recordOf,
  type Stage,
  type Surroundings,
  worldOf,
} from "./run.ts";
import { openRunLog, type RunLog } from "./run_log.ts";
import { type LogLine, type Script, type ScriptReplay, versionName } from "./script.ts";
import { openRestoring, type Restoring } from "./secret_restoring.ts";
import { shownOutcome } from "./shown_outcome.ts";
import { lineDigest } from "./transcript.ts";

/**
 * Runs a script on a recording as number `run` of this worker: arguments, clock, random values and the
 * answers of the host are those of the recording, and nothing outside of the sandbox is touched. At the
 * first call that is another one the run ends and says so. Sensitive properties are taken from the
 * present ones while they have the recorded value. The limits that the host counts are the recorded
 * ones; processor time is twice the present limit, since the replay may be slower than the run was.
 * Positions in the source are compared too, unless it is another source than the recorded one. Throws a
 * fault that says what is wrong when the text is no recording. Source: D-32, D-26.
 */
export const replayScript = async (
  surroundings: Surroundings,
  script: Script,
  recordingText: string,
  run: number,
  withdrawal: AbortController,
): Promise<ScriptReplay> => {
  const { sandbox, properties, mask } = surroundings;
  const recording = parseRecording(recordingText);
  const restoring = openRestoring(recording, properties);
  const limits = { ...sandbox.limits, ...recording.limits, cpuMs: 2 * sandbox.limits.cpuMs };
  const { host, stage } = openStage(recording, restoring, limits, mask, withdrawal.signal);
  const input = inputOf(recording, restoring);
  const performed = await perform(surroundings, script, input, stage, run, withdrawal);
  const fingerprint = host.transcript.end(performed.outcome);
  const isSameSource = versionName(recording.script) === versionName(script);
  const compared = isSameSource ? "exact" : "moved";
  const isIdentical =
    host.divergence() === undefined &&
    unusedOf(recording, host) === undefined &&
    fingerprint[compared] === recording.fingerprint[compared];
  const divergence = isIdentical
    ? undefined
    : firstDifference(recording, host, stage.log, performed, restoring, mask);
  return {
    run: recordOf("", performed, stage, mask),
    identical: isIdentical,
    ...(divergence === undefined ? {} : { divergence }),
    changedProperties: restoring.changed,
  };
};

const inputOf = ({ kind, seed, values }: Recording, { restored }: Restoring): GuestInput => ({
  kind,
  seed,
  values: values.map((value) => (value === null ? null : restored(value))),
});

const openStage = (
  recording: Recording,
  restoring: Restoring,
  limits: Limits,
  mask: Mask,
  signal: AbortSignal,
): { host: ReplayHost; stage: Stage } => {
  let isStoreDown = false;
  const host = openReplayHost(recording, restoring, mask, () => world.noteUnavailable());
  const log = openRunLog(limits.logBytes, mask, host.observe);
  const properties = new Map();
  const world = worldOf({ cache: nowhere, egress, properties, limits, signal, log }, () => {
    isStoreDown = true;
  });
  const calls = openHostCalls(world, host.answerer);
  return {
    host,
    stage: { log, limits, calls, now: host.now, isStoreDown: () => isStoreDown },
  };
};

/** What a replay must never come to: its calls are answered by the recording. */
const untouchable = (): never => {
  throw new Error("a replay touches nothing outside of the sandbox");
};

const nowhere = {
  store: untouchable,
  fetch: untouchable,
  delete: untouchable,
  take: untouchable,
};

const egress = { request: untouchable, [Symbol.asyncDispose]: async () => {} };

/** What the recording holds beyond the end of the replay. */
const unusedOf = (recording: Recording, host: ReplayHost): Divergence | undefined => {
  const used = host.used();
  const next = recording.calls[used.calls];
  const reads = recording.clock.reduce((sum, number, index) => sum + (index % 2) * number, 0);
  if (next !== undefined) {
    const expected = `${next.name} ${shownText(next.arguments)}`;
    return { call: used.calls + 1, ...excerpts(expected, "") };
  }
  if (used.lines < recording.lines.length) {
    return { call: 0, expected: `${recording.lines.length} log lines`, got: `${used.lines}` };
  }
  if (used.reads === reads) return undefined;
  return { call: 0, expected: `${reads} clock reads`, got: `${used.reads}` };
};

/**
 * Says where a replay that is not identical differs. Undefined when nothing can be told apart but the
 * values of changed properties.
 */
const firstDifference = (
  recording: Recording,
  host: ReplayHost,
  log: RunLog,
  { outcome }: Performed,
  { changed }: Restoring,
  mask: Mask,
): Divergence | undefined => {
  const shown = shownOutcome(outcome, mask);
  const outcomeDiffers = shown.slice(0, recording.outcome.length) !== recording.outcome;
  return (
    host.divergence() ??
    lineDifference(recording, log.lines) ??
    unusedOf(recording, host) ??
    (outcomeDiffers ? { call: 0, ...excerpts(recording.outcome, shown) } : undefined) ??
    (changed.length > 0 ? undefined : hiddenDifference)
  );
};

/** Calls, lines and outcome look the same, so it is their order, or what is masked in them. */
const hiddenDifference: Divergence = {
  call: 0,
  expected: "the order and positions of host calls and log lines, and the secrets in them",
  got: "other ones",
};

const lineDifference = (
  { lines, salt }: Recording,
  got: readonly LogLine[],
): Divergence | undefined => {
  const index = got.findIndex((line, at) => lineDigest(salt, line) !== lines[at]);
  const line = got[index];
  if (line === undefined) return undefined;
  const place = line.place === undefined ? "" : ` at ${line.place.line}:${line.place.column}`;
  return {
    call: 0,
    expected: index < lines.length ? `another log line ${index + 1}` : "",
    got: excerpts(`${line.level}${place}: ${line.text}`, "").expected,
  };
};
