// Refusals with the numbers that mobile authentication documents, beside the words of OAuth: who gets
// them and who does not.
import assert from "node:assert/strict";
import type { ReasonName } from "../../proto/contract.ts";
import { answerTo, commonRefusals, exchangeOf, registry } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import { bothWays, postForm, raw, statuses, ways } from "./two_ways.ts";

const start = "/oauth/api/v4/authenticate/user";
const service = registry.getService("gatewright.v1.MobileAuthenticationService");
const method = service?.methods.find(({ name }) => name === "StartMobileAuthentication");
assert.ok(method);
const refusals: readonly ReasonName[] = [...commonRefusals, ...exchangeOf(method).refusals];

/** The table of the documents: word and number by HTTP status. Source: Mobile authentication API v4. */
const documented: readonly (readonly [
  Exclude<ReasonName, "UNSPECIFIED">,
  number,
  string,
  string | undefined,
])[] = [
  ["REQUEST_INVALID", 400, "invalid_request", "1003"],
  ["CLIENT_CREDENTIALS_REJECTED", 401, "invalid_client", undefined],
  ["MOBILE_AUTHENTICATION_FORBIDDEN", 403, "forbidden", undefined],
  ["MOBILE_AUTHENTICATION_DISABLED", 404, "not_found", "1000"],
  ["MOBILE_AUTHENTICATION_TYPE_NOT_FOUND", 404, "not_found", "3005"],
  ["MESSAGE_TOO_LONG", 400, "invalid_request", "1005"],
  ["UNAVAILABLE", 503, "temporarily_unavailable", "1002"],
];

describe("a refusal with its number (D-50)", () => {
  let both: Awaited<ReturnType<typeof bothWays>>;
  before(async () => {
    both = await bothWays();
  });
  after(() => both.stop());

  for (const way of ways) {
    for (const [reason, status, word, code] of documented) {
      it(`has both sets of keys for ${reason}, ${way}`, async () => {
        both.server.handle = () => {
          throw new Refusal(reason, { detail: "why" });
        };
        const response = await postForm(both.gateways[way].public, start, "type=login");
        const sentence = `${answerTo(reason).sentence}: why.`;
        assert.equal(response.status, status);
        assert.deepEqual(await response.json(), {
          error: word,
          error_description: sentence,
          ...(code === undefined ? {} : { error_code: code }),
          description: sentence,
        });
      });
    }
  }

  it("covers every refusal of a start that the documents number", () => {
    const numbered = refusals.filter((reason) => answerTo(reason).code !== "");
    const listed = documented.filter(([, , , code]) => code !== undefined).map(([name]) => name);
    assert.deepEqual(numbered.toSorted(), listed.toSorted());
  });

  it("is given for what the gateway refuses itself", async () => {
    const { public: address } = both.gateways.embedded;
    const ask = async (headers: Record<string, string>, body: string) => {
      const url = `http://${address}${start}`;
      const response = await fetch(url, { method: "POST", headers, body });
      const json = (await response.json()) as Record<string, string>;
      const { error_code, description, error_description } = json;
      assert.equal(description, error_description);
      return [response.status, error_code];
    };
    const type = { "content-type": "application/x-www-form-urlencoded" };
    assert.deepEqual(await ask({ "content-type": "text/plain" }, "x"), [415, "1003"]);
    assert.deepEqual(await ask(type, "type=a&type=b"), [400, "1003"]);
    assert.deepEqual(await ask(type, "type=%zz"), [400, "1003"]);
    assert.deepEqual(await ask(type, `message=${"x".repeat(1 << 20)}`), [413, "1005"]);
    const twice = "authorization: Basic YTpi\r\nauthorization: Basic YTpi\r\n";
    const head = `POST ${start} HTTP/1.1\r\nhost: a\r\n${twice}content-length: 0\r\n\r\n`;
    const text = await raw(address, head, true);
    assert.deepEqual(statuses(text), [400]);
    assert.match(text, /"error_code":"1003"/);
  });

  it("is no other endpoint's", async () => {
    both.server.handle = () => {
      throw new Refusal("REQUEST_INVALID", {});
    };
    const { public: address } = both.gateways.embedded;
    const response = await postForm(address, "/oauth/token", "grant_type=refresh_token");
    assert.deepEqual(Object.keys((await response.json()) as object), [
      "error",
      "error_description",
    ]);
  });
});
