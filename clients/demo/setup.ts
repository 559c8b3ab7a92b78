// The set-up that the demo really applies: the readable file with this run's address and secrets.
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A set-up file, ready to be applied, and the secrets that it holds. */
export interface Rendered {
  readonly file: string;
  /**
   * Gives the secret that stands for `change-me-` and this name. Throws when the file has no such.
   */
  secret(name: string): string;
}

const exampleAddress = "http://127.0.0.1:9000";
const placeholder = /change-me-([a-z]+(?:-[a-z]+)*)/g;

/**
 * Writes a copy of the set-up file at `source`, with the folder `scripts` beside it, into `folder`.
 * In the copy the portal has the address `portalUrl`, and each `change-me-...` is a new secret of
 * 192 bits, in hexadecimal, which is base64 as well.
 */
export function renderSetup(source: string, folder: string, portalUrl: string): Rendered {
  const secrets = new Map<string, string>();
  const secretOf = (name: string): string => {
    const secret = secrets.get(name) ?? randomBytes(24).toString("hex");
    secrets.set(name, secret);
    return secret;
  };
  const text = readFileSync(source, "utf8")
    .replaceAll(exampleAddress, portalUrl)
    // What a comment says of the placeholders stays as it is.
    .replace(/^[^#\n]+/gm, (code) => code.replace(placeholder, (_, name) => secretOf(name)));
  const file = join(folder, "setup.yaml");
  writeFileSync(file, text, { mode: 0o600 });
  const scripts = join(dirname(source), "scripts");
  if (existsSync(scripts)) cpSync(scripts, join(folder, "scripts"), { recursive: true });
  return {
    file,
    secret(name) {
      const secret = secrets.get(name);
      if (secret === undefined) throw new Error(`${source} has no change-me-${name}`);
      return secret;
    },
  };
}
