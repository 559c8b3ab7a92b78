// The table of refusals has every reason that the SDK may meet, by the contract.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { CallError, codeNames } from "../../../clients/call_error.ts";
import { refusals, sdkErrorOf } from "../../../clients/sdk/refusals.ts";
import { ErrorInfo } from "../../../gen/google/rpc/error_details.ts";
import type { ReasonName } from "../../../proto/contract.ts";
import { commonRefusals, exchangeOf, services } from "../../../proto/contract.ts";

const folder = new URL("../../../clients/sdk/", import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");

/** The methods that the SDK calls: those whose name stands in its sources before a request and its options. */
const called = services
  .flatMap(({ methods }) => methods)
  .filter(({ localName }) => new RegExp(`\\.${localName}\\([^)]*, (call|\\{)`).test(sources));

const refusalOf = (reason: ReasonName, metadata: Record<string, string> = {}): CallError => {
  const info = { reason, domain: "gatewright", metadata: new Map(Object.entries(metadata)) };
  const value = ErrorInfo.encode(info).finish();
  return new CallError("unknown", "no", [{ typeUrl: "x/google.rpc.ErrorInfo", value }]);
};

describe("the refusals of the SDK", () => {
  it("are those of the methods that it calls", () => {
    assert.deepEqual(called.map(({ localName }) => localName).toSorted(), [
      "authenticate",
      "completeRegistration",
      "deleteDevice",
      "deleteProfile",
      "deregisterAuthenticator",
      "enrol",
      "fetchMessage",
      "getAppConfiguration",
      "getEnrolment",
      "initRegistration",
      "issueToken",
      "listAuthenticators",
      "registerAuthenticator",
      "registerDevice",
      "respond",
      "revokeToken",
      "updateDevice",
    ]);
  });

  for (const method of called) {
    it(`have a row for each reason of ${method.name}`, () => {
      const reasons: ReasonName[] = [...commonRefusals, ...exchangeOf(method).refusals];
      const missing = reasons.filter((reason) => refusals[reason] === undefined);
      assert.deepEqual(missing, []);
    });
  }

  it("are none that no called method documents, but for faults", () => {
    const known = new Set<string>([
      "UNSPECIFIED",
      ...commonRefusals,
      ...called.flatMap((method) => exchangeOf(method).refusals),
    ]);
    assert.deepEqual(
      Object.keys(refusals).filter((reason) => !known.has(reason)),
      [],
    );
  });

  it("become errors of the SDK, whatever was thrown", () => {
    const wrongPin = sdkErrorOf(refusalOf("PIN_WRONG", { remaining_attempts: "3" }));
    assert.deepEqual([wrongPin.reason, wrongPin.remainingAttempts], ["INVALID_PIN", 3]);
    assert.equal(sdkErrorOf(refusalOf("SETUP_INVALID")).reason, "GENERAL_ERROR");
    const names = { NOT_REGISTERED: "AUTHENTICATOR_DEREGISTERED" } as const;
    const { reason } = sdkErrorOf(refusalOf("NOT_REGISTERED"), names);
    assert.equal(reason, "AUTHENTICATOR_DEREGISTERED");
    for (const thrown of [undefined, "text", new TypeError("x")]) {
      assert.equal(sdkErrorOf(thrown).reason, "GENERAL_ERROR");
    }
    const told = codeNames.map((code) => [code, sdkErrorOf(new CallError(code, "no")).reason]);
    assert.deepEqual(
      told.filter(([, name]) => name !== "GENERAL_ERROR"),
      [
        ["canceled", "ACTION_CANCELED"],
        ["invalid_argument", "INVALID_REQUEST"],
        ["deadline_exceeded", "SERVER_NOT_REACHABLE"],
        ["resource_exhausted", "INVALID_REQUEST"],
        ["unimplemented", "CONFIGURATION_ERROR"],
        ["unavailable", "SERVER_NOT_REACHABLE"],
      ],
    );
  });
});
