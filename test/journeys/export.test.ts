// An export is a set-up: applied where it came from it changes nothing, and a fresh server to which
// it is applied exports the same.
import assert from "node:assert/strict";
import { exportedSetup, putSetup } from "../support/administrator.ts";
import { portal } from "../support/client.ts";
import { basic } from "../support/http.ts";
import { serverFor, startServer } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";

type Objects = readonly Readonly<Record<string, unknown>>[];

const sealed = "sealed-value-1b6f";
const sayer = (text: string): string =>
  `function execute() { return { status: 2000, responsePayload: "${text}" }; }`;
const provider = (id: string) => ({
  id,
  type: "CUSTOM_API_ONE_STEP",
  scripts: { complete: "same.js", backchannel: "same.js" },
});

/** Gives an export the secrets that it was given without. */
function withSecrets(exported: Readonly<Record<string, unknown>>): object {
  const known: Readonly<Record<string, string>> = secrets;
  const clients = (exported.clients as Objects).map((client) => {
    const secret = known[String(client.id)];
    return secret === undefined ? client : { ...client, secret };
  });
  const properties = (exported.properties as Objects).map((property) =>
    property.sensitive === true ? { ...property, value: sealed } : property,
  );
  return { ...exported, clients, properties };
}

describe("an export", function () {
  this.timeout(60_000);
  const server = serverFor(async () => {
    const { setup, files } = await usualSetup();
    const properties = [
      { id: "open", value: "x" },
      { id: "closed", value: sealed, sensitive: true },
    ];
    return { setup: { ...setup, properties, egress: { allow: ["https://example.com"] } }, files };
  });
  const texts = async (place: Parameters<typeof portal>[0]): Promise<unknown[]> => {
    const actor = portal(place, "portal", secrets.portal);
    const answers = ["one", "two", "three"].map((id) => actor.backchannel(id));
    return (await Promise.all(answers)).map(({ json }) => json.data);
  };

  before(async () => {
    for (const id of ["one", "two", "three"]) {
      const setup = { files: { "same.js": sayer(id) }, identity_providers: [provider(id)] };
      const answer = await putSetup(server(), setup);
      assert.equal(answer.status, 200, answer.text);
    }
  });

  it("keeps scripts apart that came from files of one name", async () => {
    assert.deepEqual(await texts(server()), ["one", "two", "three"]);
    const { files, identity_providers } = await exportedSetup(server());
    const sources = (identity_providers as Objects)
      .filter(({ id }) => ["one", "two", "three"].includes(String(id)))
      .map(({ id, scripts }) => {
        const { complete } = scripts as Record<string, string>;
        return [id, (files as Record<string, string>)[complete ?? ""]];
      });
    const wanted = ["one", "three", "two"].map((id) => [id, sayer(id)]);
    assert.deepEqual(sources, wanted);
  });

  it("changes nothing where it came from, however often it is applied", async () => {
    const exported = await exportedSetup(server());
    for (const time of ["first", "second"]) {
      assert.deepEqual((await putSetup(server(), exported)).json, {}, time);
    }
    assert.deepEqual(await exportedSetup(server()), exported);
    assert.deepEqual(await texts(server()), ["one", "two", "three"]);
  });

  it("has the messages of a type, and a set-up that changes one changes them alone", async () => {
    const { mobile_authentication: now } = await exportedSetup(server());
    const { types } = now as { types: readonly { name: string; messages?: object }[] };
    const login = types.find(({ name }) => name === "login");
    assert.deepEqual(login?.messages, { en: "Log in?", nl: "Inloggen?", "pt-br": "Entrar?" });
    const change = { action: "changed", kind: "types", id: "login", fields: ["messages"] };
    const others: readonly [messages: object | undefined, changes: readonly object[]][] = [
      [{ "pt-br": "Entrar?", nl: "Inloggen?", en: "Log in?" }, []],
      [{ ...login?.messages, no: "Logge inn?" }, [change]],
      [{ en: "Log in now?" }, [change]],
      [undefined, [change]],
      [login?.messages, [change]],
    ];
    for (const [messages, changes] of others) {
      const wanted = { mobile_authentication: { types: [{ ...login, messages }] } };
      const { json } = await putSetup(server(), wanted);
      assert.deepEqual(json.changes ?? [], changes);
    }
    assert.deepEqual((await exportedSetup(server())).mobile_authentication, now);
  });

  it("with its secrets changes nothing there either", async () => {
    const exported = await exportedSetup(server());
    assert.deepEqual((await putSetup(server(), withSecrets(exported))).json, {});
  });

  it("with its secrets makes a fresh server export the same", async () => {
    const exported = await exportedSetup(server());
    await using fresh = await startServer();
    await fresh.logged("first start");
    const [, secret = ""] = /first start: .* (\S+)$/m.exec(fresh.log()) ?? [];
    const authorization = basic("admin", secret);
    const applied = await putSetup(fresh, withSecrets(exported), { authorization });
    assert.equal(applied.status, 200, applied.text);
    assert.deepEqual(await exportedSetup(fresh), exported);
    assert.deepEqual(await texts(fresh), ["one", "two", "three"]);
    assert.deepEqual((await putSetup(fresh, await exportedSetup(fresh))).json, {});
  });
});
