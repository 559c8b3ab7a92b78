// A phone's side of OpenPGP: the real GnuPG with a home of its own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

/** What a run of gpg has said. */
export interface GpgRun {
  readonly code: number | null;
  readonly output: Buffer;
  /** What it wrote to stderr, where lines for machines begin with `[GNUPG:]`. */
  readonly said: string;
}

/** What a key is made of; of gpg's own names, such as `ed25519`, `rsa2048` or `nistp256`. */
export interface GpgKeyParts {
  readonly primary: string;
  /** What the primary key may do beside certifying, `sign` unless told. */
  readonly usage?: string;
  /** Each an algorithm and a usage, such as `["cv25519", "encr"]`. */
  readonly subkeys: readonly (readonly [algorithm: string, usage: string, expiry?: string])[];
  /** As gpg writes it, such as `1y` or `seconds=1`; `never` unless told. */
  readonly expiry?: string;
  /** Further options of gpg, such as a weak digest. */
  readonly options?: readonly string[];
}

/** What gpg is given: whole, or piece by piece. */
export type GpgInput = string | Uint8Array | Iterable<Uint8Array>;

/** The parts that gpg's manual proposes, and which take no time to make. */
export const usualParts: GpgKeyParts = { primary: "ed25519", subkeys: [["cv25519", "encr"]] };

/** A home of GnuPG; disposing ends its agent and removes it. */
export interface Gpg extends AsyncDisposable {
  /** Runs gpg, whatever comes of it. */
  run(args: readonly string[], input?: GpgInput): Promise<GpgRun>;
  /** Runs gpg, which must succeed; gives what it wrote. */
  write(args: readonly string[], input?: GpgInput): Promise<Buffer>;
  /** Makes a key pair without a passphrase; gives its fingerprint. */
  makeKey(parts?: GpgKeyParts): Promise<string>;
  /** Gives the armored public key. */
  publicKey(fingerprint: string): Promise<string>;
  /** Takes in a key; `armored`: public or private. */
  import(armored: string): Promise<void>;
  /** Decrypts a message; it must be of proven integrity and well signed by exactly this key. */
  open(message: Uint8Array, signer: string): Promise<Buffer>;
  /** Encrypts and signs a text, with further options of gpg. */
  seal(
    text: GpgInput,
    way: { readonly from: string; readonly to: string; readonly options?: readonly string[] },
  ): Promise<Buffer>;
}

const homeOptions = (home: string): string[] => ["--homedir", home, "--batch", "--no-tty"];
const usualOptions = ["--yes", "--pinentry-mode", "loopback", "--passphrase", ""];

function runProgram(program: string, args: readonly string[], input: GpgInput): Promise<GpgRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" } });
    const output: Buffer[] = [];
    let said = "";
    child.stdout.on("data", (piece: Buffer) => output.push(piece));
    child.stderr.on("data", (piece: Buffer) => {
      said += piece;
    });
    // One that has heard enough closes its input; what came of it is seen from its answer.
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output: Buffer.concat(output), said }));
    const whole = typeof input === "string" || input instanceof Uint8Array;
    Readable.from(whole ? [input] : input).pipe(child.stdin);
  });
}

async function makeKey(gpg: Pick<Gpg, "write" | "run">, parts: GpgKeyParts): Promise<string> {
  const { primary, usage = "sign", subkeys, expiry = "never", options = [] } = parts;
  const name = `phone ${crypto.randomUUID()}`;
  await gpg.write([...options, "--quick-gen-key", name, primary, usage, expiry]);
  const listed = await gpg.write(["--with-colons", "--list-keys", name]);
  const [, fingerprint] = /^fpr:+([0-9A-F]{40}):/m.exec(listed.toString()) ?? [];
  assert.ok(fingerprint, "gpg made no key");
  for (const [algorithm, subkeyUsage, subkeyExpiry = "never"] of subkeys) {
    const subkey = ["--quick-add-key", fingerprint, algorithm, subkeyUsage, subkeyExpiry];
    await gpg.write([...options, ...subkey]);
  }
  return fingerprint;
}

/** Opens a home of GnuPG in a temporary folder. */
export function openGpg(): Gpg {
  // Short, since sockets of its agent are in it.
  const home = mkdtempSync(join(tmpdir(), "gpg-"));
  const run: Gpg["run"] = (args, input = "") =>
    runProgram("gpg", [...homeOptions(home), ...usualOptions, ...args], input);
  const write: Gpg["write"] = async (args, input) => {
    const { code, output, said } = await run(args, input);
    assert.equal(code, 0, `gpg ${args.join(" ")}: ${said}`);
    return output;
  };
  return {
    run,
    write,
    makeKey: (parts = usualParts) => makeKey({ run, write }, parts),
    publicKey: async (fingerprint) => String(await write(["--armor", "--export", fingerprint])),
    async import(armored) {
      await write(["--import"], armored);
    },
    async open(message, signer) {
      const { code, output, said } = await run(["--status-fd", "2", "--decrypt"], message);
      assert.equal(code, 0, said);
      assert.match(said, /GNUPG:\] GOODMDC/, "the integrity is proven");
      assert.match(said, new RegExp(`GNUPG:\\] VALIDSIG ${signer} `), "it is well signed");
      return output;
    },
    seal: (text, { from, to, options = [] }) =>
      write(
        ["--trust-model", "always", "-u", from, "-r", to, ...options, "--sign", "--encrypt"],
        text,
      ),
    async [Symbol.asyncDispose]() {
      await runProgram("gpgconf", ["--homedir", home, "--kill", "all"], "");
      rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
