// The OpenAPI document: complete, consistent, and saying what the contract says.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openapi } from "../../gateway/openapi.ts";
import { routesOf } from "../../gateway/rest/routes.ts";
import { answerTo } from "../../proto/contract.ts";

// biome-ignore lint/suspicious/noExplicitAny: a JSON document, read at many depths.
type Any = any;

const root = join(import.meta.dirname, "../..");

function commentedImage(): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-openapi-"));
  try {
    const image = join(folder, "image.binpb");
    execFileSync(join(root, "node_modules/.bin/buf"), ["build", "-o", image], { cwd: root });
    return readFileSync(image);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function* nodes(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const item of Object.values(value)) yield* nodes(item);
}

describe("openapi", () => {
  let document: Any;
  before(function () {
    this.timeout(20_000);
    document = JSON.parse(JSON.stringify(openapi(commentedImage())));
  });

  const routes = [...routesOf("public"), ...routesOf("admin")];

  it("has an operation for every route, and no other", () => {
    const operations = Object.entries<Any>(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    const served = routes.map(({ verb, template }) => `${verb} ${template}`);
    assert.deepEqual(operations.toSorted(), served.toSorted());
  });

  it("refers to nothing that is not there, and has nothing that is not referred to", () => {
    const used = new Set<unknown>();
    for (const node of nodes(document)) if ("$ref" in node) used.add(node.$ref);
    const there = Object.keys(document.components.schemas).map(
      (name) => `#/components/schemas/${name}`,
    );
    assert.deepEqual([...used].toSorted(), there.toSorted());
  });

  it("names each operation once", () => {
    const ids = [...nodes(document)]
      .map((node) => node.operationId)
      .filter((id) => id !== undefined);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids.length, routes.length);
  });

  it("declares each variable of a path, and no other parameter of a path", () => {
    for (const { template, verb } of routes) {
      const { parameters = [] } = document.paths[template][verb.toLowerCase()];
      const declared = parameters.filter((p: Any) => p.in === "path" && p.required);
      const variables = [...template.matchAll(/\{(.+?)\}/g)].map((m) => m[1]);
      assert.deepEqual(
        declared.map((p: Any) => p.name),
        variables,
      );
    }
  });

  it("words every refusal of every method, and its success", () => {
    for (const { template, verb, exchange } of routes) {
      const { responses } = document.paths[template][verb.toLowerCase()];
      assert.ok(responses[exchange.success], `${template} has no ${exchange.success}`);
      for (const reason of [...exchange.refusals, "UNAVAILABLE", "UNSPECIFIED"] as const) {
        const { http, word, sentence } = answerTo(reason);
        assert.ok(responses[http].description.includes(`\`${word}\`: ${sentence}.`));
        const schema = responses[http].content["application/json"].schema.allOf[1];
        assert.ok(schema.properties.error.enum.includes(word));
      }
    }
  });

  it("numbers the refusals of the methods that are numbered, and of no other (D-50)", () => {
    for (const { template, verb, exchange } of routes) {
      const { responses } = document.paths[template][verb.toLowerCase()];
      for (const reason of [...exchange.refusals, "REQUEST_INVALID", "UNSPECIFIED"] as const) {
        const { http, code } = answerTo(reason);
        const { properties } = responses[http].content["application/json"].schema.allOf[1];
        assert.equal(properties.description !== undefined, exchange.numbered, template);
        const codes: string[] = properties.error_code?.enum ?? [];
        assert.equal(codes.includes(code), exchange.numbered && code !== "", template);
      }
    }
  });

  it("has the media types that an endpoint takes", () => {
    const types = (path: string): string[] =>
      Object.keys(document.paths[path].post.requestBody.content);
    assert.deepEqual(types("/oauth/register"), ["application/json"]);
    assert.deepEqual(types("/oauth/token"), ["application/x-www-form-urlencoded"]);
    assert.equal(types("/oauth/custom-registration/{idp}/init").length, 2);
    assert.equal(document.paths["/oauth/keys"].get.requestBody, undefined);
  });

  it("quotes comments and limits", () => {
    const operation = document.paths["/oauth/token"].post;
    assert.match(operation.description, /RFC 6749/);
    const { schema } = operation.requestBody.content["application/x-www-form-urlencoded"];
    assert.deepEqual(schema.required, ["grant_type"]);
    assert.equal(schema.properties.client_secret.maxLength, 1024);
    assert.match(schema.properties.client_secret.description, /secret/);
    const client = document.components.schemas.OAuthClient;
    assert.deepEqual([client.required, client.properties.kind.enum], [["id"], ["static", "api"]]);
    const answered = operation.responses[200].content["application/json"].schema;
    assert.deepEqual(answered.required, ["access_token", "token_type", "expires_in", "scope"]);
  });
});
