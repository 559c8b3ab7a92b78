// An API client that is moved from a secret to keys: the secret is out of use, unless it is said to
// stay in use.
import assert from "node:assert/strict";
import { putSetup } from "../support/administrator.ts";
import { authenticated, newKey } from "../support/assertions.ts";
import { assertRefused, portal } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { postForm } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { say, usualSetup } from "../support/usual_setup.ts";

const secret = "moved-secret-6a90";

describe("an API client that is moved from a secret to keys", function () {
  this.timeout(30_000);
  const server = serverFor(usualSetup);
  const set = async (more: object): Promise<void> => {
    const api_scopes = ["onegini_api_token_introspection", "onegini_api_user_registration"];
    const client = { id: "moved", kind: "api", api_scopes, ...more };
    const answer = await putSetup(server(), { clients: [client] });
    assert.equal(answer.status, 200, answer.text);
  };
  const bySecret = (): Promise<HttpAnswer> =>
    portal(server(), "moved", secret).introspect("A".repeat(64));

  it("uses its keys and no longer the secret", async () => {
    await set({ secret });
    assert.equal((await bySecret()).status, 200);
    const key = await newKey();
    await set({ jwks: { keys: [key.publicJwk] } });
    const { issuer } = server();
    const fields = await authenticated({ issuer, clientId: "moved", key });
    const url = `${server().http}/oauth/api/v2/token/introspect`;
    const byKey = await postForm(url, { ...fields, token: "A".repeat(64) });
    assert.equal(byKey.status, 200, byKey.text);
    assertRefused(await bySecret(), 401, "invalid_client");
    const actor = portal(server(), "moved", secret);
    assertRefused(await actor.backchannel("puppet", say(2000)), 400, "invalid_client");
  });

  it("does so after a restart as well", async () => {
    await server().restart();
    assertRefused(await bySecret(), 401, "invalid_client");
  });

  it("uses the secret beside its keys when secret_authentication says so", async () => {
    const { publicJwk } = await newKey();
    await set({ jwks: { keys: [publicJwk] }, secret_authentication: true });
    assert.equal((await bySecret()).status, 200);
  });

  it("uses the secret again when it has no keys", async () => {
    await set({});
    assert.equal((await bySecret()).status, 200);
  });
});
