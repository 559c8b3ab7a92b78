// A client that publishes its keys itself: they are fetched once, looked for again at most once a
// minute, and kept while its key server is away.
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ClientKey } from "../support/assertions.ts";
import { newKey } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, keyClient, tokensOf } from "../support/client.ts";
import type { TestServer } from "../support/server.ts";
import { startServer } from "../support/server.ts";
import { letIn, usualSetup } from "../support/usual_setup.ts";

/** The key server of a client: what it publishes, and how often it was asked. */
interface KeyServer {
  readonly url: string;
  keys: readonly ClientKey[];
  asked: number;
  stop(): void;
}

async function startKeyServer(keys: readonly ClientKey[]): Promise<KeyServer> {
  const server: Server = createServer((_, response) => {
    result.asked += 1;
    const published = { keys: result.keys.map(({ publicJwk }) => publicJwk) };
    response.setHeader("content-type", "application/json").end(JSON.stringify(published));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const result: KeyServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    asked: 0,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
  return result;
}

/** The usual set-up with one more client, whose keys are at a URL, and what egress allows. */
async function setupWith(origin: string, allow: readonly string[]): Promise<object> {
  const { setup, files } = await usualSetup();
  const remote = {
    id: "remote",
    kind: "static",
    application: "app",
    jwks_uri: `${origin}/keys.json`,
  };
  return { setup: { ...setup, clients: [...setup.clients, remote], egress: { allow } }, files };
}

describe("a client with a jwks_uri", function () {
  this.timeout(60_000);
  let first: ClientKey;
  let second: ClientKey;
  let keyServer: KeyServer;
  let server: TestServer;
  before(async () => {
    [first, second] = [await newKey(), await newKey()];
    keyServer = await startKeyServer([first]);
    server = await startServer(await setupWith(keyServer.url, [keyServer.url]));
  });
  after(async () => {
    keyServer?.stop();
    await server?.[Symbol.asyncDispose]();
  });

  const client = (key: ClientKey): KeyClient => keyClient(server, "remote", key);
  const works = async (key: ClientKey): Promise<void> => {
    tokensOf(await client(key).complete("puppet", { data: letIn("alice"), profile_id: "W8DUJ2" }));
  };
  const isRefused = async (key: ClientKey): Promise<void> => {
    const answer = await client(key).complete("puppet", { data: letIn("alice") });
    assertRefused(answer, 400, "invalid_client");
  };

  it("registers with a key that it publishes, which is fetched once (SEC-17)", async () => {
    assert.equal(keyServer.asked, 0);
    await Promise.all([works(first), works(first), works(first)]);
    await works(first);
    assert.equal(keyServer.asked, 1);
  });

  it("makes nobody ask again within the minute, whatever keys are claimed (SEC-17)", async () => {
    for (let i = 0; i < 3; i += 1) await isRefused(await newKey());
    await isRefused({ ...(await newKey()), kid: first.kid });
    assert.equal(keyServer.asked, 1);
  });

  it("is looked up again once, for a key that it published later", async () => {
    keyServer.keys = [first, second];
    // A process that has not asked yet need not wait for the minute to pass.
    await server.restart();
    await works(first);
    assert.equal(keyServer.asked, 1, "the kept set serves a new process");
    await works(second);
    assert.equal(keyServer.asked, 2);
    for (let i = 0; i < 3; i += 1) await isRefused(await newKey());
    assert.equal(keyServer.asked, 2);
  });

  it("goes on with its last good keys while its key server is down", async () => {
    await server.restart();
    keyServer.stop();
    await isRefused(await newKey());
    await server.logged("client keys could not be fetched");
    await works(first);
    await works(second);
    assert.equal(keyServer.asked, 2);
  });
});

describe("a jwks_uri that egress does not allow", function () {
  this.timeout(60_000);

  it("is never asked, and its client is refused like any other (SEC-17)", async () => {
    const key = await newKey();
    const keyServer = await startKeyServer([key]);
    try {
      await using server = await startServer(await setupWith(keyServer.url, []));
      const answer = await keyClient(server, "remote", key).complete("puppet", {
        data: letIn("alice"),
      });
      assertRefused(answer, 400, "invalid_client");
      await server.logged("client keys could not be fetched");
      assert.equal(keyServer.asked, 0);
    } finally {
      keyServer.stop();
    }
  });
});
