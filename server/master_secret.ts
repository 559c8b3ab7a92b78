// Where the master secret comes from: the settings, or the data folder of a server that is alone.
import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Settings } from "../gen/gatewright/v1/settings.ts";
import { SettingFault, variableOf } from "../proto/settings.ts";
import { randomId } from "./core/id.ts";
import type { MasterKey } from "./identity/master_key.ts";
import { readMasterKey } from "./identity/master_key.ts";

const fileName = "secret";

/**
 * Gives the master key. Without one in the settings it is read from the data folder, or made there
 * on the first start (mode 0600), but only when both stores are embedded: another process on the same
 * database would otherwise seal with a key that this one does not know. Throws SettingFault then.
 * The file is there whole or not at all, and of several processes that start at once all get the
 * same key. Source: SEC-19, our decision.
 */
export function masterSecret(settings: Settings): MasterKey {
  if (settings.secret) return readMasterKey(settings.secret);
  const embedded = [settings.durable, settings.ephemeral].every((url) => url.startsWith("sqlite:"));
  if (!embedded) {
    throw new SettingFault(
      `${variableOf("secret")}: got nothing, takes 32 bytes in base64 when a store is not embedded`,
    );
  }
  const path = join(settings.data, fileName);
  if (!existsSync(path)) makeSecret(path);
  return readMasterKey(readFileSync(path, "utf8").trim());
}

// Written under another name first: a crash in between must not leave half a secret under its own.
function makeSecret(path: string): void {
  const draft = `${path}.${randomId()}`;
  const file = openSync(draft, "wx", 0o600);
  try {
    writeSync(file, `${randomBytes(32).toString("base64")}\n`);
    fsyncSync(file);
    linkSync(draft, path);
  } catch (error) {
    // Another process was first; its secret is the one.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    closeSync(file);
    unlinkSync(draft);
  }
  // What is sealed from now on is lost without this name.
  const folder = openSync(dirname(path), "r");
  fsyncSync(folder);
  closeSync(folder);
}
