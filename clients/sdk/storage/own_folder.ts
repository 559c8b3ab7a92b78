// A folder that belongs to one user alone, and files in it that are whole or not there.
import { randomUUID } from "node:crypto";
import { link, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { notAvailable } from "./trouble.ts";

const temporaryForm = /^new\.[0-9a-f-]{36}$/;
// A process that takes longer over one file than this has died.
const temporaryLifeMs = 3_600_000;
const isWindows = process.platform === "win32";

/** Files of one folder. Every failure is DATA_STORAGE_NOT_AVAILABLE. */
export interface OwnFolder {
  /** Gives the names of all files. */
  names(): Promise<readonly string[]>;
  /** Gives what is in a file; undefined when there is none. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Puts a file in the place of what was there; it is on the disk when the promise resolves. */
  replace(name: string, content: string | Uint8Array): Promise<void>;
  /** Makes a file unless there is one; of several that try, one does. Gives whether it was this one. */
  create(name: string, content: string): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Removes what processes left behind that were ended while they wrote. */
  sweep(): Promise<void>;
}

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;

/**
 * Makes the folder when it is not there, with mode 0700. One that is there has to belong to this user, with nothing
 * allowed to anybody else: what others may write cannot be believed.
 */
export async function openOwnFolder(path: string): Promise<OwnFolder> {
  await guarded(async () => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    const { mode, uid } = await stat(path);
    if (isWindows) return;
    const isOurs = uid === process.getuid?.() && (mode & 0o077) === 0;
    if (!isOurs) throw notAvailable("The folder must belong to this user, with mode 0700.");
  });
  const at = (name: string): string => join(path, name);
  return {
    names: () => guarded(() => readdir(path)),
    read: (name) => guarded(() => contentOf(at(name))),
    replace: (name, content) =>
      guarded(() => withTemporary(path, content, (temporary) => rename(temporary, at(name)))),
    create: (name, content) =>
      guarded(async () => {
        try {
          await withTemporary(path, content, (temporary) => link(temporary, at(name)));
          return true;
        } catch (error) {
          if (codeOf(error) === "EEXIST") return false;
          throw error;
        }
      }),
    remove: (name) =>
      guarded(async () => {
        await rm(at(name), { force: true });
        await settle(path);
      }),
    sweep: () => guarded(() => sweep(path)),
  };
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (typeof codeOf(error) !== "string") throw error;
    throw notAvailable("The storage of the device cannot be used.", error);
  }
}

async function contentOf(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Writes a temporary file to the disk, gives it its place by `put`, and makes that last as well. */
async function withTemporary(
  folder: string,
  content: string | Uint8Array,
  put: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = join(folder, `new.${randomUUID()}`);
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await put(temporary);
    await settle(folder);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Brings the names in a folder to the disk, where the system can: Windows opens no folder. */
async function settle(folder: string): Promise<void> {
  if (isWindows) return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of (await readdir(folder)).filter((each) => temporaryForm.test(each))) {
    const file = join(folder, name);
    const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > temporaryLifeMs) await rm(file, { force: true });
  }
}
