// Every documented refusal, through both doors and in both deployments: the same word, status,
// reason and code everywhere, and the same body byte for byte.
import assert from "node:assert/strict";
import { answers, exchangeOf, httpRules, services } from "../../proto/contract.ts";
import type { KeyClient } from "../support/client.ts";
import { keyClient, portal, registerPhone } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import type { Deployment } from "../support/server.ts";
import { serverFor } from "../support/server.ts";
import type { UsualSetup } from "../support/usual_setup.ts";
import { secrets, usualSetup } from "../support/usual_setup.ts";
import { authenticatorRefusals } from "./authenticator_refusals.ts";
import { deviceRefusals } from "./device_refusals.ts";
import type { Actors, Ask } from "./doors.ts";
import { authenticate, overGrpc, overRest } from "./doors.ts";
import { mobileDeviceRefusals } from "./mobile_device_refusals.ts";
import { mobilePortalRefusals } from "./mobile_portal_refusals.ts";
import { otherRefusals } from "./other_refusals.ts";
import type { Row } from "./refusal_answers.ts";
import { registrationRefusals } from "./registration_refusals.ts";
import { scriptRefusals } from "./script_refusals.ts";

const rows = [
  ...registrationRefusals,
  ...otherRefusals,
  ...mobilePortalRefusals,
  ...scriptRefusals,
  ...authenticatorRefusals,
  ...deviceRefusals,
  ...mobileDeviceRefusals,
];

/** Reasons that no request provokes by itself, with the story that does. */
const provokedElsewhere: Readonly<Record<string, string>> = {
  UNSPECIFIED: "a fault of ours",
  UNAVAILABLE: "store_down.test.ts",
  RATE_LIMITED: "app_registration.test.ts",
  ENDPOINT_NOT_FOUND: "bad_requests.test.ts",
  METHOD_NOT_ALLOWED: "bad_requests.test.ts",
  MEDIA_TYPE_UNSUPPORTED: "bad_requests.test.ts",
  BODY_TOO_LARGE: "bad_requests.test.ts",
  MOBILE_TRANSACTION_EXPIRED: "mobile_own_word.test.ts",
  MOBILE_AUTHENTICATION_DISABLED: "mobile_starts.test.ts",
};

const errorId = /"error_id":"[^"]+"/;

/** Gives the members that the refusals of a numbered method have beside those of their reason (D-50). */
function numbersOf(name: string, code: string): readonly string[] {
  const method = services.flatMap(({ methods }) => methods).find((one) => one.localName === name);
  assert(method, `there is no method ${name}`);
  if (!exchangeOf(method).numbered) return [];
  return code === "" ? ["description"] : ["error_code", "description"];
}

function assertRestRefusal(
  { status, headers, json, text }: HttpAnswer,
  row: Row,
  { method }: Ask,
): void {
  assert.deepEqual([status, json.error], [row.status, row.word], text);
  assert.equal(headers["content-type"], "application/json;charset=UTF-8");
  assert.equal(headers["cache-control"], "no-store");
  // RFC 6750 section 3 asks for a challenge with insufficient_scope as well.
  const isChallenged = status === 401 || row.word === "insufficient_scope";
  assert.equal(headers["www-authenticate"] !== undefined, isChallenged);
  // RFC 6749 section 5.2 bounds the characters of a description.
  assert.match(String(json.error_description), /^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
  const { error, error_description, ...members } = json;
  const told = answers.get(row.reason);
  assert(told, row.reason);
  const numbered = numbersOf(method, told.code);
  assert.deepEqual(Object.keys(members), [...told.members, ...told.numbers, ...numbered]);
  if (numbered.includes("error_code")) assert.equal(members.error_code, told.code);
}

for (const deployment of ["embedded", "split"] satisfies Deployment[]) {
  describe(`the refusals of the ${deployment} deployment (SEC-80)`, function () {
    this.timeout(20_000);
    let usual: UsualSetup;
    let phone: KeyClient;
    let strict: KeyClient;
    const server = serverFor(async () => {
      usual = await usualSetup();
      return { ...usual, deployment };
    });
    before(async () => {
      phone = await registerPhone(server());
      strict = await registerPhone(server(), "strict");
    });
    const actorsAt = (walk: (ask: Ask) => Promise<unknown>): Actors => ({
      phone,
      strict,
      web: keyClient(server(), "web", usual.keys.web),
      machine: keyClient(server(), "machine", usual.keys.machine),
      authenticate,
      sent: async (ask) => void (await walk(ask)),
      async failed() {
        const { json } = await portal(server(), "portal", secrets.portal).backchannel("silent");
        return String(json.error_id);
      },
    });

    for (const row of rows) {
      it(`answers ${row.name} with ${row.status} ${row.word} over REST`, async () => {
        const rest = (ask: Ask) => overRest(server(), ask);
        const ask = await row.ask(actorsAt(rest));
        const answer = await rest(ask);
        assertRestRefusal(answer, row, ask);
        const text = answer.text.replace(errorId, '"error_id":"..."');
        const before = bodies.get(row.name);
        bodies.set(row.name, text);
        assert.equal(text, before ?? text, "the deployments answer differently");
      });

      it(`answers ${row.name} with ${row.reason} over gRPC`, async () => {
        const grpc = (ask: Ask) => overGrpc(server(), ask);
        const end = await grpc(await row.ask(actorsAt(grpc)));
        assert.deepEqual([end.code, end.reason], [row.code, row.reason], end.details);
        assert.equal(end.domain, "gatewright");
        for (const member of answers.get(row.reason)?.members ?? []) {
          assert.ok(end.facts.get(member), `the fact ${member} is missing`);
        }
      });
    }
  });
}

/** Bodies of the deployment that was walked first, by row. */
const bodies = new Map<string, string>();

/** Conflicts with what another administrator does at the same moment. */
const racing = ["activateScriptVersion OBJECT_CONFLICT"];

/** What portals are told while mobile authentication is off, which mobile_starts.test.ts shows. */
const switchedOff = [
  "listDeviceAuthenticationTypes MOBILE_AUTHENTICATION_DISABLED",
  "listUserAuthenticationTypes MOBILE_AUTHENTICATION_DISABLED",
  "startMobileAuthentication MOBILE_AUTHENTICATION_DISABLED",
  "getMobileAuthentication MOBILE_AUTHENTICATION_DISABLED",
];

describe("the table of refusals", () => {
  const whole = [
    ["ScriptAdminService", scriptRefusals, racing],
    ["MobileAuthenticationService", mobilePortalRefusals, switchedOff],
  ] as const;
  for (const [service, shownRows, elsewhere] of whole) {
    it(`has a row for every refusal of every method of ${service} with a REST form`, () => {
      const { methods } = services.find(({ name }) => name === service) ?? {};
      const shown = new Set(shownRows.map(({ method, reason }) => `${method} ${reason}`));
      const open = (methods ?? [])
        .filter((method) => httpRules(method).length > 0)
        .flatMap((method) =>
          exchangeOf(method).refusals.map((reason) => `${method.localName} ${reason}`),
        )
        .filter((row) => !shown.has(row));
      assert.deepEqual(open, elsewhere);
    });
  }

  it("has a row for every reason of the contract", () => {
    const provoked = new Set<string>(rows.map(({ reason }) => reason));
    const open = [...answers.keys()].filter(
      (reason) => !provoked.has(reason) && provokedElsewhere[reason] === undefined,
    );
    assert.deepEqual(open, []);
  });

  it("says of every row what the contract says of its reason", () => {
    for (const { reason, status, word, code } of rows) {
      const { http, word: said, grpc } = answers.get(reason) ?? {};
      assert.deepEqual([http, said, grpc], [status, word, code], reason);
    }
  });
});
