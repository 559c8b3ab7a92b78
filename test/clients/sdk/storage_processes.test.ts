// Several processes on one folder: they race for it, and one is killed at any moment.
import assert from "node:assert/strict";
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { fileStorage } from "../../../clients/sdk/storage/file.ts";
import type { Work } from "./storage_process.ts";
import { countTimes, longText } from "./storage_process.ts";

const program = fileURLToPath(new URL("./storage_process.ts", import.meta.url));

interface Started extends AsyncDisposable {
  go(): void;
  /** Gives the next line that it says; undefined when it has ended. */
  line(): Promise<string | undefined>;
  /** Kills it so that it can do nothing more, and gives what it had still said. */
  kill(): Promise<string[]>;
}

async function start(folder: string, work: Work, shell = ""): Promise<Started> {
  const command = `${shell} exec "$0" "$@"`;
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(
    "/bin/sh",
    ["-c", command, process.execPath, program, folder, work],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const closed = once(child, "close");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string | undefined> => (await lines.next()).value;
  const kill = async (): Promise<string[]> => {
    child.kill("SIGKILL");
    const rest: string[] = [];
    for (let last = await line(); last !== undefined; last = await line()) rest.push(last);
    await closed;
    return rest;
  };
  assert.equal(await line(), "ready");
  return {
    go: () => child.stdin.write("go\n"),
    line,
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
    },
  };
}

describe("fileStorage in several processes", function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => {
    folder = join(await mkdtemp(join(tmpdir(), "gatewright-sdk-")), "store");
  });
  afterEach(() => rm(join(folder, ".."), { recursive: true }));

  /** Starts processes, lets them go at the same moment and gives what each says last. */
  async function race(works: readonly Work[]): Promise<(string | undefined)[]> {
    await using stack = new AsyncDisposableStack();
    const started = await Promise.all(works.map((work) => start(folder, work)));
    for (const each of started) stack.use(each);
    for (const { go } of started) go();
    return await Promise.all(started.map(({ line }) => line()));
  }

  it("loses no count when three count at once", async () => {
    const works = ["count", "count", "count"] as const;
    assert.deepEqual(await race(works), ["counted", "counted", "counted"]);
    assert.equal(await fileStorage(folder).read("count"), String(works.length * countTimes));
  });

  it("makes one key when four ask for it first", async () => {
    const keys = await race(["key", "key", "key", "key"]);
    assert.equal(new Set(keys).size, 1);
    assert.deepEqual(JSON.parse(keys[0]!), (await fileStorage(folder).signingKey()).publicJwk);
  });

  it("lets others work when a process was killed in exclusive work, also those who wait", async () => {
    await using holder = await start(folder, "hold");
    holder.go();
    assert.equal(await holder.line(), "held");
    await using waiting = await start(folder, "count");
    waiting.go();
    await fileStorage(folder).write("other", "writing needs no lock");
    assert.equal(await fileStorage(folder).read("count"), undefined);
    await holder.kill();
    assert.equal(await waiting.line(), "counted");
    assert.equal(await fileStorage(folder).exclusively(async () => "mine"), "mine");
  });

  it("has what was written last, whole, when the writer is killed at any moment", async () => {
    const store = fileStorage(folder);
    for (let time = 0; time < 12; time += 1) {
      await using writer = await start(folder, "writeForEver");
      writer.go();
      let acknowledged = await writer.line();
      // Different moments: the process goes on writing while this one comes to kill it.
      for (let more = 0; more < time % 3; more += 1) acknowledged = await writer.line();
      acknowledged = (await writer.kill()).at(-1) ?? acknowledged;
      const kept = await store.read("text");
      const letter = kept?.[0];
      assert(kept === longText(letter!), "a text is not whole");
      const next = "abcdefghij"[("abcdefghij".indexOf(acknowledged!) + 1) % 10];
      assert([acknowledged, next].includes(letter), `${acknowledged} was lost, ${letter} is there`);
    }
    assert.equal(await store.exclusively(() => store.read("none")), undefined);
  });

  it("can be used when a process was killed while it cleared", async () => {
    for (let time = 0; time < 12; time += 1) {
      await using clearing = await start(folder, "clearForEver");
      clearing.go();
      for (let more = 0; more <= time % 4; more += 1) await clearing.line();
      await clearing.kill();
      const store = fileStorage(folder);
      for (const name of ["one", "other"]) {
        assert([undefined, "text"].includes(await store.read(name)));
      }
      await store.write("mine", "kept");
      assert.equal(await fileStorage(folder).read("mine"), "kept");
    }
    await fileStorage(folder).clear();
    const left = (await readdir(folder)).filter((name) => !name.startsWith("new."));
    assert.deepEqual(left.toSorted(), ["keys", "lock"].slice(0, left.length));
  });

  it("says that it is not available when a file gets no room, and keeps the text of before", async () => {
    // Blocks of 512 bytes; without the signal the system refuses to write more, as a full disk does.
    await using writer = await start(folder, "overfill", "trap '' XFSZ; ulimit -f 100;");
    writer.go();
    assert.equal(await writer.line(), "DATA_STORAGE_NOT_AVAILABLE");
    const store = fileStorage(folder);
    assert.equal(await store.read("text"), "short");
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.startsWith("new.")),
      [],
    );
    await store.write("text", longText("z"));
    assert.equal(await store.read("text"), longText("z"));
  });
});
