// A process of its own over a store in a folder, for tests in which several race or one is killed: told the folder and
// a work by its arguments, it says "ready", waits for a line, works and says what came of it.
import { once } from "node:events";
import { SdkError } from "../../../clients/sdk/error.ts";
import { fileStorage } from "../../../clients/sdk/storage/file.ts";
import type { DeviceStorage } from "../../../clients/sdk/storage.ts";

/** How many times `count` counts. */
export const countTimes = 25;

/** A text that is long enough to be killed in the middle of, made of one letter. */
export const longText = (letter: string): string => letter.repeat(300_000);

const letters = "abcdefghij";

const works = {
  /** Adds to a number that others add to as well. */
  async count(store: DeviceStorage) {
    for (let time = 0; time < countTimes; time += 1) {
      await store.exclusively(async () => {
        const count = Number((await store.read("count")) ?? 0);
        await store.write("count", String(count + 1));
      });
    }
    return "counted";
  },
  key: async (store: DeviceStorage) => JSON.stringify((await store.signingKey()).publicJwk),
  /** Says that it has the lock and keeps it until it is killed. */
  hold: (store: DeviceStorage) =>
    store.exclusively(async () => {
      say("held");
      await once(process.stdin, "close");
      return "not reached";
    }),
  /** Says each text that it has written, until it is killed. */
  async writeForEver(store: DeviceStorage) {
    for (let time = 0; ; time += 1) {
      const letter = letters[time % letters.length]!;
      await store.write("text", longText(letter));
      say(letter);
    }
  },
  /** Writes two texts and clears, until it is killed. */
  async clearForEver(store: DeviceStorage) {
    for (;;) {
      await store.write("one", "text");
      await store.write("other", "text");
      await store.clear();
      say("cleared");
    }
  },
  /** Writes a short text and then a long one, and says why that failed. */
  async overfill(store: DeviceStorage) {
    await store.write("text", "short");
    const error = await store.write("text", longText("z")).catch((reason: unknown) => reason);
    return error instanceof SdkError ? error.reason : String(error);
  },
};

/** What such a process can do. */
export type Work = keyof typeof works;

const say = (line: string): boolean => process.stdout.write(`${line}\n`);

if (import.meta.main) {
  const [folder, work] = process.argv.slice(2) as [string, Work];
  say("ready");
  await once(process.stdin, "data");
  say(await works[work](fileStorage(folder)));
  process.stdin.destroy();
}
