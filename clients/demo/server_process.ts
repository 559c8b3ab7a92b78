// The real server, as a process of its own: started, listened to, and ended.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The server's log, as far as it is needed to say what went wrong. */
export interface ServerLog {
  /** The file with all of it, JSON lines. */
  readonly file: string;
  /** Gives the last lines, oldest first. */
  last(count: number): readonly string[];
}

/** The server, serving. Disposing drains it and waits for its end. */
export interface ServerProcess extends AsyncDisposable {
  /** Of the public listener, `http://host:port`. */
  readonly url: string;
  readonly adminUrl: string;
  /** `host:port`. */
  readonly grpc: string;
  readonly issuer: string;
  readonly log: ServerLog;
  /** Resolves when the process ends, for whatever reason. */
  readonly ended: Promise<unknown>;
}

/** The server ended before it served, or did not serve in time. */
export class NotServing extends Error {
  readonly log: ServerLog;

  constructor(message: string, log: ServerLog) {
    super(message);
    this.log = log;
  }
}

const root = join(import.meta.dirname, "../..");
const startMs = 60_000;
const endMs = 15_000;
const keptLines = 200;

/** The environment without settings of the caller's own, which would make it another server. */
function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GATEWRIGHT_"));
  return { ...Object.fromEntries(inherited), ...settings };
}

/** Keeps what the server writes to stderr, in a file and the end of it at hand. */
function keepLog(child: ChildProcess, file: string): ServerLog {
  const lines: string[] = [];
  const written = createWriteStream(file, { mode: 0o600 });
  child.stderr?.pipe(written);
  if (child.stderr) {
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    });
  }
  return { file, last: (count) => lines.slice(-count) };
}

/**
 * Gives the addresses of the line that says that the server is ready; rejects when it ends before.
 */
function listening(child: ChildProcess, log: ServerLog): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => reject(new NotServing(message, log));
    const late = setTimeout(() => fail(`the server did not start in ${startMs / 1000} s`), startMs);
    child.once("error", (error) => fail(`the server cannot be started: ${error.message}`));
    child.once("close", (code, signal) => {
      clearTimeout(late);
      fail(`the server ended with ${signal ?? code} before it served`);
    });
    if (!child.stdout) return;
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, addresses] = /^gatewright listening (.+)$/.exec(line) ?? [];
      if (addresses === undefined) return;
      clearTimeout(late);
      resolve(new Map(addresses.split(" ").map((pair) => pair.split("=", 2) as [string, string])));
    });
  });
}

async function end(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), endMs);
  await ended;
  clearTimeout(late);
}

/**
 * Starts the server on free ports of 127.0.0.1, with embedded stores in `folder` and a set-up file,
 * and resolves when it serves. `origins`: of the pages that may call it. Throws NotServing, and leaves no process
 * behind then.
 */
export async function startServer(
  folder: string,
  setupFile: string,
  origins: readonly string[] = [],
): Promise<ServerProcess> {
  const free = "127.0.0.1:0";
  const child = spawn(process.execPath, [join(root, "gateway/main.ts"), "start"], {
    env: environment({
      GATEWRIGHT_HTTP: free,
      GATEWRIGHT_ADMIN: free,
      GATEWRIGHT_GRPC: free,
      GATEWRIGHT_DATA: join(folder, "data"),
      GATEWRIGHT_SETUP: setupFile,
      GATEWRIGHT_ORIGINS: origins.join(),
      GATEWRIGHT_LOG_LEVEL: "debug",
    }),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "close").catch(() => undefined);
  const log = keepLog(child, join(folder, "server.log"));
  try {
    const addresses = await listening(child, log);
    const url = `http://${addresses.get("http")}`;
    return {
      url,
      adminUrl: `http://${addresses.get("admin")}`,
      grpc: addresses.get("grpc") ?? "",
      issuer: `${url}/oauth`,
      log,
      ended,
      [Symbol.asyncDispose]: () => end(child, ended),
    };
  } catch (error) {
    if (child.pid !== undefined) await end(child, ended);
    throw error;
  }
}
