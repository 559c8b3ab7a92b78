// A process under measurement: started with the probe, asked between rounds, ended with the bench.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Question, Spent } from "./probe.ts";

/** A running process and what it tells of itself. */
export interface Measured extends AsyncDisposable {
  /** The line with which it said that it is ready. */
  readonly ready: string;
  /** Milliseconds from its start to that line. */
  readonly startMs: number;
  /** Gives the processor time that it has spent so far. */
  spent(): Promise<Spent>;
  /** Runs the floor in it and gives microseconds per operation. */
  floor(operations: number): Promise<number>;
}

/** What to start, and how to know that it runs. */
export interface Program {
  /** A file of this repository. */
  readonly entry: URL;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where its standard error goes. */
  readonly folder: string;
  /** How its line of readiness begins. */
  readonly readyLine: string;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const probe = new URL("./probe.ts", import.meta.url);
const startLimitMs = 30_000;

// Variables of the bench's own shell must not set up what is measured.
const strangers = Object.entries(process.env).filter(
  ([name]) => !/^(GATEWRIGHT_|NODE_)/.test(name),
);

/**
 * Starts a program and waits for its line of readiness. Rejects with the end of its standard error
 * when it ends or stays silent for 30 s. Disposing it sends SIGTERM and waits for its end.
 */
export async function startMeasured(program: Program): Promise<Measured> {
  const { entry, args, env, folder, readyLine } = program;
  const errors = join(folder, `stderr-${process.pid}-${performance.now()}.log`);
  const stderr = openSync(errors, "a");
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", probe.href, fileURLToPath(entry), ...args], {
    cwd: root,
    env: { ...Object.fromEntries(strangers), ...env },
    stdio: ["ignore", "pipe", stderr, "ipc"],
  });
  closeSync(stderr);
  const ended = once(child, "exit");
  const failed = ended.then(() => {
    throw new Error(`${entry.pathname} ended too early:\n${tail(errors)}`);
  });
  // When nothing is asked any more, its end is no failure.
  failed.catch(() => undefined);
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });

  async function ask<Answer>(question: Question): Promise<Answer> {
    child.send(question);
    const [answer] = await Promise.race([once(child, "message"), failed]);
    return answer as Answer;
  }

  const silence = setTimeout(() => child.kill("SIGKILL"), startLimitMs);
  const readiness = new Promise<string>((resolve) => {
    lines.on("line", (line) => line.startsWith(readyLine) && resolve(line));
  });
  const ready = await Promise.race([readiness, failed]).finally(() => clearTimeout(silence));
  return {
    ready,
    startMs: performance.now() - started,
    spent: () => ask({ ask: "spent" }),
    floor: (operations) => ask({ ask: "floor", operations }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
      await ended;
    },
  };
}

const tailBytes = 4000;

function tail(path: string): string {
  const file = openSync(path, "r");
  const { size } = fstatSync(file);
  const bytes = Buffer.alloc(Math.min(size, tailBytes));
  readSync(file, bytes, 0, bytes.length, size - bytes.length);
  closeSync(file);
  return bytes.toString();
}
