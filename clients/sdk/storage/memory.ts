// A store that forgets everything with the process: for tests, and for apps that keep nothing.
import type { DeviceStorage } from "../storage.ts";
import type { DeviceKeys } from "./device_keys.ts";
import { keyVerbs, makeDeviceKeys } from "./device_keys.ts";
import { checkedName } from "./name.ts";
import { turns } from "./turns.ts";

/** Gives a store in memory, empty, with keys of its own that cannot be exported. */
export function memoryStorage(): DeviceStorage {
  const texts = new Map<string, string>();
  let keys: Promise<DeviceKeys> | undefined;
  const current = (): Promise<DeviceKeys> => {
    keys ??= makeDeviceKeys(false);
    return keys;
  };
  return {
    read: async (name) => texts.get(checkedName(name)),
    async write(name, text) {
      texts.set(checkedName(name), text);
    },
    async remove(name) {
      texts.delete(checkedName(name));
    },
    async clear() {
      texts.clear();
      keys = undefined;
    },
    exclusively: turns(),
    ...keyVerbs(current),
  };
}
