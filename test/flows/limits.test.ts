// The limits of a process: what each allows, whom it counts as one, and whom it never meets.
import assert from "node:assert/strict";
import { milliseconds } from "../../server/core/clock.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { Client } from "../../server/flows/client.ts";
import type { LimitName } from "../../server/flows/limits.ts";
import { addressKey, budgets, openLimits, scriptLimits } from "../../server/flows/limits.ts";
import type { World } from "../../server/flows/world.ts";

function limitsAt() {
  const time = { now: 1_800_000_000_000 };
  return { time, limits: openLimits({ now: () => milliseconds(time.now) }) };
}

/** Gives after how many seconds a refused caller is to come back; undefined when it is let in. */
function refusedFor(demand: () => void): number | undefined {
  try {
    demand();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Refusal && error.reason === "RATE_LIMITED");
    const { retry_after } = error.facts;
    assert.match(String(retry_after), /^[1-9][0-9]*$/);
    return Number(retry_after);
  }
}

const key = ["203.0.113.5"];
const at = (address: string) => ({ origin: { address, userAgent: undefined } }) as World;
const clientOf = (kind: Client["kind"]) => ({ id: "c", kind }) as Client;

describe("openLimits (SEC-75)", () => {
  for (const name of Object.keys(budgets) as LimitName[]) {
    const { capacity, perSecond } = budgets[name];
    it(`lets ${name} spend ${capacity} at once and says in whole seconds when one is back`, () => {
      const { time, limits } = limitsAt();
      const demand = () => limits.demand(name, key);
      limits.spend(name, key, capacity - 1);
      assert.equal(refusedFor(demand), undefined);
      limits.spend(name, key);
      const wait = refusedFor(demand);
      assert.equal(wait, Math.ceil(1 / perSecond));
      time.now += wait * 1_000;
      assert.equal(refusedFor(demand), undefined);
      for (const other of Object.keys(budgets) as LimitName[]) limits.demand(other, key);
    });
  }

  it("never meets those who only succeed, a thousand times a second (P)", () => {
    const { time, limits } = limitsAt();
    for (let call = 0; call < 20_000; call++) {
      for (const name of Object.keys(budgets) as LimitName[]) limits.demand(name, key);
      // A secret that has to be hashed slowly is taken and given back.
      limits.spend("secret_attempts", key);
      limits.spend("secret_attempts", key, -1);
      time.now += 1;
    }
  });

  it("counts the addresses of one IPv6 network as one", () => {
    assert.equal(addressKey(at("2001:db8:1:2::3")), addressKey(at("2001:db8:1:2:ffff::9")));
    assert.notEqual(addressKey(at("203.0.113.5")), addressKey(at("203.0.113.6")));
  });

  it("counts the cost of scripts by installation and API client, and by machine of a web client", () => {
    const keys = (kind: Client["kind"], address: string) =>
      scriptLimits(at(address), clientOf(kind)).map(([limit, of]) => [limit, ...of].join(" "));
    for (const kind of ["dynamic", "api"] as const) {
      assert.deepEqual(keys(kind, "203.0.113.5"), [
        "script_cost c",
        "script_cost_of_address 203.0.113.5",
      ]);
    }
    assert.deepEqual(keys("static", "203.0.113.5"), [
      "script_cost c 203.0.113.5",
      "script_cost_of_address 203.0.113.5",
    ]);
  });
});
