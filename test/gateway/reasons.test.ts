// Every reason of errors.proto through both ways to the server: same status, same headers, same
// body.
import assert from "node:assert/strict";
import { request } from "node:http";
import type { Exchange, ReasonName } from "../../proto/contract.ts";
import { answers, answerTo, commonRefusals, exchangeOf, registry } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Gateway } from "./two_ways.ts";
import { bothWays, ways } from "./two_ways.ts";

/** A request that its method's handler gets to see. */
interface Door {
  readonly rpc: string;
  readonly listener: "public" | "admin";
  readonly verb: string;
  readonly path: string;
  readonly type?: string;
  readonly body?: string;
}

const form = "application/x-www-form-urlencoded";
const json = "application/json";

const doors: readonly Door[] = [
  {
    rpc: "RegistrationService.CompleteRegistration",
    listener: "public",
    verb: "POST",
    path: "/oauth/v2/custom-registration/qr/complete",
    type: json,
    body: "{}",
  },
  {
    rpc: "RegistrationService.RunBackchannel",
    listener: "public",
    verb: "POST",
    path: "/oauth/api/v3/custom-registration/qr/backchannel",
    type: form,
    body: "data=x",
  },
  {
    rpc: "TokenService.IssueToken",
    listener: "public",
    verb: "POST",
    path: "/oauth/v1/token",
    type: form,
    body: "grant_type=refresh_token",
  },
  {
    rpc: "DeviceService.RegisterDevice",
    listener: "public",
    verb: "POST",
    path: "/oauth/register",
    type: json,
    body: '{"software_id":"a","jwks":{}}',
  },
  { rpc: "TokenService.GetUserInfo", listener: "public", verb: "GET", path: "/oauth/v1/userinfo" },
  {
    rpc: "AuthenticatorService.RegisterAuthenticator",
    listener: "public",
    verb: "POST",
    path: "/oauth/v1/authenticators/voice/register",
    type: json,
    body: "{}",
  },
  {
    rpc: "EndUserService.ListDevices",
    listener: "public",
    verb: "GET",
    path: "/oauth/api/v4/users/alice/devices",
  },
  {
    rpc: "MobileAuthenticationService.StartMobileAuthentication",
    listener: "public",
    verb: "POST",
    path: "/oauth/api/v4/authenticate/user",
    type: form,
    body: "type=login",
  },
  {
    rpc: "MobileAuthenticationService.GetMobileAuthentication",
    listener: "public",
    verb: "GET",
    path: "/oauth/api/v4/authenticate/transaction/x",
  },
  ...[
    ["Enrol", "enrol"],
    ["FetchMessage", "fetch"],
    ["Respond", "respond"],
  ].map(
    ([name, path]): Door => ({
      rpc: `MobileDeviceService.${name}`,
      listener: "public",
      verb: "POST",
      path: `/oauth/v1/mobile-auth/${path}`,
      type: json,
      body: "{}",
    }),
  ),
  {
    rpc: "ScriptAdminService.ReplayExecution",
    listener: "admin",
    verb: "POST",
    path: "/admin/v1/executions/a/replay",
    type: json,
    body: "{}",
  },
  {
    rpc: "AdminService.ApplySetup",
    listener: "admin",
    verb: "PUT",
    path: "/admin/v1/setup",
    type: json,
    body: "{}",
  },
  {
    rpc: "AdminService.DeleteObject",
    listener: "admin",
    verb: "DELETE",
    path: "/admin/v1/setup/clients/x",
  },
];

/** Requests that the gateway refuses itself. */
const own: Readonly<Partial<Record<ReasonName, Door & { readonly allow?: string }>>> = {
  ENDPOINT_NOT_FOUND: { rpc: "", listener: "public", verb: "GET", path: "/oauth/v2/nothing" },
  METHOD_NOT_ALLOWED: {
    rpc: "",
    listener: "public",
    verb: "PUT",
    path: "/oauth/token",
    allow: "POST",
  },
  MEDIA_TYPE_UNSUPPORTED: { ...(doors[0] as Door), type: "text/plain", body: "x" },
  BODY_TOO_LARGE: { ...(doors[0] as Door), body: `"${"x".repeat(1 << 20)}"` },
};

const exchangeAt = ({ rpc }: Door): Exchange => {
  const [service, name] = rpc.split(".");
  const method = registry
    .getService(`gatewright.v1.${service}`)
    ?.methods.find((m) => m.name === name);
  assert.ok(method);
  return exchangeOf(method);
};

const documents = (door: Door, reason: ReasonName): boolean =>
  [...commonRefusals, ...exchangeAt(door).refusals, "UNSPECIFIED"].includes(reason);

const isNumbered = (door: Door): boolean => door.rpc !== "" && exchangeAt(door).numbered;

const facts = {
  detail: 'a "detail" \\ of é',
  error_id: "e-1",
  problems: "p",
  retry_after: "7",
  remaining_attempts: "4",
  error_code: "profile_revoked",
};

const basic = 'Basic realm="gatewright"';
// Errors of access tokens have a challenge of their own. Source: RFC 6750 section 3.
const challenges: Readonly<Record<string, string>> = {
  invalid_token: 'Bearer realm="gatewright", error="invalid_token"',
  insufficient_scope: 'Bearer realm="gatewright", error="insufficient_scope"',
};

const told = [
  "cache-control",
  "content-type",
  "pragma",
  "www-authenticate",
  "retry-after",
  "allow",
];

async function ask(
  gateway: Gateway,
  door: Door,
): Promise<{ status: number; headers: unknown; text: string }> {
  const { verb, type, body } = door;
  const response = await fetch(`http://${gateway[door.listener]}${door.path}`, {
    method: verb,
    ...(type ? { headers: { "content-type": type } } : {}),
    ...(body ? { body } : {}),
  });
  const headers = Object.fromEntries(told.map((name) => [name, response.headers.get(name)]));
  return { status: response.status, headers, text: await response.text() };
}

describe("the reasons of errors.proto", () => {
  let both: Awaited<ReturnType<typeof bothWays>>;
  before(async () => {
    both = await bothWays();
  });
  after(() => both.stop());

  for (const reason of answers.keys()) {
    it(`answers ${reason} alike in process and over gRPC (SEC-80)`, async () => {
      const door = own[reason] ?? doors.find((candidate) => documents(candidate, reason));
      assert.ok(door, "no method documents it");
      both.server.handle = () => {
        if (reason === "UNSPECIFIED") throw new Error("the inside of the server");
        throw new Refusal(reason, facts);
      };
      const [inProcess, overWire] = await Promise.all(
        ways.map((way) => ask(both.gateways[way], door)),
      );
      assert.ok(inProcess && overWire);
      // Every fault has an id of its own.
      const alike = ({ text, ...rest }: typeof inProcess) => ({
        ...rest,
        text: text.replace(/"error_id":"[0-9a-f-]{36}"/, '"error_id":"an id"'),
      });
      assert.deepEqual(alike(inProcess), alike(overWire));

      const row = answerTo(reason);
      const isOwn = own[reason] !== undefined;
      const body = JSON.parse(inProcess.text);
      assert.equal(inProcess.status, row.http);
      assert.equal(body.error, row.word);
      const told = reason === "UNSPECIFIED" || isOwn ? "" : ": a 'detail' / of ?";
      assert.equal(body.error_description, `${row.sentence}${told}.`);
      const members = Object.keys(body).slice(2);
      const code = isNumbered(door) && row.code !== "" ? ["error_code"] : [];
      const numbered = isNumbered(door) ? [...code, "description"] : [];
      assert.deepEqual(members, [...row.members, ...row.numbers, ...numbered]);
      assert.deepEqual(inProcess.headers, {
        "cache-control": "no-store",
        "content-type": "application/json;charset=UTF-8",
        pragma: "no-cache",
        "www-authenticate": challenges[row.word] ?? (row.http === 401 ? basic : null),
        "retry-after": reason === "UNSPECIFIED" || isOwn ? null : "7",
        allow: own[reason]?.allow ?? null,
      });
    });
  }

  it("answers a request that the contract forbids alike", async () => {
    const door = { ...(doors[2] as Door), body: `grant_type=${"x".repeat(300)}` };
    const [inProcess, overWire] = await Promise.all(
      ways.map((way) => ask(both.gateways[way], door)),
    );
    assert.deepEqual(inProcess, overWire);
    assert.equal(inProcess?.status, 400);
    assert.match(inProcess?.text ?? "", /grant_type/);
  });

  it("tells the server the same of a call", async () => {
    const headers = {
      authorization: "Basic eDp5",
      "accept-language": "nl",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      tracestate: "a=b",
      "x-request-id": "request-1",
      "x-forwarded-for": "198.51.100.1",
      cookie: "a=b",
      "user-agent": "a phone",
    };
    for (const way of ways) {
      let seen: Record<string, string | undefined> = {};
      both.server.handle = (_, call) => {
        const names = Object.keys(headers);
        seen = Object.fromEntries(names.map((name) => [name, call.header(name)]));
        return {};
      };
      const response = await fetch(`http://${both.gateways[way].public}/oauth/keys`, { headers });
      assert.equal(response.headers.get("x-request-id"), "request-1");
      assert.deepEqual(seen, {
        ...headers,
        cookie: undefined,
        // What the caller claims is dropped; over the wire the gateway says what it saw itself.
        "x-forwarded-for": way === "grpc" ? "127.0.0.1" : undefined,
      });
    }
  });

  it("tells the server the user agent of the caller, and never its own", async () => {
    const agentOf = async (way: (typeof ways)[number], headers: Record<string, string>) => {
      let seen: string | undefined = "nothing";
      both.server.handle = (_, call) => {
        seen = call.header("user-agent");
        return {};
      };
      const { promise, resolve } = Promise.withResolvers<void>();
      const url = `http://${both.gateways[way].public}/oauth/keys`;
      request(url, { headers, agent: false }, (answer) => answer.resume().on("end", resolve)).end();
      await promise;
      return seen;
    };
    for (const way of ways) {
      assert.equal(await agentOf(way, { "user-agent": "Phone/1.0 (x; y)" }), "Phone/1.0 (x; y)");
      assert.equal(await agentOf(way, {}), undefined);
      assert.equal(await agentOf(way, { "user-agent": "caf\u00e9" }), undefined);
      assert.equal(await agentOf(way, { "x-forwarded-user-agent": "forged" }), undefined);
      const long = "x".repeat(10_000);
      assert.equal(await agentOf(way, { "user-agent": long }), "x".repeat(512));
    }
  });

  it("makes a request id where the given one is none or is unfit", async () => {
    both.server.handle = () => ({});
    for (const given of [undefined, "", "a b", "x".repeat(129), "<script>"]) {
      const response = await fetch(`http://${both.gateways.embedded.public}/oauth/keys`, {
        headers: given === undefined ? {} : { "x-request-id": given },
      });
      assert.match(response.headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
    }
  });
});
