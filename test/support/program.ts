// One process of the server: how it is run, what it prints, how it ends.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** How long a start may take, in milliseconds. */
export const startLimitMs = 30_000;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program. */
export interface Program {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  output(): string;
}

/** `host:port` by the name of the listener. */
export type Addresses = ReadonlyMap<string, string>;

/** Gives a port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a word of the command line with settings of its own and none from outside. */
export function run(word: string, settings: Readonly<Record<string, string>>): Program {
  const outside = Object.entries(process.env).filter(([name]) => !name.startsWith("GATEWRIGHT_"));
  const child = spawn(process.execPath, [join(root, "gateway", "main.ts"), word], {
    env: { ...Object.fromEntries(outside), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  }
  // A test run that is ended early leaves no server behind.
  const kill = (): boolean => child.kill("SIGKILL");
  process.once("exit", kill);
  // Only when the pipes are closed has everything been read that was printed.
  const exited = once(child, "close").then(([code, signal]): Exit => {
    process.off("exit", kill);
    return { code, signal };
  });
  return { child, exited, output: () => Buffer.concat(chunks).toString() };
}

const announcement = /^.*gatewright listening\b(.*)$/m;

/** Gives the addresses that a program announces; throws what it printed when it ends before. */
export async function addressesOf(program: Program): Promise<Addresses> {
  const found = (): Addresses | undefined => {
    const line = announcement.exec(program.output());
    // The line is whole only when its end was read.
    if (!line || !program.output().slice(line.index).includes("\n")) return undefined;
    const pairs = (line[1] as string).matchAll(/\b(http|admin|grpc)=(?:https?:\/\/)?([^\s",/]+)/g);
    return new Map([...pairs].map(([, name, address]) => [name as string, address as string]));
  };
  const { promise, resolve, reject } = Promise.withResolvers<Addresses>();
  const look = (): void => {
    const addresses = found();
    if (addresses) resolve(addresses);
  };
  const fail = (why: string): void => {
    program.child.kill("SIGKILL");
    reject(new Error(`${why}:\n${program.output()}`));
  };
  program.child.stdout?.on("data", look);
  program.child.stderr?.on("data", look);
  const late = setTimeout(() => fail("the server does not start"), startLimitMs);
  program.exited.then(({ code, signal }) => fail(`the server ended with ${code ?? signal}`));
  try {
    return await promise;
  } finally {
    clearTimeout(late);
  }
}
