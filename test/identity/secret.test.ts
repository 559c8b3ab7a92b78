// Secrets of API clients: slow to guess, quick to repeat, bounded in work and memory.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Refusal } from "../../server/core/refusal.ts";
import { derive, masterKey } from "../../server/identity/master_key.ts";
import { hashSecret, type Pepper, secretVerifier } from "../../server/identity/secret.ts";

const pepperOf = (): Pepper => {
  const master = masterKey(randomBytes(32));
  return { id: master.id, key: derive(master, "secret_pepper") };
};

const pepper = pepperOf();
const secret = "correct horse battery staple";

describe("hashSecret", () => {
  it("SEC-54 gives a text of algorithm, parameters, salt and hash, never the same", async () => {
    const [first, second] = await Promise.all([
      hashSecret(secret, pepper),
      hashSecret(secret, pepper),
    ]);
    const prefix = `$argon2id$v=19$m=19456,t=2,p=1,keyid=${pepper.id}$`;
    assert.ok(first.startsWith(prefix));
    assert.notEqual(first, second);
    assert.ok(!first.includes(secret));
  });

  it("fails on a secret that is too long", async () => {
    await assert.rejects(hashSecret("x".repeat(1025), pepper), /1024/);
  });
});

describe("secretVerifier", () => {
  let stored: string;

  before(async () => {
    stored = await hashSecret(secret, pepper);
  });

  it("D-08 tells the right secret from others, at first and when it is remembered", async () => {
    const { verify } = secretVerifier({ peppers: [pepper] });
    assert.equal(await verify("api", "wrong", stored), false);
    assert.equal(await verify("api", secret, stored), true);
    assert.equal(await verify("api", secret, stored), true);
    assert.equal(await verify("api", `${secret} `, stored), false);
    assert.equal(await verify("api", "", stored), false);
  });

  it("needs no slow hash for a secret that it remembers", async () => {
    const { verify } = secretVerifier({ peppers: [pepper], running: 1, waiting: 0 });
    assert.equal(await verify("api", secret, stored), true);
    const busy = verify("other", "wrong", stored);
    const repeated = Array.from({ length: 200 }, () => verify("api", secret, stored));
    assert.ok((await Promise.all(repeated)).every(Boolean));
    await assert.rejects(verify("third", "wrong", stored), Refusal);
    assert.equal(await busy, false);
  });

  it("forgets a secret as soon as the client has another", async () => {
    const { verify } = secretVerifier({ peppers: [pepper] });
    assert.equal(await verify("api", secret, stored), true);
    const changed = await hashSecret("another", pepper);
    assert.equal(await verify("api", secret, changed), false);
    assert.equal(await verify("api", "another", changed), true);
  });

  it("does not take one client's secret for another's", async () => {
    const { verify } = secretVerifier({ peppers: [pepper] });
    assert.equal(await verify("api", secret, stored), true);
    assert.equal(await verify("other", secret, await hashSecret("x", pepper)), false);
  });

  it("SEC-14 does the work for a client that does not exist, and says no", async () => {
    const { verify } = secretVerifier({ peppers: [pepper], running: 1, waiting: 0 });
    const unknown = verify("nobody", secret, undefined);
    await assert.rejects(verify("somebody", secret, stored), Refusal);
    assert.equal(await unknown, false);
  });

  it("shares one slow hash among callers with the same secret", async () => {
    const { verify } = secretVerifier({ peppers: [pepper], running: 1, waiting: 0 });
    const all = await Promise.all(Array.from({ length: 50 }, () => verify("api", secret, stored)));
    assert.ok(all.every(Boolean));
  });

  it("SEC-75 refuses guesses beyond its bounds and says when to come back", async () => {
    const bounds = { running: 1, waiting: 3, waitingPerLane: 2 };
    const { verify } = secretVerifier({ peppers: [pepper], ...bounds });
    const guesses = Array.from({ length: 10 }, (_, index) =>
      verify("api", `guess ${index}`, stored),
    );
    const results = await Promise.allSettled(guesses);
    const refused = results.filter((result) => result.status === "rejected");
    assert.equal(refused.length, 7);
    for (const { reason } of refused) {
      assert.ok(reason instanceof Refusal);
      assert.equal(reason.reason, "RATE_LIMITED");
      assert.equal(reason.facts.retry_after, "1");
    }
    assert.equal(await verify("api", secret, stored), true);
  });

  it("SEC-75 keeps places for clients that exist, however many made-up ones are asked for", async () => {
    const bounds = { running: 1, waiting: 4, waitingPerLane: 2 };
    const { verify } = secretVerifier({ peppers: [pepper], ...bounds });
    const flood = Promise.allSettled(
      Array.from({ length: 20 }, (_, index) => verify(`made up ${index}`, "guess", undefined)),
    );
    // An id cannot be chosen so that its client shares their lane.
    const known = ["api", "unknown"].map((id) => verify(id, secret, stored));
    assert.deepEqual(await Promise.all(known), [true, true]);
    const results = await flood;
    const answered = results.filter((result) => result.status === "fulfilled");
    assert.deepEqual(
      answered.map(({ value }) => value),
      [false, false, false],
    );
  });

  it("SEC-75 asks before it begins a slow hash, and only then", async () => {
    const { verify } = secretVerifier({ peppers: [pepper] });
    let asked = 0;
    const admit = (): string => `lane ${asked++}`;
    const calls = Array.from({ length: 20 }, () => verify("api", secret, stored, admit));
    assert.ok((await Promise.all(calls)).every(Boolean));
    assert.equal(asked, 1);
    assert.equal(await verify("api", secret, stored, admit), true);
    assert.equal(asked, 1);
    assert.equal(await verify("api", "x".repeat(1025), stored, admit), false);
    assert.equal(asked, 1);
    const refuse = (): never => {
      throw new Refusal("RATE_LIMITED", { retry_after: "3" });
    };
    await assert.rejects(verify("api", "wrong", stored, refuse), { reason: "RATE_LIMITED" });
    await assert.rejects(verify("nobody", "wrong", undefined, refuse), { reason: "RATE_LIMITED" });
    assert.equal(await verify("api", secret, stored, refuse), true);
  });

  it("SEC-75 remembers a secret for the place alone that it came from", async () => {
    const { verify } = secretVerifier({ peppers: [pepper] });
    const refuse = (): never => {
      throw new Refusal("RATE_LIMITED", { retry_after: "3" });
    };
    assert.equal(await verify("api", secret, stored, undefined, "here"), true);
    assert.equal(await verify("api", secret, stored, refuse, "here"), true);
    await assert.rejects(verify("api", secret, stored, refuse, "there"), {
      reason: "RATE_LIMITED",
    });
  });

  it("SEC-14 sends away by the lane that it is given, whether a client exists or not", async () => {
    const bounds = { running: 1, waiting: 4, waitingPerLane: 1 };
    const { verify } = secretVerifier({ peppers: [pepper], ...bounds });
    const busy = verify("busy", "guess", undefined, () => "first");
    const waits = verify("waits", "guess", undefined, () => "first");
    await assert.rejects(
      verify("api", "guess", stored, () => "first"),
      Refusal,
    );
    await assert.rejects(
      verify("made up", "guess", undefined, () => "first"),
      Refusal,
    );
    const known = verify("api", secret, stored, () => "second");
    const made = verify("made up", secret, undefined, () => "third");
    assert.deepEqual(await Promise.all([busy, waits, known, made]), [false, false, true, false]);
  });

  it("SEC-76 remembers no more clients than it may", async () => {
    const { verify } = secretVerifier({ peppers: [pepper], remembered: 1, running: 1, waiting: 0 });
    assert.equal(await verify("first", secret, stored), true);
    assert.equal(await verify("second", secret, stored), true);
    const busy = verify("third", "wrong", stored);
    await assert.rejects(verify("first", secret, stored), Refusal);
    assert.equal(await verify("second", secret, stored), true);
    await busy;
  });

  it("verifies under an old pepper and not without it", async () => {
    const fresh = pepperOf();
    assert.equal(
      await secretVerifier({ peppers: [fresh, pepper] }).verify("api", secret, stored),
      true,
    );
    await assert.rejects(
      secretVerifier({ peppers: [fresh] }).verify("api", secret, stored),
      /pepper/,
    );
    const forged = { id: pepper.id, key: fresh.key };
    assert.equal(await secretVerifier({ peppers: [forged] }).verify("api", secret, stored), false);
  });

  it("refuses over-long secrets without work, and fails on other stored text", async () => {
    const { verify } = secretVerifier({ peppers: [pepper] });
    assert.equal(await verify("api", "x".repeat(1_000_000), stored), false);
    await assert.rejects(verify("api", secret, "plain"), /form/);
    await assert.rejects(verify("api", secret, stored.replace("m=19456", "m=8")), /form/);
  });
});
