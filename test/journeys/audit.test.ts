// The audit as an administrator does it: a chain that holds while the server works, and a database that
// somebody changed behind its back (SEC-77).
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Said } from "../checks/check.ts";
import { say as program } from "../checks/check.ts";
import { asAdmin, putSetup } from "../support/administrator.ts";
import type { KeyClient } from "../support/client.ts";
import { portal, registerPhone } from "../support/client.ts";
import { eventsOf, listedEvents } from "../support/events.ts";
import { get, postJson } from "../support/http.ts";
import type { Json } from "../support/script_administrator.ts";
import { postAdmin, readAdmin } from "../support/script_administrator.ts";
import type { TestServer } from "../support/server.ts";
import { serverFor, startInVain, startServer } from "../support/server.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { letIn, say, secrets, usualSetup } from "../support/usual_setup.ts";

const main = join(import.meta.dirname, "../../clients/cli/main.ts");
const grant_type = "urn:onewelcome:oauth2:grant_type:stateless_authentication";

describe("the audit (SEC-77)", function () {
  this.timeout(60_000);
  let phone: KeyClient;
  const server = serverFor(usualSetup);
  before(async () => {
    phone = await registerPhone(server());
  });
  const cli = (...args: string[]): Promise<Said> =>
    program(server().folder, process.execPath, [main, "audit", ...args], {
      GATEWRIGHT_ADMIN_URL: server().admin,
      GATEWRIGHT_ADMIN_SECRET: secrets.admin,
    });
  const verify = async (body: object = {}): Promise<Json> => {
    const answer = await postAdmin(server(), "audit/verify", body);
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  const problems = async (body: object = {}): Promise<string[]> =>
    ((await verify(body)).findings ?? []).map(({ problem, at }: Json) => `${problem} ${at}`);
  const register = () => phone.complete("puppet", { data: letIn("Eve"), grant_type });

  /** Does something to the database of the running server, and then undoes it. */
  async function tampered(
    change: string,
    work: (database: DatabaseSync) => Promise<void>,
  ): Promise<void> {
    const data = join(server().folder, "data");
    const file = readdirSync(data).find((name) => {
      if (!name.endsWith(".db")) return false;
      using database = new DatabaseSync(join(data, name), { readOnly: true });
      return (
        database.prepare("select 1 from sqlite_master where name = 'event'").get() !== undefined
      );
    });
    assert(file);
    using database = new DatabaseSync(join(data, file), { timeout: 30_000 });
    database.exec(
      "begin immediate; create table kept as select * from event; " +
        "create table kept_chain as select * from event_chain; commit",
    );
    try {
      database.exec(change);
      await work(database);
    } finally {
      database.exec("begin immediate; delete from event; insert into event select * from kept");
      database.exec("delete from event_chain; insert into event_chain select * from kept_chain");
      database.exec("drop table kept; drop table kept_chain; commit");
    }
  }

  it("finds that all is well while many calls are under way", async () => {
    const calls = Array.from({ length: 80 }, register);
    const seen: Json[] = [];
    for (let tries = 0; tries < 10; tries += 1) seen.push(await verify());
    await Promise.all(calls);
    seen.push(await verify());
    for (const { findings } of seen) assert.deepEqual(findings ?? [], []);
    const last = seen.at(-1);
    assert.deepEqual([last.verified, last.first, last.last], [last.end, 1, last.end]);
    assert.ok(last.verified >= 80);
  });

  it("prints how many it verified, and exits with 0", async () => {
    const { code, stdout, stderr } = await cli("verify");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^\d+ events verified, seq 1 to \d+\n$/);
  });

  it("gives a checkpoint that holds for good, and a line of the log is as good", async () => {
    const { code, stdout } = await cli("checkpoint");
    assert.equal(code, 0);
    await register();
    const { checkpoint } = await readAdmin(server(), "audit/checkpoint");
    await register();
    const args = ["--checkpoint", stdout.trim(), "--checkpoint", checkpoint];
    assert.equal((await cli("verify", ...args)).code, 0);
    const forged = checkpoint.replace(/^gw1\.\d+/, "gw1.1");
    const { code: no, stdout: said } = await cli("verify", "--checkpoint", forged);
    assert.equal(no, 1);
    assert.match(said, /^\d+ events verified.*\ncheckpoint_wrong/);
  });

  const changes: readonly [string, string, RegExp][] = [
    [
      "a byte of a text",
      "update event set body = replace(body, '127.0.0.1', '127.0.0.2') where seq = 5",
      /^changed 5$/,
    ],
    ["a time", "update event set occurred_at = occurred_at + 1 where seq = 5", /^changed 5$/],
    ["a type", "update event set type = 'DYNAMIC_REG_SUCCESS' where seq = 6", /^changed 6$/],
    ["an event that is gone", "delete from event where seq = 7", /^missing 7$/],
    [
      "the newest event gone",
      "delete from event where seq = (select max(seq) from event)",
      /^missing \d+$/,
    ],
    ["the oldest event gone", "delete from event where seq = 1", /^missing 1$/],
    [
      "an event put elsewhere",
      "update event set seq = -5 where seq = 8; update event set seq = 8 where seq = 9; update event set seq = 9 where seq = -5",
      /^changed 8$/,
    ],
    ["all events gone", "delete from event", /^missing 1$/],
  ];
  for (const [what, change, found] of changes) {
    it(`shows ${what} while the server runs`, async () => {
      await register();
      await verify();
      await tampered(change, async () => {
        assert.match((await problems())[0] ?? "", found);
        const { code, stdout } = await cli("verify");
        assert.equal(code, 1);
        assert.match(stdout, /the chain of events does not hold\n$/);
      });
      assert.deepEqual(await problems(), []);
    });
  }

  it("shows that the newest were cut off together with the end, to those who have a checkpoint", async () => {
    await register();
    const { end } = await readAdmin(server(), "audit/checkpoint");
    await tampered("update event set seq = seq", async (database) => {
      const old = database.prepare("select * from event_chain").get() as Json;
      await register();
      await register();
      const { checkpoint } = await readAdmin(server(), "audit/checkpoint");
      database.prepare("delete from event where seq > ?").run(old.last_seq);
      database
        .prepare("update event_chain set last_seq = ?, last_mac = ?, seal = ?")
        .run(old.last_seq, old.last_mac, old.seal);
      assert.ok(old.last_seq >= end);
      assert.deepEqual(await problems(), []);
      assert.match((await problems({ checkpoints: [checkpoint] }))[0] ?? "", /^checkpoint_wrong /);
    });
  });

  it("goes on serving over a chain that was changed, and does not heal it", async () => {
    const change = "update event_chain set last_mac = 'A' || substr(last_mac, 2)";
    await tampered(change, async () => {
      assert.equal((await register()).status, 200);
      assert.match((await problems()).join(), /^end_wrong \d+$/);
      await server().logged("audit chain is not as it was written");
      const answer = await get(`${server().admin}/admin/v1/audit/checkpoint`, asAdmin);
      assert.equal(answer.status, 500, "nobody signs such an end");
    });
  });

  it("is for administrators, at their listener", async () => {
    const paths = ["/admin/v1/audit/verify", "/admin/v1/audit/checkpoint"] as const;
    const { authorization } = portal(server(), "portal", secrets.portal);
    for (const [base, headers, status] of [
      [server().admin, {}, 401],
      [server().admin, { authorization }, 403],
      [server().http, asAdmin, 404],
    ] as const) {
      assert.equal((await postJson(base + paths[0], {}, headers)).status, status);
      assert.equal((await get(base + paths[1], headers)).status, status);
    }
  });

  it("takes any number to begin with, and at most a hundred checkpoints", async () => {
    for (const first of [0, 0.5, 1, 3, 1e9, 1e300]) {
      const { findings, first: from } = await verify({ first });
      assert.deepEqual(findings ?? [], [], `${first}`);
      assert.ok((from ?? 0) <= 1e6);
    }
    for (const bad of [{ first: -1 }, { first: "x" }, { checkpoints: Array(101).fill("a") }]) {
      assert.equal((await postAdmin(server(), "audit/verify", bad)).status, 400);
    }
    assert.deepEqual(
      await problems({ checkpoints: ["", "\u0000", "👍"] }),
      Array(3).fill("checkpoint_wrong 0"),
    );
  });

  it("keeps a set-up from changing that it cannot note, and says so", async () => {
    const added = (id: string) => ({ properties: [{ id, value: "1" }] });
    const broken =
      "create trigger no_events before insert on event begin select raise(abort, 'full'); end";
    await tampered(broken, async (database) => {
      assert.equal((await putSetup(server(), added("unnoted"))).status, 503);
      database.exec("drop trigger no_events");
      assert.ok(!JSON.stringify(await readAdmin(server(), "setup")).includes("unnoted"));
      assert.equal((await putSetup(server(), added("noted"))).status, 200);
      assert.deepEqual(await problems(), []);
    });
  });
});

describe("what events are kept", function () {
  this.timeout(60_000);

  it("leaves out the types of the setting", async () => {
    const { setup, files } = await usualSetup();
    const env = {
      GATEWRIGHT_EVENTS_EXCLUDED: "CUSTOM_REGISTRATION_BACKCHANNEL_SUCCESS, ADMIN_DATA_READ",
    };
    await using server = await startServer({ setup, files, env });
    const events = await eventsOf(server, async () => {
      const client = portal(server, "portal", secrets.portal);
      await client.backchannel("puppet", say(2000));
      await client.backchannel("puppet", say(4000));
    });
    assert.deepEqual(
      events.map(({ event_type }) => event_type),
      ["CUSTOM_REGISTRATION_BACKCHANNEL_FAILURE"],
    );
  });

  it("takes no type that there is none of, and says which variable has it", async () => {
    const env = { GATEWRIGHT_EVENTS_EXCLUDED: "NO_SUCH_EVENT" };
    const { code, output } = await startInVain({ env });
    assert.notEqual(code, 0);
    assert.match(
      output,
      /^GATEWRIGHT_EVENTS_EXCLUDED: got "NO_SUCH_EVENT", which is no type of event\n$/,
    );
  });
});

describe("two servers on one PostgreSQL", function () {
  this.timeout(120_000);

  it("write one chain, which each of them verifies (SEC-77)", async function () {
    const row = storeRows().find(({ name }) => name === "PostgreSQL");
    assert(row);
    const place = await openOrSkip(row, this);
    try {
      const { setup, files } = await usualSetup();
      const secret = randomBytes(32).toString("base64");
      const env = {
        GATEWRIGHT_DURABLE: place.durable,
        GATEWRIGHT_EPHEMERAL: place.ephemeral,
        GATEWRIGHT_SECRET: secret,
      };
      await using one = await startServer({ setup, files, env });
      await using other = await startServer({
        setup,
        files,
        env: { ...env, GATEWRIGHT_ISSUER: one.issuer },
      });
      const servers: readonly TestServer[] = [one, other];
      const phones = await Promise.all(
        servers.map((server) => registerPhone({ http: server.http, issuer: one.issuer })),
      );
      await Promise.all(
        phones.flatMap((phone) =>
          Array.from({ length: 60 }, async () => {
            const answer = await phone.complete("puppet", { data: letIn("Both"), grant_type });
            assert.equal(answer.status, 200, answer.text);
          }),
        ),
      );
      for (const server of servers) await listedEvents(server, "");
      for (const server of servers) {
        const { json } = await postAdmin(server, "audit/verify");
        assert.deepEqual([json.findings ?? [], json.verified], [[], json.end]);
        const found = await listedEvents(
          server,
          "user_id=both&size=1000&event_type=CUSTOM_REGISTRATION_STATELESS_COMPLETE_SUCCESS",
        );
        assert.equal(found.length, 120);
      }
    } finally {
      await place.cleanup();
    }
  });
});
