// A store in a browser.
import type { DeviceStorage } from "../storage.ts";
import type { DeviceKeys } from "./device_keys.ts";
import { keyVerbs, makeDeviceKeys, openText, sealText } from "./device_keys.ts";
import { inTransaction } from "./indexed_db_calls.ts";
import { checkedName } from "./name.ts";
import { notAvailable, unrecoverable } from "./trouble.ts";

interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

// The only entry among the keys.
const own = "device";

/**
 * Gives a store of the page's origin by its name, in IndexedDB. Its keys are CryptoKeys that cannot be exported: a
 * script in the page could use them, but not take them away. Texts are sealed. Other tabs may use the same store;
 * `exclusively` is a Web Lock, which ends with its tab. Throws DATA_STORAGE_NOT_AVAILABLE where the browser refuses (a
 * page without TLS, a full disk), DATA_STORAGE_UNRECOVERABLE when something kept cannot be read, until `clear`.
 * The browser may throw away what an origin keeps unless the app got `navigator.storage.persist()`.
 */
export function indexedDbStorage(name: string): DeviceStorage {
  const database = `gatewright ${name}`;
  const keysNow = (): Promise<DeviceKeys> => currentKeys(database);
  return {
    async read(text) {
      const keys = await keysNow();
      const entry = entryOf(keys, text);
      const sealed = await inTransaction(database, "readonly", (_, texts) => texts.get(entry));
      if (sealed === undefined) return undefined;
      if (!(sealed instanceof Uint8Array)) throw unrecoverable("A text is not what was kept.");
      return openText(keys, text, sealed as Uint8Array<ArrayBuffer>);
    },
    async write(text, content) {
      const keys = await keysNow();
      const entry = entryOf(keys, text);
      const sealed = await sealText(keys, text, content);
      await inTransaction(database, "readwrite", (_, texts) => texts.put(sealed, entry));
    },
    async remove(text) {
      const entry = entryOf(await keysNow(), text);
      await inTransaction(database, "readwrite", (_, texts) => texts.delete(entry));
    },
    async clear() {
      const made = await makeDeviceKeys(false);
      await inTransaction(database, "readwrite", (keys, texts) => {
        texts.clear();
        return keys.put(made, own);
      });
    },
    exclusively: (work) => underLock(database, work),
    ...keyVerbs(keysNow),
  };
}

async function underLock<T>(name: string, work: () => Promise<T>): Promise<T> {
  const { locks } = navigator as { locks?: Locks };
  if (!locks) throw notAvailable("There are no locks: the page did not come over TLS.");
  let hasBegun = false;
  try {
    return await locks.request(name, () => {
      hasBegun = true;
      return work();
    });
  } catch (error) {
    throw hasBegun ? error : notAvailable("The storage of the browser cannot be locked.", error);
  }
}

// Under the id of the keys: a tab that still had the keys of before `clear` writes where nobody reads.
const entryOf = ({ id }: DeviceKeys, name: string): string => `${id} ${checkedName(name)}`;

/** Gives the keys; makes them where nothing is. Texts without keys have lost them. */
async function currentKeys(database: string): Promise<DeviceKeys> {
  const read = (): Promise<unknown> => inTransaction(database, "readonly", (keys) => keys.get(own));
  let kept = await read();
  if (kept === undefined) {
    await putFirstKeys(database, await makeDeviceKeys(false));
    kept = await read();
  }
  if (areKeys(kept)) return kept;
  throw unrecoverable("The keys of the device are missing.");
}

/** Puts keys where there is neither a key nor a text; of several tabs that try, one does. */
const putFirstKeys = (database: string, made: DeviceKeys): Promise<unknown> =>
  inTransaction(database, "readwrite", (keys, texts) => {
    const before = keys.count();
    before.onsuccess = () => {
      const orphans = texts.count();
      orphans.onsuccess = () => {
        if (before.result + orphans.result === 0) keys.put(made, own);
      };
    };
    return before;
  });

function areKeys(kept: unknown): kept is DeviceKeys {
  const { id, publicJwk, ...keys } = (kept ?? {}) as Partial<DeviceKeys>;
  const all = [keys.signing, keys.sealing, keys.deriving];
  return !!id && !!publicJwk && all.every((key) => key instanceof CryptoKey);
}
