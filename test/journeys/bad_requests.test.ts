// Requests that are not well formed: each is refused as documented, runs no script, uses up
// nothing, and never becomes a fault or a silence.
import assert from "node:assert/strict";
import { authenticated } from "../support/assertions.ts";
import type { KeyClient } from "../support/client.ts";
import { assertRefused, portal, registerPhone, stepPath, tokensOf } from "../support/client.ts";
import { get, postForm, postJson, send, sendBytes } from "../support/http.ts";
import { serverFor } from "../support/server.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";
import { badRows, harmless } from "./bad_request_table.ts";

const counting = `function execute() {
  CACHE.store("runs", String(Number(CACHE.fetch("runs") || 0) + 1));
  return { status: 2000, user: { id: "counted" } };
}`;
const count = `function execute() {
  return { status: 2000, responsePayload: CACHE.fetch("runs") || "0" };
}`;

describe("requests that are not well formed", function () {
  this.timeout(20_000);
  let phone: KeyClient;
  const server = serverFor(async () => {
    const { setup, files } = await usualSetup();
    const counted = {
      id: "counted",
      type: "CUSTOM_API_ONE_STEP",
      scripts: { complete: "counting.js", backchannel: "count.js" },
    };
    const application = {
      id: "counting-app",
      identity_providers: ["counted"],
      scopes: ["read"],
      default_scopes: ["read"],
    };
    return {
      setup: {
        ...setup,
        applications: [...setup.applications, application],
        identity_providers: [...setup.identity_providers, counted],
      },
      files: { ...files, "counting.js": counting, "count.js": count },
    };
  });
  before(async () => {
    phone = await registerPhone(server(), "counting-app");
  });

  const path = stepPath("counted", "complete");
  const url = (): string => server().http + path;
  const right = async (): Promise<Record<string, unknown>> => ({
    ...(await authenticated(phone)),
    data: "payload",
    profile_id: "W8DUJ2",
  });
  let served = 0;
  for (const { name, suffix = "", spoil, status, word } of badRows) {
    it(`refuses ${name} with ${status}, and uses up nothing`, async () => {
      const good = await right();
      const answer = await send(url() + suffix, spoil(good));
      assertRefused(answer, status, word);
      assert.equal(answer.headers["content-type"], "application/json;charset=UTF-8");
      // Well-formedness is looked at first, so that even the assertion is still good (D-10).
      tokensOf(await postJson(url(), good));
      served += 1;
    });
  }

  for (const [name, add] of Object.entries(harmless)) {
    it(`ignores ${name} (D-64)`, async () => {
      const body = add(JSON.stringify(await right()));
      tokensOf(await send(url(), { headers: { "content-type": "application/json" }, body }));
      served += 1;
    });
  }

  it("has run the script for none of them, but for each right one", async () => {
    const { json } = await portal(server(), "portal", secrets.portal).backchannel("counted");
    assert.equal(json.data, String(served));
  });

  it("names the right methods where the method is wrong (RFC 9110 section 15.5.6)", async () => {
    assert.equal((await get(url())).headers.allow, "POST");
    assert.equal((await send(`${server().http}/oauth/v1/keys`)).headers.allow, "GET, HEAD");
  });

  const nowhere = [
    "/",
    "/oauth",
    "/OAUTH/token",
    "/oauth//token",
    "/oauth/token/",
    "/health",
    "/%00",
  ];
  for (const missing of nowhere) {
    it(`serves nothing at ${missing}`, async () => {
      assertRefused(await get(server().http + missing), 404, "not_found");
    });
  }

  it("does not serve administration on the public listener (SEC-81, SEC-82)", async () => {
    for (const hidden of ["/admin/v1/setup", "/metrics", "/health"]) {
      assertRefused(await get(server().http + hidden), 404, "not_found");
    }
  });

  const names: [string, string, number][] = [
    ["an escape that is none", "%zz", 400],
    ["an escape that is not UTF-8", "%ff", 400],
    ["a zero character", "%00", 400],
    ["a line feed", "a%0ab", 400],
    ["more than 128 characters", "x".repeat(129), 400],
    ["a traversal", "..%2f..%2fetc", 404],
    ["the name of a prototype's member", "__proto__", 404],
    ["letters of any script", encodeURIComponent("ïdp✓"), 404],
  ];
  for (const [which, idp, status] of names) {
    it(`answers an identity provider with ${which} with ${status}`, async () => {
      const at = `${server().http}/oauth/v2/custom-registration/${idp}/complete`;
      assert.equal((await postJson(at, await right())).status, status);
    });
  }

  describe("forms", () => {
    const token = (): string => `${server().http}/oauth/token`;
    const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
    const bodies: [string, string | Uint8Array][] = [
      ["a parameter twice", "grant_type=refresh_token&grant_type=refresh_token"],
      ["an unknown parameter twice", "grant_type=refresh_token&x=1&x=2"],
      ["an escape that is none", "grant_type=%zz"],
      ["an escape that is not UTF-8", "grant_type=%ff"],
      ["bytes that are not UTF-8", Buffer.from("grant_type=\xff", "latin1")],
      ["no body", ""],
      ["a grant type without a value", "grant_type="],
    ];
    for (const [which, body] of bodies) {
      it(`with ${which} are refused (D-64)`, async () => {
        assertRefused(await send(token(), { headers: urlencoded, body }), 400, "invalid_request");
      });
    }

    it("are what the token endpoint takes, and not JSON", async () => {
      const answer = await postJson(token(), { grant_type: "refresh_token" });
      assertRefused(answer, 415, "invalid_request");
    });

    it("with unknown parameters are read without them", async () => {
      const fields = { ...(await authenticated(phone)), grant_type: "refresh_token" };
      const unknown = { __proto__x: "1", unknown: "2", refresh_token: "A".repeat(64) };
      const answer = await postForm(token(), { ...fields, ...unknown, profile_id: "W8DUJ2" });
      assertRefused(answer, 400, "invalid_grant");
    });
  });

  describe("bytes that are no HTTP", () => {
    const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
    const exchanges: [string, string | Buffer, RegExp][] = [
      ["garbage", "\u0016\u0003\u0001 garbage\r\n\r\n", /^HTTP\/1\.1 400 /],
      ["a head without an end", head, /^$|^HTTP\/1\.1 400 /],
      [
        "a body shorter than announced",
        `${head}Content-Length: 99\r\n\r\n{}`,
        /^$|^HTTP\/1\.1 400 /,
      ],
      [
        "a chunk without a size",
        `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
        /^HTTP\/1\.1 400 /,
      ],
      [
        "chunks without an end",
        `${head}Transfer-Encoding: chunked\r\n\r\n2\r\n{}`,
        /^$|^HTTP\/1\.1 400 /,
      ],
      [
        "a length and chunks at once",
        `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
        /^HTTP\/1\.1 400 /,
      ],
      [
        "two lengths",
        `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
        /^HTTP\/1\.1 400 /,
      ],
      ["a head beyond 16 KiB", `${head}X: ${"x".repeat(17_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
      ["a head without Host", `GET ${path} HTTP/1.1\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ];
    for (const [which, bytes, expected] of exchanges) {
      it(`like ${which} end the connection and hurt nobody`, async () => {
        assert.match(await sendBytes(server().http, bytes), expected);
        assert.equal((await get(`${server().http}/oauth/v1/keys`)).status, 200);
      });
    }
  });
});
