// What a static check is: a name, and a look at the whole tree that ends with a verdict.
import { spawn } from "node:child_process";
import { join } from "node:path";

/** How a check ended. `output` says what is wrong; `notes` are worth reading but fail nothing. */
export type Verdict =
  | { readonly kind: "passed"; readonly notes?: readonly string[] }
  | { readonly kind: "failed"; readonly output: string }
  | { readonly kind: "skipped"; readonly reason: string };

/** A static check. `run` looks at the repository whose root it gets and changes nothing there. */
export interface Check {
  readonly name: string;
  run(root: string): Promise<Verdict>;
}

/** What a program said: its exit code, and its two streams. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program in a folder, without colours and with the project's own binaries first in its PATH;
 * `environment` has further variables; undefined takes one away.
 */
export function say(
  folder: string,
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<Said> {
  const bin = join(import.meta.dirname, "../../node_modules/.bin");
  const env = {
    ...process.env,
    PATH: `${bin}:${process.env.PATH ?? ""}`,
    NO_COLOR: "1",
    ...environment,
  };
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (piece: string) => (text.stdout += piece));
    child.stderr.setEncoding("utf8").on("data", (piece: string) => (text.stderr += piece));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, ...text }));
  });
}

/** Gives the verdict of a program whose exit code 0 means that nothing is wrong. */
export const verdictOf = ({ code, stdout, stderr }: Said): Verdict =>
  code === 0 ? { kind: "passed" } : { kind: "failed", output: `${stdout}${stderr}`.trim() };

/** Gives the verdict on a list of faults: passed when there are none. */
export const verdictOn = (faults: readonly string[]): Verdict =>
  faults.length === 0 ? { kind: "passed" } : { kind: "failed", output: faults.join("\n") };
