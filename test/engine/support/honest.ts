// A script as operators write it, and the proof that it still does what it is for.
import assert from "node:assert/strict";
import type { Engine } from "../../../server/engine/engine.ts";
import type { ScriptRun } from "../../../server/engine/script.ts";
import { callOf, scriptOf } from "./engine.ts";

const source = `
var prefix = "qr:";
function execute(requestPayload, userIdentifier, registrationData, params) {
  var request = JSON.parse(requestPayload);
  CACHE.store(prefix + request.code, JSON.stringify({ user: "user-" + request.code, tries: [1, 2, 3] }), 60);
  var found = JSON.parse(CACHE.take(prefix + request.code));
  if (CACHE.fetch(prefix + request.code) !== null) return { status: 5000 };
  LOG.info("registering {} in {}", found.user, params.get("lang").get(0));
  return {
    status: 2000,
    responsePayload: found.tries.map(function (x) { return x * 2; }).join(),
    registrationData: new java.util.HashMap({ device: request.code }).get("device"),
    user: { id: found.user, amr: ["qr"], name: found.user.toUpperCase() }
  };
}`;
const script = scriptOf(source, "honest.js");

/** Runs the honest script once for a code of letters and digits. */
export const runHonest = (engine: Engine, code: string, signal?: AbortSignal): Promise<ScriptRun> =>
  engine.run(
    script,
    callOf({
      kind: "complete",
      requestPayload: JSON.stringify({ code }),
      hookContextCustomParams: { lang: ["nl"] },
      ...(signal === undefined ? {} : { signal }),
    }),
  );

/** Asserts that a run of the honest script for `code` did and gave what it should. */
export const assertHonest = ({ outcome, log, hostCalls }: ScriptRun, code: string): void => {
  assert.ok(outcome.kind === "returned", JSON.stringify(outcome));
  const { user, ...rest } = outcome;
  assert.deepEqual(rest, {
    kind: "returned",
    status: 2000,
    responsePayload: "2,4,6",
    registrationData: code,
  });
  const name = `user-${code}`;
  assert.deepEqual(
    { ...user, attributes: { ...user?.attributes } },
    { id: name, amr: ["qr"], attributes: { name: name.toUpperCase() } },
  );
  assert.deepEqual(
    log.map(({ level, text }) => [level, text]),
    [["info", `registering ${name} in nl`]],
  );
  assert.deepEqual(
    hostCalls.map((call) => call.name),
    ["cache.store", "cache.take", "cache.fetch"],
  );
};
