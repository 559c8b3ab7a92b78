// What a store in a folder is on the disk, and what becomes of it when the disk or somebody else changes it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SdkError } from "../../../clients/sdk/error.ts";
import { fileStorage } from "../../../clients/sdk/storage/file.ts";
import type { DeviceStorage } from "../../../clients/sdk/storage.ts";

const reasonOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    (value) => assert.fail(`gave ${String(value)}`),
    (reason: unknown) => reason,
  );
  assert(error instanceof SdkError, String(error));
  return error.reason;
};

const temporary = "new.01234567-89ab-cdef-0123-456789abcdef";

describe("a folder of fileStorage", () => {
  let folder: string;
  let store: DeviceStorage;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "gatewright-sdk-")), "store");
    store = fileStorage(folder);
    await store.write("one", "secret text");
    await store.write("other", "other text");
    await store.exclusively(async () => undefined);
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  const fileOf = async (name: string): Promise<string> => {
    const found = (await readdir(folder)).find((each) => each.endsWith(`.${name}`));
    assert(found);
    return join(folder, found);
  };

  /** Reads and everything that needs keys. */
  const uses: readonly (readonly [string, () => Promise<unknown>])[] = [
    ["read", () => store.read("one")],
    ["write", () => store.write("one", "new")],
    ["remove", () => store.remove("one")],
    ["signingKey", () => store.signingKey()],
    ["derive", () => store.derive(new Uint8Array(3))],
    ["seal", () => store.seal(new Uint8Array(3))],
  ];

  async function heals(): Promise<void> {
    await store.clear();
    assert.equal(await store.read("one"), undefined);
    await store.write("one", "again");
    assert.equal(await fileStorage(folder).read("one"), "again");
  }

  it("is the user's alone, as are its files", async () => {
    assert.equal((await stat(folder)).mode & 0o777, 0o700);
    const names = await readdir(folder);
    assert.equal(names.length, 4);
    for (const name of names) {
      assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
    }
  });

  it("shows no text", async () => {
    for (const name of await readdir(folder)) {
      assert(!(await readFile(join(folder, name))).includes("secret text"), name);
    }
  });

  it("has nothing of what was cleared", async () => {
    const keys = await readFile(join(folder, "keys"));
    await store.clear();
    assert.deepEqual((await readdir(folder)).toSorted(), ["keys", "lock"]);
    assert.notDeepEqual(await readFile(join(folder, "keys")), keys);
  });

  const damages: readonly (readonly [string, (file: string) => Promise<void>])[] = [
    ["empty", (file) => truncate(file)],
    ["cut", async (file) => truncate(file, (await stat(file)).size - 1)],
    ["longer", async (file) => writeFile(file, [await readFile(file), "x"])],
    ["something else", (file) => writeFile(file, "something else")],
    [
      "changed in its first byte",
      async (file) => {
        const content = await readFile(file);
        content[0]! ^= 1;
        await writeFile(file, content);
      },
    ],
    [
      "changed in the middle",
      async (file) => {
        const content = await readFile(file);
        content[content.length >> 1]! ^= 1;
        await writeFile(file, content);
      },
    ],
  ];
  for (const [name, damage] of damages) {
    it(`cannot give a text whose file is ${name}, gives others, and takes a new one`, async () => {
      await damage(await fileOf("one"));
      assert.equal(await reasonOf(store.read("one")), "DATA_STORAGE_UNRECOVERABLE");
      assert.equal(await store.read("other"), "other text");
      await store.write("one", "again");
      assert.equal(await store.read("one"), "again");
    });

    it(`cannot be used when the file of its keys is ${name}, until it is cleared`, async () => {
      await damage(join(folder, "keys"));
      for (const [verb, use] of uses) {
        assert.equal(await reasonOf(use()), "DATA_STORAGE_UNRECOVERABLE", verb);
      }
      await heals();
    });

    it(`locks as well when the file of the lock is ${name}`, async () => {
      // A lock file has no first byte.
      await writeFile(join(folder, "lock"), "garbage ".repeat(1000));
      await damage(join(folder, "lock"));
      assert.equal(await fileStorage(folder).exclusively(async () => "mine"), "mine");
    });
  }

  it("notices each flipped bit in its keys", async () => {
    const file = join(folder, "keys");
    const content = await readFile(file);
    for (const at of content.keys()) {
      const changed = Buffer.from(content);
      changed[at]! ^= 1 << (at % 7);
      await writeFile(file, changed);
      const given = await store.derive(new Uint8Array(3)).catch((error: unknown) => error);
      assert(given instanceof SdkError && given.reason === "DATA_STORAGE_UNRECOVERABLE", `${at}`);
    }
  });

  it("takes no keys that are none, whole as they are", async () => {
    for (const json of ["null", "{}", '{"id":"a","signing":{"kty":"EC"}}']) {
      const sum = createHash("sha256").update(json).digest("hex");
      await writeFile(join(folder, "keys"), `${json}\n${sum}`);
      assert.equal(await reasonOf(store.signingKey()), "DATA_STORAGE_UNRECOVERABLE");
    }
    await heals();
  });

  it("does not take one text for another", async () => {
    await copyFile(await fileOf("other"), await fileOf("one"));
    assert.equal(await reasonOf(store.read("one")), "DATA_STORAGE_UNRECOVERABLE");
  });

  it("does not make new keys for texts that have lost theirs", async () => {
    await rm(join(folder, "keys"));
    for (const [verb, use] of uses) {
      assert.equal(await reasonOf(use()), "DATA_STORAGE_UNRECOVERABLE", verb);
    }
    await heals();
  });

  it("is begun anew where it was removed", async () => {
    await rm(folder, { recursive: true });
    assert.equal(await store.read("one"), undefined);
    assert.equal(await store.exclusively(async () => "mine"), "mine");
    await heals();
  });

  it("is not available, for any verb, when it may be written or read by others", async () => {
    for (const mode of [0o701, 0o740, 0o770, 0o1777]) {
      await chmod(folder, mode);
      for (const [verb, use] of uses) {
        assert.equal(await reasonOf(use()), "DATA_STORAGE_NOT_AVAILABLE", verb);
      }
      assert.equal(await reasonOf(store.clear()), "DATA_STORAGE_NOT_AVAILABLE");
      const locked = store.exclusively(async () => assert.fail("worked"));
      assert.equal(await reasonOf(locked), "DATA_STORAGE_NOT_AVAILABLE");
    }
    await chmod(folder, 0o700);
    assert.equal(await store.read("one"), "secret text");
  });

  it("is not available where it cannot be", async () => {
    const places = [join(await fileOf("one"), "below"), "/dev/null/store", "/dev/null", "a\0b"];
    for (const place of places) {
      const nowhere = fileStorage(place);
      assert.equal(await reasonOf(nowhere.read("one")), "DATA_STORAGE_NOT_AVAILABLE", place);
      assert.equal(await reasonOf(nowhere.clear()), "DATA_STORAGE_NOT_AVAILABLE", place);
    }
  });

  it("is not available while folders are in the place of its files", async () => {
    for (const file of ["keys", "lock"].map((name) => join(folder, name))) {
      const content = await readFile(file);
      await rm(file);
      await mkdir(file);
      const use = file.endsWith("keys") ? store.read("one") : store.exclusively(async () => "");
      assert.equal(await reasonOf(use), "DATA_STORAGE_NOT_AVAILABLE");
      await rm(file, { recursive: true });
      await writeFile(file, content);
    }
    assert.equal(await store.read("one"), "secret text");
  });

  it("sweeps what a dead process left, but not what a living one is writing", async () => {
    const file = join(folder, temporary);
    await writeFile(file, "half a te");
    const formerKeys = join(folder, `${"0".repeat(32)}.one`);
    await writeFile(formerKeys, "of former keys");
    assert.equal(await fileStorage(folder).read("one"), "secret text");
    assert((await readdir(folder)).includes(temporary));
    await assert.rejects(stat(formerKeys), { code: "ENOENT" });
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(file, hoursAgo, hoursAgo);
    assert.equal(await fileStorage(folder).read("one"), "secret text");
    await assert.rejects(stat(file), { code: "ENOENT" });
  });
});
