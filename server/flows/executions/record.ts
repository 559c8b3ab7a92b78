// What is kept of an execution, and what an administrator sees of it.
import type { Execution } from "../../../gen/gatewright/v1/script_admin.ts";
import type { Milliseconds } from "../../core/clock.ts";
import type { ShownRecording } from "../../engine/recording.ts";
import type { HostCall, LogLine, Script, ScriptFailed, ScriptRun } from "../../engine/script.ts";
import type { Sealer } from "../../identity/seal.ts";
import type { ExecutionRecord, ExecutionSummary } from "../../store/executions.ts";

/** An execution that has ended: the slot of its script, the version that ran, if any, and its run. */
export interface Ended {
  readonly slot: string;
  readonly script: Script | undefined;
  readonly run: ScriptRun;
}

/** Names the record that a recording is sealed for. Source: SEC-19. */
export const sealedAs = (id: string): string => `execution/${id}`;

/** A list shows no more of a failure's message, in UTF-16 units. */
const shownMessage = 300;

interface Summary extends Pick<ScriptRun, "startedAt" | "durationMs" | "cpuMs"> {
  readonly file: string;
  readonly recorded: boolean;
  readonly logLines: number;
  readonly hostCalls: number;
  readonly status?: number;
  readonly failure?: Pick<ScriptFailed, "code" | "limit" | "message" | "place">;
}

// There are many of these two, so their members have no names.
type Line = readonly [
  at: number,
  level: LogLine["level"],
  text: string,
  line?: number,
  column?: number,
];
type Call = readonly [name: string, startMs: number, ms: number];

interface Detail extends Pick<ScriptFailed, "stack"> {
  readonly message?: string;
  readonly log: readonly Line[];
  readonly hostCalls: readonly Call[];
}

/** Rounds to microseconds: further digits are noise. */
const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000;

const lineOf = ({ at, level, text, place }: LogLine): Line =>
  place ? [rounded(at), level, text, place.line, place.column] : [rounded(at), level, text];
const callOf = ({ name, startMs, ms }: HostCall): Call => [name, rounded(startMs), rounded(ms)];

const shortened = ({ code, limit, message, place }: ScriptFailed): Summary["failure"] => ({
  code,
  message: message.slice(0, shownMessage),
  ...(limit && { limit }),
  ...(place && { place }),
});

function summaryOf({ script, run }: Ended): Summary {
  const { startedAt, durationMs, cpuMs, outcome } = run;
  return {
    file: script?.name ?? "",
    startedAt,
    durationMs: rounded(durationMs),
    cpuMs: rounded(cpuMs),
    recorded: run.recording !== undefined,
    logLines: run.log.length,
    hostCalls: run.hostCalls.length,
    // What else a script returned belongs to its user and is in the recording alone.
    ...(outcome.kind === "returned"
      ? { status: outcome.status }
      : { failure: shortened(outcome) as NonNullable<Summary["failure"]> }),
  };
}

function detailOf({ outcome, log, hostCalls }: ScriptRun): Detail {
  const happened = { log: log.map(lineOf), hostCalls: hostCalls.map(callOf) };
  if (outcome.kind === "returned") return happened;
  const { message, stack } = outcome;
  return { ...happened, message, ...(stack !== undefined && { stack }) };
}

/** Gives the record of an execution, its recording sealed for it. Source: D-32, SEC-19. */
export function recordOf(ended: Ended, sealer: Sealer, recordedAt: Milliseconds): ExecutionRecord {
  const { slot, script, run } = ended;
  const { executionId: id, recording } = run;
  return {
    id,
    script: slot,
    version: script?.version ?? 0,
    recordedAt,
    failed: run.outcome.kind === "failed",
    summary: JSON.stringify(summaryOf(ended)),
    detail: JSON.stringify(detailOf(run)),
    recording: recording === undefined ? null : sealer.seal(sealedAs(id), recording),
  };
}

/** Gives what a list shows of an execution. */
export function listedExecution({ id, script, version, summary }: ExecutionSummary): Execution {
  const { startedAt, failure, hostCalls, ...rest } = JSON.parse(summary) as Summary;
  return {
    ...rest,
    id,
    script,
    version,
    startedAt: new Date(startedAt),
    hostCallCount: hostCalls,
    failure: failure && {
      code: failure.code,
      limit: failure.limit ?? "",
      message: failure.message,
      position: failure.place,
      stack: "",
    },
    log: [],
    hostCalls: [],
  };
}

/**
 * Gives everything that is known of an execution; `recorded` is its opened recording, absent when there
 * is none or it is not to be shown.
 */
export function fullExecution(record: ExecutionRecord, recorded?: ShownRecording): Execution {
  const listed = listedExecution(record);
  const { startedAt } = JSON.parse(record.summary) as Summary;
  const { message = "", stack = "", log, hostCalls } = JSON.parse(record.detail) as Detail;
  return {
    ...listed,
    failure: listed.failure && { ...listed.failure, message, stack },
    input: recorded?.input,
    log: log.map(([at, level, text, line, column]) => ({
      at: new Date(at),
      level,
      text,
      position: line === undefined || column === undefined ? undefined : { line, column },
      loggedMs: Math.max(0, rounded(at - startedAt)),
    })),
    hostCalls: hostCalls.map(([name, startedMs, durationMs], index) => ({
      name,
      startedMs,
      durationMs,
      arguments: recorded?.calls[index]?.arguments,
      answer: recorded?.calls[index]?.answer,
    })),
  };
}
