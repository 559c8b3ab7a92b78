// The laws of stores, on each that runs in Node. IndexedDB has the same laws walked in a browser.
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileStorage } from "../../../clients/sdk/storage/file.ts";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";
import type { Place } from "./storage_laws.ts";
import { laws } from "./storage_laws.ts";

interface Row {
  readonly name: string;
  at(folder: string): Place;
}

const rows: readonly Row[] = [
  {
    name: "memoryStorage",
    at() {
      const store = memoryStorage();
      return { open: () => store, elsewhere: memoryStorage };
    },
  },
  {
    name: "fileStorage",
    at: (folder) => ({
      open: () => fileStorage(join(folder, "deep", "here")),
      elsewhere: () => fileStorage(join(folder, randomUUID())),
    }),
  },
];

for (const { name, at } of rows) {
  describe(name, () => {
    let folder: string;
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "gatewright-sdk-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    for (const law of laws) it(law.name, () => law.holds(at(folder)));
  });
}
