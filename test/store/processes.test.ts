// Several processes on one store: they race, they migrate at once, and one is killed while it
// writes.
import assert from "node:assert/strict";
import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { milliseconds, systemClock } from "../../server/core/clock.ts";
import { silentLog } from "../../server/core/log.ts";
import { openDurable } from "../../server/store/durable.ts";
import { durableMigrations } from "../../server/store/migrations.ts";
import type { EnrolmentPolicy } from "../../server/store/mobile_enrolments.ts";
import type { Store } from "../../server/store/store.ts";
import { openStore } from "../../server/store/store.ts";
import { verified } from "../support/audit.ts";
import type { StorePlace } from "../support/stores.ts";
import { openOrSkip, openSqlitePlace, storeRows } from "../support/stores.ts";
import { newAnswer, newCallback, newEnrolment, newTransaction } from "./laws/mobile_store.ts";
import { at, newFamily, start } from "./laws/new_tokens.ts";
import type { Task } from "./store_process.ts";
import { each } from "./store_process.ts";

const program = fileURLToPath(new URL("./store_process.ts", import.meta.url));

interface Started {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Gives the next line that it says. */
  line(): Promise<string>;
}

function launch(task: Task): Started {
  const child = spawn(process.execPath, [program, JSON.stringify(task)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    async line() {
      const { value, done } = await lines.next();
      assert(!done, "the process ended before it said what came of its work");
      return value;
    },
  };
}

// Starts as many processes as have names, lets them go at the same moment, and gives their answers.
async function race<T>(task: Omit<Task, "me">, ...names: string[]): Promise<T[][]> {
  const started = names.map((me) => launch({ ...task, me }));
  try {
    for (const each of started) assert.equal(await each.line(), "ready");
    for (const each of started) each.process.stdin.write("go\n");
    return await Promise.all(started.map(async (each) => JSON.parse(await each.line()) as T[]));
  } finally {
    for (const each of started) each.process.kill("SIGKILL");
  }
}

for (const row of storeRows()) {
  describe(`two processes on ${row.name}`, function () {
    this.timeout(60_000);
    // Enough for every race to happen, yet bearable for an engine on a busy machine.
    const items = row.name === "SQLite" ? 2000 : 500;
    let place: StorePlace;
    let store: Store;

    before(async function () {
      place = await openOrSkip(row, this);
      const { durable, ephemeral } = place;
      store = await openStore({ durable, ephemeral, clock: systemClock, log: silentLog });
    });
    after(async () => {
      await store?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });
    const both = async <T>(work: Task["work"], count = items): Promise<[T, T][]> => {
      const task = { durable: place.durable, ephemeral: place.ephemeral, work, items: count };
      const [one, other] = await race<T>(task, "one", "other");
      return one!.map((answer, item) => [answer, other![item]!]);
    };

    it("append events that form one chain without gaps or forks (SEC-77)", async () => {
      const ends = await both<string>("append");
      assert.ok(ends.flat().every((end) => end === "intact"));
      const { verified: count, problems } = await verified(store);
      assert.deepEqual([count, problems], [2 * items, []]);
    });

    it("take every item once, and lose none", async () => {
      const life = milliseconds(60_000);
      await each(items, (item) => store.ephemeral.put("jwks", `take ${item}`, `${item}`, life));
      for (const [item, [one, other]] of (await both<string | null>("take")).entries()) {
        assert.deepEqual(
          [one, other].filter((value) => value !== null),
          [`${item}`],
        );
      }
    });

    it("put every item once, and what stays is the winner's", async () => {
      for (const [item, [one, other]] of (await both<boolean>("putIfAbsent")).entries()) {
        assert.notEqual(one, other);
        const kept = await store.ephemeral.get("jwks", `put ${item}`);
        assert.equal(kept, one ? "one" : "other");
      }
    });

    it("count every increment of one hot key", async () => {
      const counts = (await both<number>("increment")).flat().sort((a, b) => a - b);
      assert.deepEqual(
        counts,
        Array.from({ length: 2 * items }, (_, index) => index + 1),
      );
    });

    if (!row.ownDurable) return;

    it("claim every assertion once (D-04)", async () => {
      for (const [one, other] of await both<boolean>("claim")) assert.notEqual(one, other);
    });

    it("exchange every refresh token once, and both are given its successor (D-62)", async () => {
      const now = systemClock.now();
      const expiresAt = milliseconds(now + 60_000);
      await each(items, (item) =>
        store.tokens.issue({
          profile: "registers",
          family: {
            id: `family ${item}`,
            clientId: "client",
            userId: "user",
            profileId: `profile ${item}`,
            identityProvider: null,
            tokenType: "DEFAULT",
            scope: "",
            amr: [],
            userDetails: null,
            authTime: now,
            createdAt: now,
          },
          access: { hash: `access ${item}`, scope: "", issuedAt: now, expiresAt },
          refresh: { hash: `refresh ${item}`, createdAt: now, expiresAt },
        }),
      );
      for (const [item, results] of (await both<string>("rotate")).entries()) {
        assert.deepEqual(results.toSorted(), ["repeated", "rotated"]);
        const winner = results[0] === "repeated" ? "one" : "other";
        const loser = winner === "one" ? "other" : "one";
        assert((await store.tokens.findAccess(`access ${item} ${winner}`, now)) !== undefined);
        assert.equal(await store.tokens.findAccess(`access ${item} ${loser}`, now), undefined);
        const successor = await store.tokens.findRefresh(`successor ${item}`);
        assert.deepEqual([successor?.state, successor?.family.revokedAt], ["active", null]);
      }
    });

    // Each of these takes several calls to prepare.
    const few = items / 5;
    /** Registers a profile, enrolled or not, with a login of this id. */
    const register = async (
      profile: { readonly clientId: string; readonly profileId: string; readonly userId: string },
      session: string,
      enrolment?: string,
    ) => {
      const family = newFamily({ ...profile, id: session });
      await store.tokens.issue({ profile: "registers", family });
      if (enrolment === undefined) return;
      const terms = { session, applicationId: "app", policy: "MULTIPLE_DEVICES" } as const;
      await store.mobileEnrolments.put(newEnrolment(profile, { id: enrolment }), terms);
    };

    it("fetch every mobile transaction once (SEC-42)", async () => {
      for (const me of ["one", "other"]) {
        await register({ clientId: me, profileId: me, userId: me }, me, me);
      }
      await each(few, (item) =>
        store.mobileTransactions.add(newTransaction({ id: `fetch ${item}` })),
      );
      for (const [item, [one, other]] of (await both<boolean>("fetch", few)).entries()) {
        assert.notEqual(one, other);
        const found = await store.mobileTransactions.find(`fetch ${item}`);
        assert.equal(found?.enrolmentId, one ? "one" : "other");
      }
    });

    it("answer every mobile transaction once, and tell of that one answer (SEC-45)", async () => {
      const holder = { clientId: "both", profileId: "both", userId: "both" };
      await register(holder, "both", "both");
      const { mobileTransactions: transactions } = store;
      await each(few, async (item) => {
        const { id, otpHash } = newTransaction({ id: `answer ${item}` });
        await transactions.add(newTransaction({ id }));
        await transactions.fetch(id, otpHash, { ...holder, id: "both" }, at(1));
      });
      const results = await both<boolean>("answer", few);
      const told = new Set((await store.callbacks.list({}, 10 * few)).map(({ id }) => id));
      assert.equal(told.size, few);
      for (const [item, [one, other]] of results.entries()) {
        assert.notEqual(one, other);
        const { state } = (await transactions.find(`answer ${item}`))!;
        assert.equal(state, one ? "confirmed" : "denied");
        assert.ok(told.has(`msg_${item}_${one ? "one" : "other"}`));
      }
    });

    const enrolBoth = async (work: Task["work"], policy: EnrolmentPolicy) => {
      await each(few, async (item) => {
        const named = { profileId: `${policy} ${item}`, userId: `${policy} ${item}` };
        for (const clientId of ["one", "other"]) {
          await register({ clientId, ...named }, `${policy} ${item} ${clientId}`);
        }
      });
      const results = await both<string>(work, few);
      const stand = await each(few, async (item) => {
        const found = ["one", "other"].map((me) =>
          store.mobileEnrolments.find(me, `${policy} ${item}`),
        );
        return (await Promise.all(found)).map((enrolment) => enrolment?.revokedAt === null);
      });
      return { results, stand };
    };

    it("enrol every user on one of two devices, where that is all there may be", async () => {
      const { results, stand } = await enrolBoth("enrolAlone", "SINGLE_DEVICE");
      for (const [item, kinds] of results.entries()) {
        assert.deepEqual(kinds.toSorted(), ["elsewhere", "kept"]);
        assert.deepEqual(
          stand[item],
          kinds.map((kind) => kind === "kept"),
        );
      }
    });

    it("leave every user one of two devices, where the later ends the earlier", async () => {
      const { results, stand } = await enrolBoth("enrolInstead", "OVERRIDE");
      for (const [item, kinds] of results.entries()) {
        assert.deepEqual(kinds, ["kept", "kept"]);
        assert.deepEqual(stand[item]!.toSorted(), [false, true]);
      }
    });

    it("claim every callback once (SEC-61)", async () => {
      const holder = { clientId: "sent", profileId: "sent", userId: "sent" };
      await register(holder, "sent", "sent");
      await each(few, async (item) => {
        const { id, otpHash } = newTransaction({ id: `sent ${item}` });
        await store.mobileTransactions.add(newTransaction({ id }));
        await store.mobileTransactions.fetch(id, otpHash, { ...holder, id: "sent" }, at(1));
        const callback = newCallback({ transactionId: id, url: `https://${item % 5}.example/` });
        await store.mobileTransactions.answer(id, newAnswer("sent", { callback }));
      });
      const task = { durable: place.durable, ephemeral: place.ephemeral, items: few };
      const claimed = await race<string>({ ...task, work: "claimCallbacks" }, "one", "other");
      const claim = { lease: milliseconds(60_000), limit: 10 * few, except: [] };
      const rest = await store.callbacks.claim(start, claim);
      const all = await store.callbacks.list({}, 10 * few);
      assert.deepEqual(
        [...claimed.flat(), ...rest.map(({ id }) => id)].sort(),
        all.map(({ id }) => id).sort(),
      );
      assert.ok(all.every(({ attempts }) => attempts === 1));
    });

    it("make one OpenPGP key (D-53)", async () => {
      const { durable, ephemeral } = place;
      const task = { durable, ephemeral, work: "makeKey", items: 0 } as const;
      const [one, other] = await race<string>(task, "one", "other");
      const standing = await store.openPgpKeys.find();
      assert.deepEqual([one, other], [[standing?.fingerprint], [standing?.fingerprint]]);
    });

    it("start three at once and run each migration once", async function () {
      const fresh = await openOrSkip(row, this);
      try {
        const { durable, ephemeral } = fresh;
        const task = { durable, ephemeral, work: "open", items: 0 } as const;
        await race(task, "one", "two", "three");
        await using opened = await openDurable(durable);
        const run = opened.db
          .withTables<{ migration: { name: string } }>()
          .selectFrom("migration")
          .select("name");
        assert.deepEqual(
          (await run.execute()).map(({ name }) => name),
          Object.keys(durableMigrations),
        );
        assert.equal(
          (await opened.db.selectFrom("configuration_revision").selectAll().execute()).length,
          1,
        );
      } finally {
        await fresh.cleanup();
      }
    });
  });
}

describe("a process on SQLite that is killed while it writes", function () {
  this.timeout(30_000);

  it("has kept every write that it acknowledged", async () => {
    const place = await openSqlitePlace();
    try {
      const { durable, ephemeral } = place;
      const killed = launch({ durable, ephemeral, work: "claimForEver", items: 0, me: "killed" });
      assert.equal(await killed.line(), "ready");
      killed.process.stdin.write("go\n");
      const acknowledged: string[] = [];
      killed.process.once("exit", () => killed.process.stdout.destroy());
      while (acknowledged.length < 2000) acknowledged.push(await killed.line());
      killed.process.kill("SIGKILL");
      await once(killed.process, "exit");
      await using store = await openStore({
        durable,
        ephemeral,
        clock: systemClock,
        log: silentLog,
      });
      const now = systemClock.now();
      for (const item of acknowledged) {
        const again = await store.assertionMarks.claim(
          "client",
          item,
          milliseconds(now + 1000),
          now,
        );
        assert.equal(again, false, `claim ${item} was acknowledged and is lost`);
      }
    } finally {
      await place.cleanup();
    }
  });
});
