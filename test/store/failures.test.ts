// Stores that fail: cut off, silent, locked, broken. None of them may look like a store that has
// nothing.
import assert, { AssertionError } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  access,
  copyFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { milliseconds, systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import type { Durable } from "../../server/store/durable.ts";
import { openDurable } from "../../server/store/durable.ts";
import { engineOf } from "../../server/store/engines/table.ts";
import type { Store } from "../../server/store/store.ts";
import { openStore } from "../../server/store/store.ts";
import type { TcpProxy as StoreProxy } from "../support/proxy.ts";
import { startProxy } from "../support/proxy.ts";
import type { StorePlace, StoreRow } from "../support/stores.ts";
import { openOrSkip, openSqlitePlace, storeRows } from "../support/stores.ts";
import { ephemeralVerbs } from "./laws/ephemeral_laws.ts";

const unavailable = { name: "Refusal", reason: "UNAVAILABLE" };
const minute = milliseconds(60_000);
const open = ({ durable, ephemeral }: StorePlace): Promise<Store> =>
  openStore({ durable, ephemeral, clock: systemClock, log: silentLog });

const execution = {
  id: "id",
  script: "script",
  version: 1,
  recordedAt: systemClock.now(),
  failed: false,
  summary: "{}",
  detail: "{}",
  recording: null,
};

const durableCalls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  findAccess: (store) => store.tokens.findAccess("hash", systemClock.now()),
  findRefresh: (store) => store.tokens.findRefresh("hash"),
  revokeFamily: (store) => store.tokens.revokeFamily("id", "why", systemClock.now()),
  claim: (store) => {
    const now = systemClock.now();
    return store.assertionMarks.claim("client", "jti", milliseconds(now + minute), now);
  },
  addFirst: (store) => {
    const now = systemClock.now();
    const key = { kid: "k", publicJwk: {}, sealedPrivate: "", createdAt: now, activeFrom: now };
    return store.signingKeys.addFirst(key);
  },
  load: (store) => store.configuration.load(),
  apply: (store) => store.configuration.apply(0, [], [], [], systemClock.now()),
  add: (store) => store.executions.add([execution]),
  list: (store) => store.executions.list({}, undefined, 1),
  ping: (store) => store.ping(),
  sweep: (store) => store.sweep(),
};

const cacheCalls: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  store: async (store) => store.scriptCache.store("k", "v"),
  fetch: async (store) => store.scriptCache.fetch("k"),
  delete: async (store) => store.scriptCache.delete("k"),
  take: async (store) => store.scriptCache.take("k"),
};

// Every call of a store whose engine does not work. One whose verb needs no engine is not among
// them.
async function assertNothingWorks(store: Store, row: StoreRow): Promise<void> {
  const calls: [string, Promise<unknown>][] = [];
  for (const [name, verb] of Object.entries(ephemeralVerbs)) {
    if (name !== "sweep" || row.ownDurable) calls.push([name, verb(store.ephemeral)]);
  }
  for (const [name, call] of Object.entries(cacheCalls)) calls.push([name, call(store)]);
  if (row.ownDurable) {
    for (const [name, call] of Object.entries(durableCalls)) calls.push([name, call(store)]);
  }
  await Promise.all(calls.map(([name, call]) => assert.rejects(call, unavailable, name)));
}

for (const row of storeRows().filter(({ name }) => name !== "SQLite")) {
  describe(`a store on ${row.name} that fails`, function () {
    this.timeout(30_000);
    let place: StorePlace;
    let proxy: StoreProxy;
    let store: Store;

    before(async function () {
      const direct = await openOrSkip(row, this);
      const target = new URL(direct.ephemeral);
      proxy = await startProxy(`${target.hostname}:${target.port || 5432}`);
      target.host = proxy.address;
      const { durable, cleanup } = direct;
      place = { durable: row.ownDurable ? target.href : durable, ephemeral: target.href, cleanup };
    });
    beforeEach(async () => {
      store = await open(place);
      await store.ephemeral.put("registration_transaction", "k", "v", minute);
      await store.scriptCache.store("k", "v");
    });
    afterEach(async () => {
      proxy?.mend();
      await store?.[Symbol.asyncDispose]();
    });
    after(async () => {
      await proxy?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });

    // A connection that was lost is found out by the first call after it.
    const worksAgain = async (): Promise<void> => {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await store.ping();
          break;
        } catch (error) {
          if (attempt === 50) throw error;
        }
        await sleep(100);
      }
      assert.equal(await store.ephemeral.get("rate_limit", "nothing"), undefined);
    };

    it("rejects when it is cut off, then works again by itself", async () => {
      proxy.cut();
      await assertNothingWorks(store, row);
      await assertNothingWorks(store, row);
      await assert.rejects(open(place), unavailable);
      proxy.mend();
      await worksAgain();
    });

    it("rejects in a few seconds when it is silent, then works again by itself", async () => {
      proxy.silence();
      await assertNothingWorks(store, row);
      proxy.mend();
      await worksAgain();
    });

    it("rejects what was under way when it is cut off", async () => {
      const calls = Array.from({ length: 200 }, (_, index) =>
        store.ephemeral.take("registration_transaction", `${index}`),
      );
      const answers = Promise.allSettled(calls);
      // The calls are on the wire by then, and few have come back.
      await new Promise((resume) => setImmediate(resume));
      proxy.cut();
      const rejected = (await answers).filter(({ status }) => status === "rejected");
      assert(rejected.length > 0);
      for (const { reason } of rejected as PromiseRejectedResult[]) {
        assert.equal(reason.reason, "UNAVAILABLE");
      }
      proxy.mend();
      await worksAgain();
    });
  });
}

for (const row of storeRows().filter(({ name }) => name !== "SQLite")) {
  describe(`a store on ${row.name} whose answer is lost on the way`, function () {
    this.timeout(20_000);

    it("never asks twice, which would find that what was taken is not there", async function () {
      const place = await openOrSkip(row, this);
      const target = new URL(place.ephemeral);
      const [port, host] = [Number(target.port || 5432), target.hostname];
      let losesAnswers = false;
      const server = createServer((caller) => {
        const engine = connect(port, host);
        caller.on("data", (chunk) => engine.write(chunk));
        engine.on("data", (chunk) => {
          if (losesAnswers) caller.destroy();
          else caller.write(chunk);
          losesAnswers = false;
        });
        caller.on("close", () => engine.destroy()).on("error", () => {});
        engine.on("close", () => caller.destroy()).on("error", () => {});
      });
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      target.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      try {
        const { openEphemeral } = engineOf(target.href);
        await using ephemeral = await openEphemeral(target.href, systemClock);
        await ephemeral.put("jwks", "k", "v", minute);
        // Every connection is up and knows the statement, so that the lost answer is that of the
        // call.
        for (let call = 0; call < 6; call += 1) await ephemeral.take("jwks", "other");
        losesAnswers = true;
        await assert.rejects(ephemeral.take("jwks", "k"), unavailable);
        // It was taken all the same.
        for (let attempt = 0; attempt < 20; attempt += 1) {
          await sleep(50);
          const [again] = await Promise.allSettled([ephemeral.take("jwks", "k")]);
          if (again.status === "rejected") continue;
          assert.equal(again.value, undefined);
          return;
        }
        assert.fail("the store did not come back");
      } finally {
        server.close();
        await place.cleanup();
      }
    });
  });
}

describe("two units on PostgreSQL that stop each other", function () {
  this.timeout(20_000);

  it("both happen, one after the other", async function () {
    const row = storeRows().find(({ name }) => name === "PostgreSQL")!;
    const place = await openOrSkip(row, this);
    const durable = await openDurable(place.durable);
    const raise = (id: string) =>
      durable.db
        .updateTable("assertion_mark")
        .set((mark) => ({ expires_at: mark("expires_at", "+", 1) }))
        .where("id", "=", id)
        .compile();
    const pause = durable.db
      .selectNoFrom(({ fn, val, cast }) =>
        cast<string>(fn<string>("pg_sleep", [val(0.2)]), "text").as("slept"),
      )
      .compile();
    try {
      const ids = ["a", "b"];
      const values = ids.map((id) => ({ id, expires_at: 0 }));
      await durable.db.insertInto("assertion_mark").values(values).execute();
      await Promise.all(
        [ids, ids.toReversed()].map(([first, second]) =>
          durable.unit([
            { query: raise(first!), expect: 1 },
            { query: pause },
            { query: raise(second!), expect: 1 },
          ]),
        ),
      );
      const marks = await durable.db.selectFrom("assertion_mark").select("expires_at").execute();
      assert.deepEqual(marks, [{ expires_at: 2 }, { expires_at: 2 }]);
    } finally {
      await durable[Symbol.asyncDispose]();
      await place.cleanup();
    }
  });
});

describe("a store on PostgreSQL whose sessions are ended", function () {
  this.timeout(20_000);

  it("does not go on with half a transaction, nor mix up answers later", async function () {
    const row = storeRows().find(({ name }) => name === "PostgreSQL")!;
    const place = await openOrSkip(row, this);
    const durable = await openDurable(place.durable);
    const endMySession = durable.db
      .selectNoFrom(({ fn }) =>
        fn<boolean>("pg_terminate_backend", [fn<number>("pg_backend_pid")]).as("ended"),
      )
      .compile();
    const mark = (id: string) =>
      durable.db.insertInto("assertion_mark").values({ id, expires_at: 1 }).compile();
    const marks = durable.db.selectFrom("assertion_mark").select("id");
    try {
      await durable.touched(mark("before"));
      const unit = [{ query: mark("a") }, { query: endMySession }, { query: mark("b") }];
      await assert.rejects(durable.unit(unit), unavailable);
      const transaction = durable.transaction(async (db) => {
        await db.executeQuery(mark("c"));
        await assert.rejects(db.executeQuery(endMySession), unavailable);
        // Even work that overlooks the failure is not done in part.
        await db.executeQuery(mark("d"));
      });
      await assert.rejects(transaction, unavailable);
      for (let lane = 0; lane < 3; lane += 1) await assert.rejects(durable.rows(endMySession));
      for (let call = 0; call < 20; call += 1) {
        assert.deepEqual(await durable.rows(marks.compile()), [{ id: "before" }]);
      }
      await durable.unit([{ query: mark("after"), expect: 1 }]);
      assert.equal((await durable.rows(marks.compile())).length, 2);
    } finally {
      await durable[Symbol.asyncDispose]();
      await place.cleanup();
    }
  });
});

describe("a store on SQLite", function () {
  this.timeout(20_000);
  let place: StorePlace;
  beforeEach(async () => {
    place = await openSqlitePlace();
  });
  afterEach(() => place.cleanup());
  const fileOf = (url: string): string => url.slice("sqlite:".length);

  it("rejects writes while another process keeps the file locked, and still reads", async () => {
    await using store = await open(place);
    const now = systemClock.now();
    const other = new DatabaseSync(fileOf(place.durable));
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 10);
    const claim = store.assertionMarks.claim("c", "j", milliseconds(now + minute), now);
    const apply = store.configuration.apply(0, [], [], [], now);
    await Promise.all([assert.rejects(claim, unavailable), assert.rejects(apply, unavailable)]);
    clearInterval(timer);
    assert(turns > 50, `waiting kept the loop from turning more than ${turns} times`);
    assert.equal(await store.configuration.revision(), 0);
    other.exec("ROLLBACK");
    other.close();
    assert.equal(await store.assertionMarks.claim("c", "j", milliseconds(now + minute), now), true);
  });

  it("rejects when its tables are gone, and never says that it has nothing", async () => {
    await using store = await open(place);
    for (const url of [place.durable, place.ephemeral]) {
      const other = new DatabaseSync(fileOf(url));
      const tables = other.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
      other.exec("PRAGMA foreign_keys=OFF");
      for (const { name } of tables) other.exec(`DROP TABLE ${name}`);
      other.close();
    }
    for (const [name, verb] of Object.entries(ephemeralVerbs)) {
      await assert.rejects(verb(store.ephemeral), unavailable, name);
    }
    for (const [name, call] of Object.entries(durableCalls)) {
      await assert.rejects(call(store), unavailable, name);
    }
  });

  const losses: Readonly<Record<string, (file: string) => Promise<void>>> = {
    emptied: (file) => truncate(file, 0),
    cut: async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
    "renamed away": (file) => rename(file, `${file}.old`),
    deleted: (file) => rm(file),
    "replaced by a copy": async (file) => {
      await copyFile(file, `${file}.copy`);
      await rename(`${file}.copy`, file);
    },
  };
  for (const which of ["durable", "ephemeral"] as const) {
    for (const [what, lose] of Object.entries(losses)) {
      it(`does not say that it serves once its ${which} file was ${what} (SEC-87)`, async () => {
        await using store = await open(place);
        const other = new DatabaseSync(fileOf(place[which]));
        other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        other.close();
        await store.ping();
        await store.ping();
        await lose(fileOf(place[which]));
        await assert.rejects(store.ping(), unavailable);
        await assert.rejects(store.ping(), unavailable);
      });
    }
  }

  it("does not say that it serves while its only writer cannot write (SEC-87)", async () => {
    await using store = await open(place);
    const other = new DatabaseSync(fileOf(place.durable));
    other.exec("BEGIN IMMEDIATE");
    await assert.rejects(store.ping(), unavailable);
    other.exec("ROLLBACK");
    other.close();
    await store.ping();
  });

  it("serves on when somebody makes its file smaller as SQLite does, and when it grows", async () => {
    await using store = await open(place);
    const other = new DatabaseSync(fileOf(place.durable));
    other.exec("CREATE TABLE big AS SELECT randomblob(1000000) AS b");
    other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    await store.ping();
    const before = (await stat(fileOf(place.durable))).size;
    other.exec("DROP TABLE big; VACUUM");
    await store.ping();
    other.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    assert((await stat(fileOf(place.durable))).size < before);
    await store.ping();
    other.exec("CREATE TABLE big AS SELECT randomblob(100000) AS b");
    await store.ping();
    other.close();
  });

  it("changes nothing when it is asked whether it serves", async () => {
    await using store = await open(place);
    await store.configuration.apply(0, [], [], [], systemClock.now());
    await store.ephemeral.put("jwks", "k", "v", minute);
    await store.ping();
    assert.equal(await store.configuration.revision(), 1);
    assert.equal(await store.ephemeral.get("jwks", "k"), "v");
  });

  it("keeps the locks of its file when the file is opened again in this process", async function () {
    // Only Linux shows its locks like this.
    const shown = await readFile("/proc/locks", "utf8").catch(() => undefined);
    if (shown === undefined) this.skip();
    await using _ = await open(place);
    await using __ = await open(place);
    const locks = await readFile("/proc/locks", "utf8");
    for (const url of [place.durable, place.ephemeral]) {
      const { ino } = await stat(fileOf(url));
      assert.match(locks, new RegExp(` ${process.pid} \\w+:\\w+:${ino} `));
    }
  });

  it("does not open a file that is no database", async () => {
    await writeFile(fileOf(place.durable), "no database at all, but long enough to be read as one");
    await assert.rejects(open(place), unavailable);
  });

  it("is readable by its owner only", async () => {
    await using _ = await open(place);
    for (const url of [place.durable, place.ephemeral]) {
      for (const suffix of ["", "-wal"]) {
        assert.equal((await stat(fileOf(url) + suffix)).mode & 0o077, 0);
      }
    }
  });

  describe("whose transaction waits for something else", () => {
    let durable: Durable;
    beforeEach(async () => {
      durable = await openDurable(place.durable);
    });
    afterEach(() => durable[Symbol.asyncDispose]());
    const insert = (id: string) =>
      durable.db.insertInto("assertion_mark").values({ id, expires_at: 1 });

    it("undoes it and says so, instead of keeping every writer waiting", async () => {
      const waiting = durable.transaction(async (db) => {
        await db.executeQuery(insert("a"));
        await sleep(50);
        await db.executeQuery(insert("b"));
      });
      const beside = durable.touched(insert("c").compile());
      await assert.rejects(waiting, AssertionError);
      assert.equal(await beside, 1);
      const rows = await durable.db.selectFrom("assertion_mark").select("id").execute();
      assert.deepEqual(
        rows.map(({ id }) => id),
        ["c"],
      );
    });

    it("undoes one that waits for a write outside itself, which is then done", async () => {
      const waiting = durable.transaction(async (db) => {
        await db.executeQuery(insert("a"));
        await durable.touched(insert("outside").compile());
      });
      await assert.rejects(waiting, AssertionError);
      const rows = await durable.db.selectFrom("assertion_mark").select("id").execute();
      assert.deepEqual(
        rows.map(({ id }) => id),
        ["outside"],
      );
    });
  });
});

describe("a Redis that evicts", function () {
  this.timeout(20_000);
  const program = "/usr/bin/redis-server";

  it("is refused, unless it never has to or is told not to", async function () {
    if (
      !(await access(program).then(
        () => true,
        () => false,
      ))
    ) {
      if (process.env.CI === "true") throw new Error(`${program} is not there`);
      console.log(`      skipped: ${program} is not there`);
      this.skip();
    }
    const folder = await mkdtemp(join(tmpdir(), "gatewright-redis-"));
    const port = await freePort();
    const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const server = spawn(program, options, { stdio: "ignore" });
    const url = `redis://127.0.0.1:${port}`;
    const tell = async (name: string, value: string): Promise<void> => {
      const { Redis } = await import("ioredis");
      const redis = new Redis(url);
      // The server may still be starting; the command waits for it.
      redis.on("error", () => {});
      await redis.config("SET", name, value);
      redis.disconnect();
    };
    const opens = async (): Promise<void> => {
      await using _ = await engineOf(url).openEphemeral(url, systemClock);
    };
    try {
      await tell("maxmemory", "0");
      await tell("maxmemory-policy", "allkeys-lru");
      await opens();
      await tell("maxmemory", "10mb");
      await assert.rejects(opens(), { name: "AssertionError", message: /noeviction/ });
      await tell("maxmemory-policy", "noeviction");
      await opens();
    } finally {
      const ended = once(server, "exit");
      server.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
