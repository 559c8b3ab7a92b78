// The words and laws that everything else is built on.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Milliseconds } from "../../server/core/clock.ts";
import {
  after,
  durationMs,
  milliseconds,
  seconds,
  toMilliseconds,
  toSeconds,
} from "../../server/core/clock.ts";
import { randomId, uuid } from "../../server/core/id.ts";
import { jsonLog } from "../../server/core/log.ts";
import { outcomeOf } from "../../server/core/outcome.ts";
import { Refusal } from "../../server/core/refusal.ts";
import { grantScopes, readScope } from "../../server/core/scope.ts";

const scopeRefused = { name: "Refusal", reason: "SCOPE_INVALID" };

describe("outcomeOf", () => {
  const bands = [
    [2000, "success"],
    [2999, "success"],
    [4000, "retry"],
    [4999, "retry"],
    [5000, "unrecoverable"],
    [5999, "unrecoverable"],
  ] as const;
  for (const [status, outcome] of bands) {
    it(`takes ${status} for ${outcome}`, () => assert.equal(outcomeOf(status), outcome));
  }

  for (const status of [1999, 3000, 3004, 3999, 6000, 0, -2000, 2000.5, Number.NaN, Infinity]) {
    it(`takes ${status} for none (SEC-35)`, () => assert.equal(outcomeOf(status), undefined));
  }
});

describe("grantScopes", () => {
  const allowed = ["read", "write", "openid"];

  it("grants the default scopes when none is asked for", () => {
    assert.deepEqual(grantScopes([], allowed, ["read"]), ["read"]);
  });

  it("grants what is asked for, each once, in the order asked", () => {
    assert.deepEqual(grantScopes(["write", "read", "write"], allowed, []), ["write", "read"]);
  });

  for (const scope of ["admin", "", "re ad", 're"ad', "re\\ad", "réad", "read\n"]) {
    it(`refuses ${JSON.stringify(scope)}`, () => {
      // A malformed scope is refused even where it is allowed; a good one only where it is not.
      const here = scope === "admin" ? allowed : [...allowed, scope];
      assert.throws(() => grantScopes(["read", scope], here, []), scopeRefused);
    });
  }

  it("never grants what is not allowed (SEC-24)", () => {
    const scopes = fc.array(fc.constantFrom<string>("a", "b", "c", "d"), { maxLength: 6 });
    fc.assert(
      fc.property(scopes, scopes, scopes, (asked, allowedHere, defaults) => {
        let granted: string[];
        try {
          granted = grantScopes(asked, allowedHere, defaults);
        } catch (error) {
          assert.ok(error instanceof Refusal);
          return;
        }
        assert.ok(granted.every((scope) => allowedHere.includes(scope)));
        assert.equal(new Set(granted).size, granted.length);
      }),
    );
  });

  it("reads a scope parameter as the words between single spaces", () => {
    assert.deepEqual(readScope(undefined), []);
    assert.deepEqual(readScope(""), []);
    assert.deepEqual(readScope("read write"), ["read", "write"]);
    assert.throws(() => grantScopes(readScope("read  write"), allowed, []), scopeRefused);
  });
});

describe("Refusal", () => {
  it("has the sentence of its reason and the detail", () => {
    const refusal = new Refusal("IDP_DISABLED", { detail: "not of this application" });
    assert.equal(refusal.message, "The identity provider is disabled: not of this application.");
  });

  it("keeps its cause to itself", () => {
    const refusal = new Refusal("GRANT_INVALID", {}, { cause: "secret reason" });
    assert.ok(!refusal.message.includes("secret"));
    assert.deepEqual(refusal.facts, {});
  });
});

describe("jsonLog", () => {
  const clock = { now: () => 1_000 as Milliseconds };
  const said = (level: "debug" | "info", facts: Record<string, unknown>): string[] => {
    const lines: string[] = [];
    jsonLog((line) => lines.push(line), clock, level).info("happened", facts);
    return lines;
  };

  it("writes one line whatever the values are (SEC-78)", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string({ unit: "binary" })), (facts) => {
        const [line = ""] = said("info", facts);
        assert.equal(line.indexOf("\n"), line.length - 1);
        const { time, level, event } = JSON.parse(line);
        assert.deepEqual([time, level, event], ["1970-01-01T00:00:01.000Z", "info", "happened"]);
      }),
    );
  });

  it("writes errors with their causes, and big integers", () => {
    const error = new Error("outer", { cause: new Error("inner") });
    const [line = ""] = said("info", { error, count: 2n ** 64n });
    const written = JSON.parse(line);
    assert.equal(written.error.cause.message, "inner");
    assert.equal(written.count, "18446744073709551616");
  });

  it("leaves out what is below its level", () => {
    const lines: string[] = [];
    const log = jsonLog((line) => lines.push(line), clock, "warn");
    log.info("quiet");
    log.with({ part: "a" }).error("loud");
    assert.equal(lines.length, 1);
    assert.equal(JSON.parse(lines[0] ?? "").part, "a");
  });
});

describe("units", () => {
  it("round seconds down and keep milliseconds", () => {
    assert.equal(toSeconds(milliseconds(1_999)), 1);
    assert.equal(toMilliseconds(seconds(2)), 2_000);
    assert.equal(after(milliseconds(5), milliseconds(7)), 12);
    assert.equal(durationMs({ seconds: 2n, nanos: 500_000_000 }), 2_500);
  });
});

describe("ids", () => {
  it("have 128 random bits in base64url (SEC-33)", () => {
    assert.match(randomId(), /^[\w-]{22}$/);
    assert.equal(new Set(Array.from({ length: 1_000 }, () => randomId())).size, 1_000);
  });

  it("sort by the time of their making where they are UUIDs", () => {
    const ids = Array.from({ length: 100 }, uuid);
    const times = ids.map((id) => id.slice(0, 13));
    assert.deepEqual(times.toSorted(), times);
    assert.match(
      ids[0] ?? "",
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
