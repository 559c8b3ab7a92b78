// Secrets of a user that the device keeps sealed, each for this user alone.
import { fromBase64, toBase64 } from "./base64.ts";
import { unrecoverable } from "./storage/trouble.ts";
import type { DeviceStorage } from "./storage.ts";

const separator = " ";

/** Seals a secret for a user, as base64. */
export const sealFor = async (
  storage: DeviceStorage,
  profileId: string,
  secret: string,
): Promise<string> =>
  toBase64(await storage.seal(new TextEncoder().encode(profileId + separator + secret)));

/** Undoes `sealFor`. Throws DATA_STORAGE_UNRECOVERABLE for what was not sealed here for this user. */
export async function openFor(
  storage: DeviceStorage,
  profileId: string,
  sealed: string,
): Promise<string> {
  const opened = await storage.open(fromBase64(sealed) ?? new Uint8Array());
  const text = new TextDecoder().decode(opened);
  const owner = profileId + separator;
  if (text.startsWith(owner)) return text.slice(owner.length);
  throw unrecoverable("What was kept is another user's.");
}
