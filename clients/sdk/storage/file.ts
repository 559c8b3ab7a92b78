// A store in a folder, for Node: command lines, servers that act as devices, tests.
import { join } from "node:path";
import type { DeviceStorage } from "../storage.ts";
import type { DeviceKeys } from "./device_keys.ts";
import { keyVerbs, makeDeviceKeys, openText, sealText } from "./device_keys.ts";
import { underLock } from "./file_lock.ts";
import { keysAsText, keysFromText } from "./key_file.ts";
import { checkedName } from "./name.ts";
import type { OwnFolder } from "./own_folder.ts";
import { openOwnFolder } from "./own_folder.ts";
import { unrecoverable } from "./trouble.ts";
import { turns } from "./turns.ts";

const keyFile = "keys";
const lockFile = "lock";
// A text is kept under its name after the id of the keys that seal it. So new keys clear a store in one step, and a
// process that still has the old ones can do no harm.
const textForm = /^([0-9a-f]{32})\.[a-z0-9._-]{1,128}$/;

/**
 * Gives a store in a folder, which is made with mode 0700 when it is not there (one that is there must have that mode),
 * its files with 0600. Texts are sealed; the keys are in a file beside them, so that the folder is as safe as the
 * user's account and no safer: a platform that has a key store of its own deserves an implementation of its own.
 * Several processes may use one folder. A write is on the disk, wholly or not at all; work in `exclusively` that ends
 * with its process leaves no lock behind. Throws DATA_STORAGE_NOT_AVAILABLE when the folder cannot be used,
 * DATA_STORAGE_UNRECOVERABLE when a file is damaged, until `clear`.
 */
export function fileStorage(folder: string): DeviceStorage {
  const oneByOne = turns();
  const opened = opener(folder);
  return {
    async read(name) {
      const { files, keys } = await opened();
      const sealed = await files.read(fileOf(keys, name));
      return sealed && openText(keys, name, sealed);
    },
    async write(name, text) {
      const { files, keys } = await opened();
      const file = fileOf(keys, name);
      await files.replace(file, await sealText(keys, name, text));
    },
    async remove(name) {
      const { files, keys } = await opened();
      await files.remove(fileOf(keys, name));
    },
    async clear() {
      const files = await openOwnFolder(folder);
      await files.replace(keyFile, await keysAsText(await makeDeviceKeys(true)));
      await sweep(files);
    },
    exclusively: (work) =>
      oneByOne(async () => {
        await openOwnFolder(folder);
        return underLock(join(folder, lockFile), work);
      }),
    ...keyVerbs(async () => (await opened()).keys),
  };
}

interface Opened {
  readonly files: OwnFolder;
  readonly keys: DeviceKeys;
}

/** Gives what opens a folder, each time anew: another process may have cleared it. The first time it is swept. */
function opener(folder: string): () => Promise<Opened> {
  let isSwept = false;
  return async () => {
    const files = await openOwnFolder(folder);
    const keys = await currentKeys(files);
    if (!isSwept) {
      isSwept = true;
      // What cannot be swept now does no harm, and says nothing about what was asked for.
      await sweep(files).catch(() => undefined);
    }
    return { files, keys };
  };
}

const fileOf = ({ id }: DeviceKeys, name: string): string => `${id}.${checkedName(name)}`;

/** Gives the keys; makes them where nothing is. Texts without keys have lost them. */
async function currentKeys(files: OwnFolder): Promise<DeviceKeys> {
  const found = await keysIn(files);
  if (found) return found;
  const isOrphaned = (await files.names()).some((name) => textForm.test(name));
  if (!isOrphaned) await files.create(keyFile, await keysAsText(await makeDeviceKeys(true)));
  // By now another process may have made them, also where texts were seen.
  const made = await keysIn(files);
  if (!made) throw unrecoverable("The keys of the device are missing.");
  return made;
}

async function keysIn(files: OwnFolder): Promise<DeviceKeys | undefined> {
  const bytes = await files.read(keyFile);
  return bytes && keysFromText(new TextDecoder().decode(bytes));
}

/**
 * Removes texts of former keys and what dead processes left. The names are read before the keys: a text that was there
 * already and is not of the present keys can never be of later ones.
 */
async function sweep(files: OwnFolder): Promise<void> {
  const names = await files.names();
  const { id } = await currentKeys(files);
  const isFormer = (name: string): boolean => (textForm.exec(name)?.[1] ?? id) !== id;
  for (const name of names.filter(isFormer)) await files.remove(name);
  await files.sweep();
}
