// The laws of events: they form a chain without gaps or forks, whatever was changed by hand is found, lists
// take every filter, and removing the oldest keeps the rest provable.
import assert from "node:assert/strict";
import { milliseconds } from "../../../server/core/clock.ts";
import { configurationIn } from "../../../server/store/configuration.ts";
import type { Durable } from "../../../server/store/durable.ts";
import { openDurable } from "../../../server/store/durable.ts";
import type { EventFilter, Events } from "../../../server/store/events.ts";
import { eventsIn } from "../../../server/store/events.ts";
import { scriptsIn } from "../../../server/store/scripts.ts";
import { signingKeysIn } from "../../../server/store/signing_keys.ts";
import { chain, draft, drafts, start, verified } from "../../support/audit.ts";
import type { StorePlace, StoreRow } from "../../support/stores.ts";
import { openOrSkip } from "../../support/stores.ts";

const count = 300;

/** What somebody does to the tables by hand, and what is then found. */
interface Tampering {
  readonly what: string;
  readonly does: (durable: Durable) => Promise<unknown>;
  readonly found: readonly string[];
}

const setColumns = (seq: number, columns: object) => (durable: Durable) =>
  durable.db.updateTable("event").set(columns).where("seq", "=", seq).execute();
const remove = (seq: number) => (durable: Durable) =>
  durable.db.deleteFrom("event").where("seq", "=", seq).execute();
const setEnds = (columns: object) => (durable: Durable) =>
  durable.db.updateTable("event_chain").set(columns).execute();

async function flipBody(durable: Durable): Promise<void> {
  const { body } = await durable.db
    .selectFrom("event")
    .select("body")
    .where("seq", "=", 100)
    .executeTakeFirstOrThrow();
  await setColumns(100, { body: body.replace("192.0.2.1", "192.0.2.2") })(durable);
}

async function flipMac(durable: Durable, seq: number): Promise<void> {
  const { mac } = await durable.db
    .selectFrom("event")
    .select("mac")
    .where("seq", "=", seq)
    .executeTakeFirstOrThrow();
  await setColumns(seq, { mac: (mac[0] === "A" ? "B" : "A") + mac.slice(1) })(durable);
}

async function swap(durable: Durable): Promise<void> {
  for (const [from, to] of [
    [100, -1],
    [200, 100],
    [-1, 200],
  ] as const) {
    await setColumns(from, { seq: to })(durable);
  }
}

const tamperings: readonly Tampering[] = [
  { what: "one byte of a text", does: flipBody, found: ["changed 100"] },
  {
    what: "a text that is no JSON",
    does: setColumns(100, { body: "{" }),
    found: ["changed 100"],
  },
  ...['{"user_id":5}', '{"details":{"a":1}}', "[]", "7", '{"occurred":"x","event_type":{}}'].map(
    (body) => ({
      what: `a text of another form, ${body}`,
      does: setColumns(100, { body }),
      found: ["changed 100"],
    }),
  ),
  ...(
    [
      ["occurred_at", start],
      ["type", "ID_TOKEN_CREATED "],
      ["user_key", "somebody else"],
      ["user_key", null],
      ["client_id", "another"],
      ["transaction_id", null],
    ] as const
  ).map(([column, value]) => ({
    what: `${column} alone, to ${value}`,
    does: setColumns(100, { [column]: value }),
    found: ["changed 100"],
  })),
  { what: "a proof", does: (d) => flipMac(d, 100), found: ["changed 100", "changed 101"] },
  {
    what: "the last proof",
    does: (d) => flipMac(d, count),
    found: [`changed ${count}`, `end_wrong ${count}`],
  },
  { what: "one taken from the middle", does: remove(100), found: ["missing 100"] },
  { what: "the first one taken", does: remove(1), found: ["missing 1"] },
  { what: "the last one taken", does: remove(count), found: [`missing ${count}`] },
  {
    what: "two that changed places",
    does: swap,
    found: ["changed 100", "changed 101", "changed 200", "changed 201"],
  },
  {
    what: "the last one taken, and the end moved",
    async does(durable) {
      await remove(count)(durable);
      const [last] = await eventsIn(durable).read(count - 1, 1);
      await setEnds({ last_seq: count - 1, last_mac: last?.mac })(durable);
    },
    found: [`end_wrong ${count - 1}`],
  },
  { what: "the seal", does: setEnds({ seal: "x" }), found: [`end_wrong ${count}`] },
  {
    what: "the end of a chain that has not begun",
    does: setEnds({ last_seq: 0, last_mac: "", seal: "" }),
    found: ["end_wrong 0"],
  },
  {
    what: "the old end moved over some that were taken",
    async does(durable) {
      const [tenth] = await eventsIn(durable).read(10, 1);
      await durable.db.deleteFrom("event").where("seq", "<=", 10).execute();
      await setEnds({ removed_seq: 10, removed_mac: tenth?.mac })(durable);
    },
    found: [`end_wrong ${count}`],
  },
  {
    what: "one that goes on behind the end",
    does: async (durable) => {
      const [row] = await durable.db.selectFrom("event").selectAll().where("seq", "=", 1).execute();
      const mac = chain.mac("", count + 1, row!.body);
      await durable.db
        .insertInto("event")
        .values({ ...row!, seq: count + 1, mac })
        .execute();
    },
    found: [`changed ${count + 1}`, `end_wrong ${count}`],
  },
  {
    what: "an end beside the end",
    does: async (durable) => {
      const [ends] = await durable.db.selectFrom("event_chain").selectAll().execute();
      await durable.db
        .insertInto("event_chain")
        .values({ ...ends!, id: 0, last_seq: 1 })
        .execute();
    },
    found: [],
  },
];

/** Describes the laws of events for one way to keep data. */
export function eventLaws(row: StoreRow): void {
  describe(`events in ${row.name} (D-63, SEC-77)`, function () {
    this.timeout(20_000);
    let place: StorePlace;
    let durable: Durable;
    let events: Events;

    before(async function () {
      place = await openOrSkip(row, this);
      durable = await openDurable(place.durable);
      events = eventsIn(durable);
    });
    beforeEach(async () => {
      await durable.db.deleteFrom("event").execute();
      await durable.db.deleteFrom("event_chain").where("id", "!=", 1).execute();
      const none = { last_seq: 0, last_mac: "", removed_seq: 0, removed_mac: "", seal: "" };
      await setEnds(none)(durable);
    });
    after(async () => {
      await durable?.[Symbol.asyncDispose]();
      await place?.cleanup();
    });
    const append = (first: number, last: number) =>
      events.append({ events: drafts(first, last), chain });
    const check = (checkpoints: readonly string[] = []) => verified({ events }, checkpoints);
    const checkpoint = async (): Promise<string> => {
      const { lastSeq: seq, lastMac: mac } = await events.ends();
      return chain.writeCheckpoint({ seq, at: start, mac });
    };

    it("form no chain before the first, which holds", async () => {
      const { verified: found, problems, last } = await check([await checkpoint()]);
      assert.deepEqual([found, problems, last.end, last.first, last.last], [0, [], 0, 0, 0]);
    });

    it("are numbered on and proved, in batches of every size", async () => {
      let next = 1;
      for (const size of [1, 2, 3, 127, 128, 129, 257]) {
        assert.equal(await append(next, next + size - 1), "intact");
        next += size;
      }
      const { verified: found, problems, last } = await check();
      assert.deepEqual([found, problems], [next - 1, []]);
      assert.deepEqual([last.end, last.last, last.first], [next - 1, next - 1, 1]);
      const numbers = (await events.read(1, 1_000)).map(({ body }) => JSON.parse(body).details);
      assert.deepEqual(
        numbers.map(({ number }) => Number(number)),
        Array.from({ length: next - 1 }, (_, index) => index + 1),
      );
    });

    it("take turns when many append at once", async () => {
      await Promise.all(Array.from({ length: 40 }, (_, index) => append(index * 5, index * 5 + 4)));
      const { verified: found, problems } = await check();
      assert.deepEqual([found, problems], [200, []]);
    });

    it("are walked in stretches, each of which knows where it begins and ends", async () => {
      await append(1, 5_000);
      await append(5_001, 5_007);
      const early = chain.writeCheckpoint({
        seq: 4_000,
        at: start,
        mac: (await events.read(4_000, 1))[0]!.mac,
      });
      const { verified: found, problems, last } = await check([early, await checkpoint()]);
      assert.deepEqual([found, problems], [5_007, []]);
      assert.deepEqual([last.first, last.last, last.end], [5_001, 5_007, 5_007]);
      await remove(5_000)(durable);
      assert.deepEqual((await check()).problems, ["missing 5000"]);
    });

    for (const { what, does, found } of tamperings) {
      it(`show what was done to them: ${what}`, async () => {
        await append(1, count);
        await does(durable);
        assert.deepEqual((await check()).problems, found);
      });
    }

    it("show an end that was wound back with its old seal to those who have a checkpoint", async () => {
      await append(1, 50);
      const [old] = await durable.db.selectFrom("event_chain").selectAll().execute();
      const first = await checkpoint();
      await append(51, 60);
      const second = await checkpoint();
      await durable.db.deleteFrom("event").where("seq", ">", 50).execute();
      await setEnds(old!)(durable);
      assert.deepEqual((await check()).problems, []);
      assert.deepEqual((await check([first])).problems, []);
      assert.deepEqual((await check([first, second])).problems, ["checkpoint_wrong 60"]);
      await append(61, 75);
      assert.deepEqual((await check([first, second])).problems, ["checkpoint_wrong 60"]);
    });

    it("believe no checkpoint that was made elsewhere or changed", async () => {
      await append(1, 10);
      const good = await checkpoint();
      const forged = [
        "",
        "gw1",
        good.slice(0, -1),
        good.replace("gw1.10.", "gw1.9."),
        good.replace("gw1", "gw2"),
        `${good}.`,
        `gw1.10.${start}..${"A".repeat(43)}`,
      ];
      const { problems } = await check([good, ...forged]);
      assert.deepEqual(
        problems,
        forged.map(() => "checkpoint_wrong 0"),
      );
    });

    it("go on behind an end that was changed, which stays marked", async () => {
      await append(1, 10);
      await remove(10)(durable);
      const anew = eventsIn(durable);
      assert.equal(await anew.append({ events: drafts(11, 12), chain }), "broken");
      assert.equal(await append(13, 13), "broken");
      const { problems } = await check();
      assert.deepEqual(problems, ["missing 10", "end_wrong 13"]);
    });

    it("go on behind the end, wherever somebody put one by hand", async () => {
      await append(1, 10);
      const [row] = await durable.db.selectFrom("event").selectAll().where("seq", "=", 1).execute();
      for (const seq of [Number.MAX_SAFE_INTEGER, 15]) {
        await durable.db
          .insertInto("event")
          .values({ ...row!, seq })
          .execute();
      }
      for (const number of [11, 12, 13]) {
        assert.equal(await eventsIn(durable).append({ events: [draft(number)], chain }), "broken");
      }
      assert.equal((await events.ends()).lastSeq, 18);
      assert.equal((await check()).problems[0], "missing 11");
    });

    it("say when the end was wound back under whoever goes on writing", async () => {
      await append(1, 10);
      const [old] = await durable.db.selectFrom("event_chain").selectAll().execute();
      await append(11, 20);
      await durable.db.deleteFrom("event").where("seq", ">", 10).execute();
      await setEnds(old!)(durable);
      assert.equal(await append(21, 22), "broken");
    });

    it("leave a gap where the last one was taken before others came", async () => {
      await append(1, 10);
      await remove(10)(durable);
      await append(11, 12);
      assert.deepEqual((await check()).problems, ["missing 10"]);
    });

    it("are appended by two that both remember an end, the one after the other", async () => {
      const other = eventsIn(durable);
      for (let number = 1; number <= 20; number += 2) {
        await append(number, number);
        await other.append({ events: [draft(number + 1)], chain });
      }
      const { verified: found, problems } = await check();
      assert.deepEqual([found, problems], [20, []]);
    });

    it("go on behind an end that was set back to the beginning, which stays marked", async () => {
      await append(1, 10);
      await setEnds({ last_seq: 0, last_mac: "", seal: "" })(durable);
      assert.equal(await append(11, 12), "broken");
      assert.deepEqual((await check()).problems, ["end_wrong 12"]);
    });

    it("stay provable while the oldest go", async () => {
      await append(1, 450);
      const early = await checkpoint();
      await append(451, 460);
      const old = (until: number) => (event: { seq: number }) => event.seq <= until;
      assert.equal(await events.prune(chain, old(430)), 200);
      assert.equal(await events.prune(chain, old(430)), 200);
      assert.equal(await events.prune(chain, old(430)), 30);
      assert.equal(await events.prune(chain, old(430)), 0);
      const { verified: found, problems, last } = await check([early]);
      assert.deepEqual([found, problems, last.removed, last.first], [30, [], 430, 431]);
      assert.equal(await append(461, 470), "intact");
      assert.equal(await events.prune(chain, () => true), 39);
      assert.deepEqual((await check([early])).problems, []);
      assert.deepEqual(
        (await events.read(0, 9)).map(({ seq }) => seq),
        [470],
      );
    });

    it("never go from the middle, nor beyond a gap", async () => {
      await append(1, 20);
      assert.equal(await events.prune(chain, ({ seq }) => seq !== 4 && seq < 10), 3);
      await remove(7)(durable);
      assert.equal(await events.prune(chain, () => true), 3);
      assert.equal(await events.prune(chain, () => true), 0);
      assert.deepEqual((await check()).problems, ["missing 7"]);
    });

    it("keep a removed one from coming back unseen", async () => {
      await append(1, 20);
      const [second] = await durable.db
        .selectFrom("event")
        .selectAll()
        .where("seq", "=", 2)
        .execute();
      await events.prune(chain, ({ seq }) => seq <= 10);
      await durable.db.insertInto("event").values(second!).execute();
      assert.deepEqual((await check()).problems, ["changed 2"]);
    });

    const newest = Array.from({ length: 40 }, (_, index) => 40 - index);
    const filters: readonly [string, EventFilter, (number: number) => boolean][] = [
      ["nothing", {}, () => true],
      ["a user", { userKey: "user 1" }, (n) => n % 3 === 1],
      ["a client", { clientId: "client 2" }, (n) => n % 5 === 2],
      ["a transaction", { transactionId: "ONEGINI-transaction 3" }, (n) => n >= 12 && n < 16],
      ["types", { types: ["ID_TOKEN_CREATED", "NO_SUCH"] }, (n) => n % 2 === 1],
      [
        "several types",
        { types: ["ID_TOKEN_CREATED", "DYNAMIC_REG_SUCCESS", "A", "B", "C"] },
        () => true,
      ],
      ["other types", { otherTypes: ["ID_TOKEN_CREATED"] }, (n) => n % 2 === 0],
      ["types that exclude each other", { types: ["A"], otherTypes: ["A"] }, () => false],
      ["from", { from: start + 30 }, (n) => n >= 30],
      ["before", { before: start + 30 }, (n) => n < 30],
      [
        "all at once",
        { userKey: "user 0", clientId: "client 0", types: ["ID_TOKEN_CREATED"], from: start + 1 },
        (n) => n % 15 === 0 && n % 2 === 1,
      ],
    ];
    for (const [what, filter, takes] of filters) {
      it(`are listed by ${what}, the newest first, and counted`, async () => {
        await append(1, 40);
        const expected = newest.filter(takes);
        const { total, rows } = await events.list(filter, 1, 5);
        assert.equal(total, expected.length);
        assert.deepEqual(
          rows.map(({ seq }) => seq),
          expected.slice(1, 6),
        );
      });
    }

    it("are listed by time, and those of one time by their place", async () => {
      const mixed = [draft(5), draft(2), draft(9), draft(2, "another")];
      await events.append({ events: mixed, chain });
      const { rows } = await events.list({}, 0, 10);
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        [3, 1, 4, 2],
      );
    });

    it("come with the change that they are about, or not at all", async () => {
      const configuration = configurationIn(durable);
      const revision = await configuration.revision();
      const carried = { events: [draft(1)], chain };
      const now = milliseconds(start);
      const source = { script: "s", source: "1", author: "ann", message: "" };
      assert.equal(
        await configuration.apply(revision - 1, [], [], [source], now, carried),
        "conflict",
      );
      assert.equal((await events.ends()).lastSeq, 0);
      assert.equal(await configuration.apply(revision, [], [], [source], now, carried), "applied");
      assert.equal(await scriptsIn(durable).activate(revision, "s", 1, carried), "conflict");
      assert.equal(await scriptsIn(durable).activate(revision + 1, "s", 9, carried), "unknown");
      assert.equal(await scriptsIn(durable).activate(revision + 1, "s", 1, carried), "activated");
      const key = {
        kid: "k1",
        publicJwk: {},
        sealedPrivate: "",
        createdAt: now,
        activeFrom: now,
      };
      await signingKeysIn(durable).add(key, carried);
      await assert.rejects(signingKeysIn(durable).add(key, carried));
      assert.deepEqual([(await check()).verified, (await check()).problems], [3, []]);
      await signingKeysIn(durable).remove("k1");
    });

    it("keep a change from happening that they cannot be written with", async () => {
      const configuration = configurationIn(durable);
      const revision = await configuration.revision();
      const failing = { ...chain, mac: () => assert.fail("no proof") };
      const carried = { events: [draft(1)], chain: failing };
      const object = { kind: "properties", id: "p", document: "{}", sealed: null };
      await assert.rejects(
        configuration.apply(revision, [object], [], [], milliseconds(start), carried),
        /no proof/,
      );
      assert.equal(await configuration.revision(), revision);
      assert.deepEqual(
        (await configuration.load()).objects.filter(({ id }) => id === "p"),
        [],
      );
    });
  });
}
