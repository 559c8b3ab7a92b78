// The portal's page as somebody else would try to use it: another site, another browser, another name.
import assert from "node:assert/strict";
import { request } from "node:http";
import { openPhoneSite } from "../../clients/demo/pages/phone_site.ts";
import { openPortal } from "../../clients/demo/portal.ts";

const html = { type: "text/html", text: "<title>{issuer}</title>" };
const files = new Map([["/", html]]);
const issuer = "http://127.0.0.1:9/oauth";

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly json: unknown;
}

describe("the portal's page", () => {
  let url: string;
  let close: () => PromiseLike<void>;
  beforeEach(async () => {
    const portal = await openPortal(() => () => undefined, files);
    portal.join(issuer, {
      client: "secret",
      callback: "token",
      signing: `whsec_${"A".repeat(32)}`,
    });
    ({ url } = portal);
    close = () => portal[Symbol.asyncDispose]();
  });
  afterEach(() => close());

  async function ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    json?: unknown,
  ): Promise<Got> {
    const body = json === undefined ? null : JSON.stringify(json);
    const response = await fetch(url + path, { method, headers, body });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      headers: response.headers,
      json: isJson ? JSON.parse(text) : text,
    };
  }
  const enter = async (headers: Readonly<Record<string, string>> = { origin: url }): Promise<Got> =>
    ask("POST", "/api/visit", headers, { person: "alice-7d41" });
  const cookieOf = ({ headers }: Got): string => headers.get("set-cookie")?.split(";")[0] ?? "";

  it("is let in by a cookie that no script reads and no other site sends", async () => {
    const entered = await enter();
    assert.equal(entered.status, 200);
    assert.match(
      entered.headers.get("set-cookie") ?? "",
      /^portal=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/,
    );
    const visit = await ask("GET", "/api/visit", { cookie: cookieOf(entered) });
    assert.equal((visit.json as { person: { id: string } }).person.id, "alice-7d41");
  });

  it("takes nothing that changes something from other pages", async () => {
    for (const headers of [{}, { origin: "http://127.0.0.1:1" }, { origin: "null" }]) {
      const { status, headers: answered } = await enter(headers as Record<string, string>);
      assert.equal(status, 403);
      assert.equal(answered.get("set-cookie"), null);
      assert.equal(answered.get("access-control-allow-origin"), null);
    }
    const cookie = cookieOf(await enter());
    for (const [method, path] of [
      ["DELETE", "/api/visit"],
      ["DELETE", "/api/devices/x"],
      ["POST", "/api/devices"],
      ["POST", "/api/transfers"],
    ] as const) {
      assert.equal((await ask(method, path, { cookie, origin: issuer })).status, 403, path);
    }
    const visit = await ask("GET", "/api/visit", { cookie });
    assert.equal((visit.json as { person?: { id: string } }).person?.id, "alice-7d41");
  });

  it("gives every login a cookie of its own, and forgets the one before", async () => {
    const first = cookieOf(await enter());
    const second = cookieOf(await enter({ origin: url, cookie: first }));
    assert.notEqual(first, second);
    const former = await ask("GET", "/api/visit", { cookie: first });
    assert.equal((former.json as { person?: unknown }).person, undefined);
    await ask("DELETE", "/api/visit", { origin: url, cookie: second });
    const left = await ask("GET", "/api/visit", { cookie: second });
    assert.equal((left.json as { person?: unknown }).person, undefined);
  });

  it("shows nothing of users to visitors", async () => {
    for (const [method, path] of [
      ["GET", "/api/devices"],
      ["GET", "/api/activity"],
      ["POST", "/api/devices"],
      ["DELETE", "/api/devices/x"],
      ["POST", "/api/challenges"],
      ["POST", "/api/transfers"],
    ] as const) {
      assert.equal((await ask(method, path, { origin: url })).status, 401, path);
    }
    const unknown = "A".repeat(22);
    for (const path of [`/codes/${unknown}`, `/api/codes/${unknown}?known=waiting`, "/none"]) {
      assert.equal((await ask("GET", path)).status, 404, path);
    }
  });

  it("refuses what makes no sense, in words for people", async () => {
    const headers = { origin: url, cookie: cookieOf(await enter()) };
    for (const [path, json] of [
      ["/api/visit", { person: "nobody" }],
      ["/api/visit", null],
      ["/api/transfers", { to: "", amount: "1" }],
      ["/api/transfers", { to: "<b>", amount: "1" }],
      ["/api/transfers", { to: "Bob", amount: "-1" }],
      ["/api/transfers", { to: "Bob", amount: "much" }],
      ["/api/transfers", "x".repeat(5_000)],
    ] as const) {
      const answer = await ask("POST", path, headers, json);
      assert.equal(answer.status, 400, JSON.stringify(json));
      assert.match((answer.json as { problem: string }).problem, /\.$/);
    }
  });

  it("says so when the token server cannot be reached", async () => {
    const headers = { origin: url, cookie: cookieOf(await enter()) };
    const answer = await ask("POST", "/api/devices", headers, {});
    assert.equal(answer.status, 502);
    assert.match((answer.json as { problem: string }).problem, /Try again/);
  });
});

describe("every answer of the pages", () => {
  /** The status for a name that somebody else made point here, or for a path. */
  const statusUnder = (url: string, host: string, path = "/"): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request(url, { path, headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject).end();
    });

  it("runs nothing but the page's own files, and is for its own name alone", async () => {
    await using portal = await openPortal(() => () => undefined, files);
    await using phone = await openPhoneSite(files);
    assert.equal((await fetch(phone.url)).status, 503);
    phone.join(issuer);
    for (const { url } of [portal, phone]) {
      for (const path of ["/", "/nothing"]) {
        const { headers } = await fetch(url + path);
        const policy = headers.get("content-security-policy") ?? "";
        assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/, path);
        assert.doesNotMatch(policy, /unsafe|\*|data:/);
        assert.match(policy, /frame-ancestors 'none'/);
        assert.equal(headers.get("x-content-type-options"), "nosniff");
      }
      assert.equal(await statusUnder(url, "evil.example"), 421);
      assert.equal(await statusUnder(url, new URL(url).host, "//"), 404, "what is no URL");
    }
    assert.equal(await (await fetch(phone.url)).text(), `<title>${issuer}</title>`);
    const own = (await fetch(phone.url)).headers.get("content-security-policy") ?? "";
    assert.match(own, /connect-src 'self' http:\/\/127\.0\.0\.1:9;/);
  });

  it("is not there when the demo only walks", async () => {
    await using portal = await openPortal(() => () => undefined);
    assert.equal((await fetch(portal.url)).status, 404);
  });
});
