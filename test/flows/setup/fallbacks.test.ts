// Fallbacks stand in for what a set-up leaves out, at every depth, and for nothing else.
import assert from "node:assert/strict";
import type { JsonObject } from "@bufbuild/protobuf";
import { readConfiguration } from "../../../server/flows/configuration.ts";
import { withFallbacks } from "../../../server/flows/setup/fallbacks.ts";

describe("the fallbacks of a set-up", () => {
  const filled = (document: JsonObject): JsonObject => withFallbacks("Application", document);

  it("fill the fields that an object leaves out", () => {
    const { refresh_tokens, max_pin_attempts } = filled({ id: "app", max_pin_attempts: 0 });
    assert.deepEqual([refresh_tokens, max_pin_attempts], [true, 0]);
  });

  it("fill the messages of a list, each for itself", () => {
    const versions = [{ version: "1" }, { version: "2", status: "DISABLED" }];
    assert.deepEqual(filled({ id: "app", versions }).versions, [
      { version: "1", status: "LOGIN_REGISTRATION" },
      { version: "2", status: "DISABLED" },
    ]);
  });

  it("fill messages within messages, and leave out those that are left out", () => {
    const types = [{ name: "login" }];
    const setup = withFallbacks("Setup", { mobile_authentication: { types } });
    const fallbacks = { expires_in: "300s", max_message_length: 155, callback_required: true };
    assert.deepEqual(setup, {
      mobile_authentication: { types: [{ name: "login", ...fallbacks }] },
    });
  });

  it("leave structs and what they were given alone", () => {
    const client: JsonObject = { id: "web", jwks: { keys: [{ kty: "EC", status: null }] } };
    const before = JSON.stringify(client);
    assert.deepEqual(withFallbacks("OAuthClient", client).jwks, client.jwks);
    assert.equal(JSON.stringify(client), before);
  });
});

describe("the PIN policy named default", () => {
  const policiesOf = (documents: readonly JsonObject[]) =>
    readConfiguration(
      1,
      documents.map((document) => ({
        kind: "pin_policies",
        id: String(document.id),
        document: JSON.stringify(document),
        sealed: null,
      })),
      new Map(),
      () => ({}),
    ).pinPolicies;

  it("is there when nobody set it up, with the contract's fallbacks", () => {
    const policy = policiesOf([{ id: "other" }]).get("default");
    assert.deepEqual(policy, {
      id: "default",
      length: 5,
      maxSimilarDigits: 3,
      sequencesAllowed: false,
      blocked: [],
    });
  });

  it("is the operator's where there is one", () => {
    assert.equal(policiesOf([{ id: "default", length: 8 }]).get("default")?.length, 8);
  });
});
