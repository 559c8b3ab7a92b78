// What the server notes of registrations, of rejected callers and of administrators, and how API clients
// find it (D-63, SEC-77, SEC-78).
import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { asAdmin, putSetup } from "../support/administrator.ts";
import { authenticated, newKey } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { keyClient, portal, registerPhone, tokensOf } from "../support/client.ts";
import { eventsOf, getEvents, listedEvents } from "../support/events.ts";
import { basic, get, postForm, postJson, send } from "../support/http.ts";
import type { Json } from "../support/script_administrator.ts";
import { postAdmin, readAdmin } from "../support/script_administrator.ts";
import { serverFor } from "../support/server.ts";
import { letIn, say, secrets, usualScripts, usualSetup } from "../support/usual_setup.ts";

const puppetSha = hash("sha256", usualScripts["puppet.js"]!, "base64url");
const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("events (D-63)", function () {
  this.timeout(60_000);
  let phone: KeyClient;
  const server = serverFor(usualSetup);
  before(async () => {
    phone = await registerPhone(server());
  });
  const noted = (work: () => Promise<unknown>) => eventsOf(server(), work);
  const typesOf = (events: readonly Json[], prefix = "CUSTOM_REGISTRATION"): string[] =>
    events.map(({ event_type }) => event_type).filter((type) => type.startsWith(prefix));
  const only = (events: readonly Json[], type: string): Json => {
    const found = events.filter(({ event_type }) => event_type === type);
    assert.equal(found.length, 1, JSON.stringify(events));
    return found[0];
  };
  const profile_id = "EVENT1";

  describe("of registrations", () => {
    it("say who registered, where, with which script, and how it came out", async () => {
      const from = Date.now();
      const events = await noted(async () =>
        tokensOf(await phone.complete("puppet", { data: letIn("Ann"), profile_id })),
      );
      const event = only(events, "CUSTOM_REGISTRATION_COMPLETE_SUCCESS");
      assert.match(event.event_identifier, uuidForm);
      assert.match(event.transaction_id, /^ONEGINI-[0-9a-f-]{36}$/);
      assert.ok(event.occurred >= from && event.occurred <= Date.now());
      const { event_identifier, transaction_id, occurred, ...rest } = event;
      assert.deepEqual(rest, {
        event_name: "Custom registration complete success",
        event_type: "CUSTOM_REGISTRATION_COMPLETE_SUCCESS",
        client_id: phone.clientId,
        app_name: "app",
        user_id: "Ann",
        client_ip: "127.0.0.1",
        details: {
          identity_provider: "puppet",
          script: "identity_providers/puppet/complete",
          script_version: "1",
          script_sha256: puppetSha,
          profile: profile_id,
          status: "2000",
        },
      });
    });

    it("tie both steps together without naming the transaction", async () => {
      let transaction_id = "";
      const events = await noted(async () => {
        transaction_id = String(
          (await phone.init("steps", { data: say(2000) })).json.transaction_id,
        );
        const body = { data: say(4001), profile_id: "EVENT3", transaction_id };
        await phone.complete("steps", body);
        tokensOf(await phone.complete("steps", { ...body, data: letIn("Ben") }));
      });
      assert.deepEqual(typesOf(events), [
        "CUSTOM_REGISTRATION_INIT_SUCCESS",
        "CUSTOM_REGISTRATION_COMPLETE_FAILURE",
        "CUSTOM_REGISTRATION_COMPLETE_SUCCESS",
      ]);
      const names = new Set(
        events
          .filter(({ event_type }) => event_type.startsWith("CUSTOM"))
          .map((event) => event.transaction_id),
      );
      assert.equal(names.size, 1);
      assert.ok(!JSON.stringify(events).includes(transaction_id));
      const found = await listedEvents(server(), `transaction_id=${[...names][0]}`);
      assert.equal(typesOf(found).length, 3);
    });

    const stateless = "urn:onewelcome:oauth2:grant_type:stateless_authentication";
    const ends: readonly [string, string, () => Promise<unknown>][] = [
      ["an init that says no", "INIT_FAILURE", () => phone.init("steps", { data: say(5000) })],
      [
        "a stateless one",
        "STATELESS_COMPLETE_SUCCESS",
        () => phone.complete("puppet", { data: letIn("Cas"), grant_type: stateless }),
      ],
      [
        "a stateless one that says no",
        "STATELESS_COMPLETE_FAILURE",
        () => phone.complete("puppet", { data: say(4000), grant_type: stateless }),
      ],
      ["a backchannel", "BACKCHANNEL_SUCCESS", () => portalOf().backchannel("puppet", say(2000))],
      [
        "a backchannel's no",
        "BACKCHANNEL_FAILURE",
        () => portalOf().backchannel("puppet", say(5001)),
      ],
      ["what is too long", "BAD_REQUEST", () => phone.init("steps", { data: "x".repeat(70_000) })],
      [
        "hooks that are no texts",
        "BAD_REQUEST",
        () => phone.complete("puppet", { profile_id, hook_context_custom_params: { a: [1] } }),
      ],
      [
        "a profile that is none",
        "BAD_REQUEST",
        () => phone.complete("puppet", { profile_id: "no" }),
      ],
      ["an init without one", "BAD_REQUEST", () => phone.init("puppet", { data: say(2000) })],
      ["an unknown provider", "INVALID_IDENTITY_PROVIDER", () => phone.complete("nowhere")],
      ["a disabled provider", "DISABLED_IDENTITY_PROVIDER", () => phone.complete("off")],
      ["another's provider", "DISABLED_IDENTITY_PROVIDER", () => phone.init("unlinked")],
      [
        "a scope that is not allowed",
        "INVALID_SCOPE",
        () => phone.complete("puppet", { profile_id, scope: ["all"] }),
      ],
      [
        "an unknown transaction",
        "INVALID_TRANSACTION",
        () => phone.complete("steps", { profile_id, transaction_id: "AAAAAAAAAAAAAAAAAAAAAA" }),
      ],
    ];
    const portalOf = () => portal(server(), "portal", secrets.portal);
    for (const [what, type, work] of ends) {
      it(`note ${what} as ${type}, once`, async () => {
        assert.deepEqual(typesOf(await noted(work)), [`CUSTOM_REGISTRATION_${type}`]);
      });
    }

    it("note a grant type that the application does not have", async () => {
      const strict = await registerPhone(server(), "strict");
      const work = () => strict.complete("puppet", { grant_type: stateless });
      assert.deepEqual(typesOf(await noted(work)), ["CUSTOM_REGISTRATION_INVALID_GRANT_TYPE"]);
    });

    it("lead from a script's error to its execution", async () => {
      let error_id: unknown;
      const events = await noted(async () => {
        ({ error_id } = (await phone.complete("puppet", { data: "{", profile_id })).json);
      });
      const { details, client_id } = only(events, "CUSTOM_REGISTRATION_SCRIPT_ERROR");
      assert.equal(client_id, phone.clientId);
      assert.match(details.error_id, uuidForm);
      if (error_id !== undefined) assert.equal(details.error_id, error_id);
      assert.deepEqual([details.script_version, details.script_sha256], ["1", puppetSha]);
      assert.equal(
        (await readAdmin(server(), `executions/${details.error_id}`)).execution.id,
        details.error_id,
      );
    });
  });

  describe("of callers who are rejected", () => {
    const wrong = basic("portal", "wrong-secret-000");
    const nobody = async () =>
      keyClient(server(), phone.clientId, await newKey()).complete("puppet", { profile_id });
    const rows: readonly [string, string, () => Promise<unknown>, string][] = [
      ["a phone", "CLIENT_VALIDATION_INVALID_CLIENT", nobody, ""],
      [
        "a portal at the backchannel",
        "API_AUTHENTICATION_FAILED",
        () => portal(server(), "portal", "wrong-secret-000").backchannel("puppet", say(2000)),
        "portal",
      ],
      [
        "a client at the token endpoint",
        "TOKEN_REQUEST_INVALID_CLIENT_CREDENTIALS",
        () =>
          postForm(
            `${server().http}/oauth/v1/token`,
            { grant_type: "client_credentials" },
            { authorization: wrong },
          ),
        "portal",
      ],
      [
        "a client that revokes",
        "TOKEN_REVOKE_CLIENT_INVALID",
        () =>
          postForm(`${server().http}/oauth/v1/revoke`, { token: "a" }, { authorization: wrong }),
        "portal",
      ],
      [
        "a resource server",
        "TOKEN_INTROSPECTION_FAILED",
        () => portal(server(), "portal", "wrong-secret-000").introspect("A".repeat(64)),
        "portal",
      ],
      [
        "a reader of events",
        "API_AUTHENTICATION_FAILED",
        () => getEvents(server(), "", { authorization: wrong } as never),
        "portal",
      ],
      [
        "an administrator",
        "ADMIN_AUTHENTICATION_FAILURE",
        () => get(`${server().admin}/admin/v1/setup`, { authorization: wrong }),
        "portal",
      ],
    ];
    for (const [who, type, work, claimed] of rows) {
      it(`note ${who}, whose claim to be a client they do not believe`, async () => {
        const event = only(await noted(work), type);
        assert.equal(event.client_id, undefined);
        assert.equal(event.details.claimed_client_id, claimed || phone.clientId);
      });
    }

    it("note a client without the scope, which is known", async () => {
      const { authorization } = portal(server(), "portal", secrets.portal);
      const events = await noted(() => getEvents(server(), "", { authorization } as never));
      const event = only(events, "API_ACCESS_NOT_ALLOWED_INVALID_SCOPES");
      assert.deepEqual([event.client_id, event.event_agent_user], ["portal", "portal"]);
    });

    it("note a client without the scope that asks about tokens, as it is known", async () => {
      const { authorization } = portal(server(), "viewer", secrets.viewer);
      const url = `${server().http}/oauth/api/v2/token/introspect`;
      const events = await noted(async () => {
        const { status } = await postForm(url, { token: "A".repeat(64) }, { authorization });
        assert.equal(status, 403);
      });
      const event = only(events, "API_ACCESS_NOT_ALLOWED_INVALID_SCOPES");
      assert.equal(event.event_agent_user, "viewer");
    });

    it("note a client that is no administrator and tries to be one", async () => {
      const { authorization } = portal(server(), "portal", secrets.portal);
      const events = await noted(async () => {
        for (const path of ["setup", "scripts", "executions", "audit/checkpoint"]) {
          const { status } = await get(`${server().admin}/admin/v1/${path}`, { authorization });
          assert.equal(status, 403);
        }
        assert.equal((await putSetup(server(), {}, { authorization })).status, 403);
      });
      assert.deepEqual(
        events.map((event) => [event.event_type, event.event_agent_user]),
        Array(5).fill(["API_ACCESS_NOT_ALLOWED_INVALID_SCOPES", "portal"]),
      );
    });

    it("note requests that the contract does not allow", async () => {
      const long = { idp: "puppet", data: "x", client_assertion: "x".repeat(70_000) };
      const events = await noted(() =>
        postJson(`${server().http}/oauth/v2/custom-registration/puppet/complete`, long),
      );
      assert.deepEqual(typesOf(events), ["CUSTOM_REGISTRATION_BAD_REQUEST"]);
    });
  });

  describe("of administrators", () => {
    it("tell what was applied, with the scripts by their digests (SEC-77)", async () => {
      const source = "function execute() { return { status: 2001 }; }";
      const events = await noted(async () => {
        const answer = await putSetup(server(), {
          files: { "n.js": source },
          identity_providers: [
            { id: "new", type: "CUSTOM_API_ONE_STEP", scripts: { complete: "n.js" } },
          ],
          properties: [{ id: "hidden", value: "a-very-secret-value", sensitive: true }],
        });
        assert.equal(answer.status, 200, answer.text);
      });
      const { details, event_agent_user } = only(events, "ADMIN_SETUP_APPLIED");
      assert.equal(event_agent_user, "admin");
      const texts = Object.values(details);
      const sha256 = hash("sha256", source, "base64url");
      assert.ok(texts.includes("added identity_providers/new"), JSON.stringify(details));
      assert.ok(texts.includes(`identity_providers/new/complete ${sha256}`));
      assert.ok(texts.includes("added properties/hidden"));
      assert.ok(!JSON.stringify(events).includes("a-very-secret-value"));
    });

    it("leave nothing where nothing was changed", async () => {
      const events = await noted(async () => {
        assert.equal(
          (await putSetup(server(), { properties: [{ id: "bad id", nonsense: 1 }] })).status,
          400,
        );
        await putSetup(server(), {});
      });
      assert.deepEqual(typesOf(events, "ADMIN"), []);
    });

    it("tell of the set-up at the start", async () => {
      const [event] = (
        await listedEvents(server(), "event_type=ADMIN_SETUP_APPLIED&size=1000")
      ).slice(-1);
      assert.deepEqual([event.event_agent_user, event.client_ip], ["set-up file", undefined]);
    });

    const rows: readonly [string, string, object, () => Promise<{ status: number }>][] = [
      [
        "a script that goes live",
        "ADMIN_SCRIPT_ACTIVATED",
        { script: "identity_providers/mirror/complete", version: "1", before: "2" },
        async () => {
          const scripts = { complete: "m.js", backchannel: "m.js" };
          await putSetup(server(), {
            files: { "m.js": "function execute() { return { status: 2000 }; }" },
            identity_providers: [{ id: "mirror", type: "CUSTOM_API_ONE_STEP", scripts }],
          });
          return postAdmin(
            server(),
            "scripts/identity_providers/mirror/complete/versions/1/activate",
          );
        },
      ],
      [
        "an export",
        "ADMIN_DATA_READ",
        { read: "exportSetup" },
        () => get(`${server().admin}/admin/v1/setup`, asAdmin),
      ],
      [
        "a comparison, which tells whether a secret was guessed",
        "ADMIN_DATA_READ",
        { read: "diffSetup" },
        () => postAdmin(server(), "setup/diff"),
      ],
      [
        "a look at executions",
        "ADMIN_DATA_READ",
        { read: "listExecutions" },
        () => get(`${server().admin}/admin/v1/executions`, asAdmin),
      ],
      [
        "a look at scripts",
        "ADMIN_DATA_READ",
        { read: "listScripts" },
        () => get(`${server().admin}/admin/v1/scripts`, asAdmin),
      ],
      ["keys that rotate", "JWT_KEYS_ROTATED", {}, () => postAdmin(server(), "keys/rotate")],
      [
        "an object that goes",
        "ADMIN_OBJECT_REMOVED",
        { kind: "properties", id: "goes" },
        async () => {
          await putSetup(server(), { properties: [{ id: "goes", value: "1" }] });
          const url = `${server().admin}/admin/v1/setup/properties/goes`;
          return send(url, { method: "DELETE", headers: asAdmin });
        },
      ],
    ];
    for (const [what, type, details, work] of rows) {
      it(`tell of ${what}`, async () => {
        let status = 0;
        const events = await noted(async () => {
          ({ status } = await work());
        });
        assert.ok(status === 200 || status === 204, `${status}`);
        const event = only(events, type);
        assert.equal(event.event_agent_user, "admin");
        for (const [name, value] of Object.entries(details))
          assert.equal(event.details[name], value);
      });
    }
  });

  it("are found by whoever asks right after, and asking is an event itself", async () => {
    const [newest] = await listedEvents(server(), "");
    assert.notEqual(newest.event_type, undefined);
    const [listed] = await listedEvents(server(), "event_type=API_EVENTS_LISTED&size=1");
    assert.deepEqual([listed.client_id, listed.event_agent_user], ["viewer", "viewer"]);
  });

  describe("in a page (Events API)", () => {
    const user = 'Pager İ "quoted" 👍 \u202e';
    const amount = 1_050;
    const query = (more: string) => `user_id=${encodeURIComponent(user)}&${more}`;
    before(async () => {
      const data = letIn(user);
      const grant_type = "urn:onewelcome:oauth2:grant_type:stateless_authentication";
      for (let done = 0; done < amount; done += 50) {
        await Promise.all(
          Array.from({ length: 50 }, async () => {
            const answer = await phone.complete("puppet", { data, grant_type });
            assert.equal(answer.status, 200, answer.text);
          }),
        );
      }
    });
    const success = "event_type=CUSTOM_REGISTRATION_STATELESS_COMPLETE_SUCCESS";

    it("come newest first, each once, whatever the size of the page", async () => {
      const seen: Json[] = [];
      for (let page = 0; page < 3; page += 1) {
        const answer = await getEvents(server(), query(`${success}&size=500&page=${page}`));
        seen.push(...(answer.json.result_set as Json[]));
        const { pagination } = answer.json as Json;
        assert.deepEqual(
          [pagination.total_results, pagination.number_of_pages, pagination.offset],
          [amount, 3, page * 500],
        );
        assert.deepEqual(pagination.next_page, page === 2 ? null : page + 1);
        assert.deepEqual(pagination.previous_page, page === 0 ? null : page - 1);
        assert.deepEqual(pagination.visible_pages, [0, 1, 2]);
      }
      assert.equal(new Set(seen.map(({ event_identifier }) => event_identifier)).size, amount);
      const times = seen.map(({ occurred }) => occurred);
      assert.deepEqual(
        times,
        times.toSorted((a, b) => b - a),
      );
      assert.ok(seen.every(({ user_id }) => user_id === user));
    });

    it("are twenty when nothing else is asked, and none behind the last", async () => {
      assert.equal((await listedEvents(server(), query(success))).length, 20);
      const { json } = await getEvents(server(), query(`${success}&page=999`));
      assert.deepEqual((json as Json).result_set, []);
    });

    it("are found by user regardless of case, and by each other filter", async () => {
      const lower = `user_id=${encodeURIComponent(user.toLowerCase())}&${success}&size=1000`;
      const found = await listedEvents(server(), lower);
      assert.equal(found.length, 1_000);
      const middle = found[500].occurred;
      const count = async (more: string) =>
        ((await getEvents(server(), query(more))).json as Json).pagination.total_results;
      const all = await count(success);
      assert.equal(all, amount);
      const since = await count(`${success}&start_date=${middle}`);
      const until = await count(`${success}&end_date=${middle}`);
      const before = await count(`${success}&end_date=${middle}&end_date_exclusive=true`);
      const after = await count(`${success}&start_date=${middle + 0.5}`);
      assert.deepEqual([since + before, until + after], [all, all]);
      assert.ok(until > before);
      const at = await count(`${success}&start_date=${middle}&end_date=${middle}`);
      assert.equal(at, until - before);
      assert.equal(await count(`${success}&client_id=${phone.clientId}`), all);
      assert.equal(await count(`${success}&client_id=portal`), 0);
      assert.equal(await count(`${success}&transaction_id=${found[3].transaction_id}`), 1);
      assert.equal(await count(`${success}&event_type=NO_SUCH_TYPE`), all);
      assert.equal(await count("event_type=NO_SUCH_TYPE"), 0);
      assert.equal(
        await count(`${success}&exclude_event_type=CUSTOM_REGISTRATION_STATELESS_COMPLETE_SUCCESS`),
        0,
      );
      assert.equal(await count(`${success}&exclude_event_type=NO_SUCH_TYPE`), all);
    });

    it("are found by no text that could break the search", async () => {
      for (const text of ["'", "\u0000", "%", "' or 1=1 --", "\\", "x".repeat(255)]) {
        const given = encodeURIComponent(text);
        for (const name of ["user_id", "client_id", "transaction_id"]) {
          assert.deepEqual(await listedEvents(server(), `${name}=${given}`), []);
        }
        const type = encodeURIComponent(text.slice(0, 128));
        assert.deepEqual(await listedEvents(server(), `event_type=${type}`), []);
      }
    });

    for (const bad of [
      "size=0",
      "size=1001",
      "page=-1",
      "start_date=x",
      "start_date=-1",
      "end_date=9e15",
      `user_id=${"x".repeat(257)}`,
    ]) {
      it(`are refused for ${bad.slice(0, 20)}`, async () => {
        assert.equal((await getEvents(server(), bad)).status, 400);
      });
    }
  });

  it("hold no token, secret, assertion or payload, nor does the log (SEC-78)", async () => {
    const tokens = tokensOf(
      await phone.complete("puppet", {
        data: letIn("Dee", { more: "payload-marker-1" }),
        profile_id: "EVENT2",
        scope: ["read", "openid"],
      }),
    );
    const refreshed = tokensOf(
      await phone.refresh(tokens.refresh_token!, { profile_id: "EVENT2" }),
    );
    const { client_assertion } = (await authenticated(phone)) as unknown as Record<string, string>;
    await phone.complete("puppet", { client_assertion, data: "payload-marker-2", profile_id });
    await listedEvents(server(), "");
    const forbidden = [
      ...[tokens, refreshed].flatMap((one) => [one.access_token, one.refresh_token, one.id_token]),
      ...Object.values(secrets),
      client_assertion,
      "payload-marker-1",
      "payload-marker-2",
    ].filter((text) => text !== undefined);
    const all = JSON.stringify(await listedEvents(server(), "size=1000"));
    const data = join(server().folder, "data");
    const files = readdirSync(data).filter(
      (name) => name.includes("identity") || name.endsWith(".db") || name.endsWith("-wal"),
    );
    assert.ok(files.length > 0);
    const stored = files.map((name) => readFileSync(join(data, name), "latin1")).join("");
    for (const text of forbidden) {
      assert.ok(!all.includes(text), text);
      assert.ok(!server().log().includes(text), text);
      // What scripts are given may be recorded, which is its own setting.
      if (!text.startsWith("payload")) assert.ok(!stored.includes(text), text);
    }
    const events = server()
      .log()
      .split("\n")
      .filter((line) => line.includes('"event":"event"'));
    assert.deepEqual(events, [], "events are in the log only when somebody debugs");
  });

  it("are all there after the server was stopped at once (SIGTERM)", async () => {
    const grant_type = "urn:onewelcome:oauth2:grant_type:stateless_authentication";
    const data = letIn("Last");
    await Promise.all(
      Array.from({ length: 60 }, () => phone.complete("puppet", { data, grant_type })),
    );
    await server().stop("SIGTERM");
    await server().restart();
    const found = await listedEvents(
      server(),
      "user_id=last&size=1000&event_type=CUSTOM_REGISTRATION_STATELESS_COMPLETE_SUCCESS",
    );
    assert.equal(found.length, 60);
  });
});
