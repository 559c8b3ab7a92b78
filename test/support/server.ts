// Starts the real server in processes of its own: free ports, a fresh data folder, the documented
// words.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Addresses, Exit, Program } from "./program.ts";
import { addressesOf, freePort, run, startLimitMs } from "./program.ts";

/** One process for all, or server and gateway joined by gRPC. */
export type Deployment = "embedded" | "split";

/** What a server is started with. */
export interface StartOptions {
  /** The set-up: an object, or the text of its file. */
  readonly setup?: object | string;
  /** Files beside the set-up file, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Settings; they win over what the tests set. */
  readonly env?: Readonly<Record<string, string>>;
  readonly deployment?: Deployment;
}

/** A server that serves. */
export interface TestServer extends AsyncDisposable {
  /** Base URL of the public listener, without a slash at its end. */
  readonly http: string;
  /** Base URL of the administrators' listener. */
  readonly admin: string;
  /** `host:port` of the gRPC listener. */
  readonly grpc: string;
  readonly issuer: string;
  /** The folder that holds the set-up file and, in `data`, the embedded stores. */
  readonly folder: string;
  /** Everything that its processes printed since the first start. */
  log(): string;
  /** Gives the lines of the log that have a text, as soon as there are any; fails after 5 s. */
  logged(text: string): Promise<string>;
  /** Signals the processes, gateway first, and gives how the worst of them ended. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
  /** Stops it, if it runs, and starts it again at the same addresses. */
  restart(env?: Readonly<Record<string, string>>): Promise<void>;
}

function prepare({ setup, files = {} }: StartOptions): {
  folder: string;
  settings: Record<string, string>;
} {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-journey-"));
  const texts = { ...files };
  const settings: Record<string, string> = {
    GATEWRIGHT_DATA: join(folder, "data"),
    // A second script worker is a third of a start's work; stories that race scripts ask for it.
    GATEWRIGHT_WORKERS: "1",
  };
  if (setup !== undefined) {
    // JSON is YAML.
    texts["setup.yaml"] = typeof setup === "string" ? setup : JSON.stringify(setup, null, 2);
    settings.GATEWRIGHT_SETUP = join(folder, "setup.yaml");
  }
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, settings };
}

const local = (port: number): string => `127.0.0.1:${port}`;

/** Starts what a deployment consists of, the server before the gateway. */
async function startPrograms(
  deployment: Deployment,
  settings: Readonly<Record<string, string>>,
  fixed: Addresses | undefined,
): Promise<{ programs: Program[]; addresses: Addresses }> {
  const at = (name: string): string => fixed?.get(name) ?? local(0);
  const listeners = {
    GATEWRIGHT_HTTP: at("http"),
    GATEWRIGHT_ADMIN: at("admin"),
    GATEWRIGHT_GRPC: at("grpc"),
  };
  if (deployment === "embedded") {
    const program = run("start", { ...listeners, ...settings });
    return { programs: [program], addresses: await addressesOf(program) };
  }
  // The server names the gateway's address in its tokens, so that one is fixed beforehand.
  const http = fixed?.get("http") ?? local(await freePort());
  const server = run("server", { ...listeners, GATEWRIGHT_HTTP: http, ...settings });
  const served = await addressesOf(server);
  const upstream = `grpc://${served.get("grpc")}`;
  const gateway = run("gateway", {
    ...listeners,
    ...settings,
    GATEWRIGHT_HTTP: http,
    GATEWRIGHT_UPSTREAM: upstream,
  });
  const relayed = await addressesOf(gateway).catch((error: unknown) => {
    server.child.kill("SIGKILL");
    throw error;
  });
  return { programs: [gateway, server], addresses: new Map([...served, ...relayed]) };
}

/** Starts a server and resolves when it serves; rejects with what it printed when it cannot. */
export async function startServer(options: StartOptions = {}): Promise<TestServer> {
  const { folder, settings } = prepare(options);
  const deployment = options.deployment ?? "embedded";
  const ended: string[] = [];
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const first = { ...settings, ...options.env };
  let { programs, addresses } = await startPrograms(deployment, first, undefined).catch(
    (error: unknown) => {
      remove();
      throw error;
    },
  );
  const stop = async (signal: NodeJS.Signals = "SIGTERM"): Promise<Exit> => {
    let worst: Exit = { code: 0, signal: null };
    for (const program of programs) {
      program.child.kill(signal);
      const exit = await program.exited;
      if (exit.code !== 0) worst = exit;
      ended.push(program.output());
    }
    programs = [];
    return worst;
  };
  const base = (name: string): string => `http://${addresses.get(name)}`;
  const log = (): string => [...ended, ...programs.map((program) => program.output())].join("");
  return {
    http: base("http"),
    admin: base("admin"),
    grpc: addresses.get("grpc") ?? "",
    issuer: options.env?.GATEWRIGHT_ISSUER ?? `${base("http")}/oauth`,
    folder,
    log,
    async logged(text) {
      // What a process printed before it answered may be read after the answer.
      for (let tries = 0; tries < 100; tries += 1) {
        const lines = log().split("\n");
        const found = lines.filter((line) => line.includes(text));
        if (found.length > 0) return found.join("\n");
        await sleep(50);
      }
      throw new Error(`the log has no ${text}:\n${log()}`);
    },
    stop,
    async restart(env = {}) {
      await stop();
      const all = { ...settings, ...options.env, ...env };
      ({ programs, addresses } = await startPrograms(deployment, all, addresses));
    },
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
      remove();
    },
  };
}

/** Starts a server that is expected to end by itself; gives how it ended and what it printed. */
export async function startInVain(options: StartOptions): Promise<Exit & { output: string }> {
  const { folder, settings } = prepare(options);
  const listeners = {
    GATEWRIGHT_HTTP: local(0),
    GATEWRIGHT_ADMIN: local(0),
    GATEWRIGHT_GRPC: local(0),
  };
  const program = run("start", { ...listeners, ...settings, ...options.env });
  try {
    const served = addressesOf(program).then(
      () => true,
      () => false,
    );
    assert.equal(await served, false, `the server started:\n${program.output()}`);
    return { ...(await program.exited), output: program.output() };
  } finally {
    program.child.kill("SIGKILL");
    await program.exited;
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Gives each story of a file the same server: started before them, stopped after them. */
export function serverFor(options: () => StartOptions | Promise<StartOptions>): () => TestServer {
  let server: TestServer | undefined;
  before(async function () {
    this.timeout(2 * startLimitMs);
    server = await startServer(await options());
  });
  after(async () => server?.[Symbol.asyncDispose]());
  return () => {
    assert(server, "the server is not started yet");
    return server;
  };
}
