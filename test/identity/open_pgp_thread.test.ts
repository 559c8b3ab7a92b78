// The thread of OpenPGP: it holds nobody up, is started anew when it gets stuck, and only so much waits for it.
import assert from "node:assert/strict";
import type { ReasonName } from "../../proto/contract.ts";
import { Refusal } from "../../server/core/refusal.ts";
import type { OpenPgpLimits } from "../../server/identity/open_pgp/door.ts";
import { openOpenPgp } from "../../server/identity/open_pgp/door.ts";
import { work } from "../../server/identity/open_pgp/work.ts";

const ample: OpenPgpLimits = {
  waiting: 100,
  waitingPerOwner: 100,
  waitingBytes: 100_000_000,
  startMs: 30_000,
  jobMs: 30_000,
};

const isRefusal = (reason: ReasonName) => (error: unknown) =>
  error instanceof Refusal && error.reason === reason;

/** What came of each, in order: the reason of a refusal, or `done`. */
const outcomes = async (works: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(works)).map((end) => {
    if (end.status === "fulfilled") return "done";
    assert.ok(end.reason instanceof Refusal, String(end.reason));
    return end.reason.reason;
  });

const key = await work().generateKey({});
const longText = "a".repeat(16_000_000);

describe("the thread of OpenPGP", () => {
  it("leaves the event loop to others while it works", async () => {
    await using openPgp = openOpenPgp(ample);
    await openPgp.encrypt("started", key, key);
    // Time of this thread's processor: others on the machine do not count in it, nor does the thread of OpenPGP.
    const spentOnFifty = async (check: () => Promise<unknown>): Promise<number> => {
      const before = process.threadCpuUsage();
      for (let done = 0; done < 50; done++) await check();
      const { user, system } = process.threadCpuUsage(before);
      return user + system;
    };
    const { checkKey } = work();
    const beside = await spentOnFifty(() => openPgp.checkKey(key.publicKey));
    const within = await spentOnFifty(() => checkKey({ armored: key.publicKey }));
    assert.ok(within > 5 * beside, `${beside} us beside, ${within} us when it is done here`);
  });

  it("starts with the first work as well as ahead of it", async () => {
    await using cold = openOpenPgp(ample);
    assert.equal((await cold.checkKey(key.publicKey)).kind, "accepted");
    await using warm = openOpenPgp(ample);
    warm.warm();
    assert.equal((await warm.checkKey(key.publicKey)).kind, "accepted");
  });

  it("does what comes at once one after the other, and each gets its own", async () => {
    await using openPgp = openOpenPgp(ample);
    const texts = Array.from({ length: 30 }, (_, at) => `number ${at}`);
    const read = texts.map(async (text) =>
      openPgp.decrypt(await openPgp.encrypt(text, key, key), key, key),
    );
    assert.deepEqual(await Promise.all(read), texts);
  });

  for (const failure of ["hang", "wait", "exit", "throw", "reject", "exhaust"]) {
    it(`is started anew for whoever waits when it fails: ${failure}`, async () => {
      const frail = new URL("./open_pgp_frail_thread.ts", import.meta.url);
      await using openPgp = openOpenPgp({ ...ample, jobMs: 3_000 }, frail);
      const keys = [key.publicKey, failure, key.publicKey];
      const ends = await outcomes(keys.map((armored) => openPgp.checkKey(armored)));
      assert.deepEqual(ends, ["done", "UNAVAILABLE", "done"]);
    });
  }

  it("that does not start in time is given up, and tried again with the next work", async () => {
    await using openPgp = openOpenPgp({ ...ample, startMs: 1 });
    const ends = await outcomes([openPgp.generateKey(), openPgp.generateKey()]);
    assert.deepEqual(ends, ["UNAVAILABLE", "UNAVAILABLE"]);
  });

  it("that cannot start makes nobody wait", async () => {
    await using openPgp = openOpenPgp(ample, new URL("./nowhere.ts", import.meta.url));
    await assert.rejects(openPgp.generateKey(), isRefusal("UNAVAILABLE"));
  });

  it("SEC-75 is waited for by only so many, and for only so many bytes", async () => {
    await using openPgp = openOpenPgp({ ...ample, waiting: 2, waitingBytes: 1_000_000 });
    const short = () => openPgp.checkKey(key.publicKey);
    const many = [short(), short(), short(), short()];
    assert.deepEqual(await outcomes(many), ["done", "done", "done", "RATE_LIMITED"]);
    const half = "a".repeat(600_000);
    const long = [openPgp.encrypt(half, key, key), openPgp.encrypt(half, key, key)];
    assert.deepEqual(await outcomes(long), ["done", "RATE_LIMITED"]);
    // One that is alone may be as long as the settings let it.
    assert.deepEqual(await outcomes([openPgp.encrypt(longText, key, key)]), ["done"]);
  });

  it("SEC-75 goes from owner to owner, and lets only so much of one wait", async () => {
    await using openPgp = openOpenPgp({ ...ample, waitingPerOwner: 2 });
    const order: string[] = [];
    const work = {
      checkKey: (owner: string) => openPgp.checkKey(key.publicKey, owner),
      encrypt: (owner: string) => openPgp.encrypt("text", key, key, owner),
      decrypt: (owner: string) => openPgp.decrypt(new Uint8Array([1]), key, key, owner),
    };
    const by = (owner: string) =>
      Object.values(work).map(async (does) => {
        await does(owner);
        order.push(owner);
      });
    const ends = await outcomes([...by("greedy"), ...by("greedy"), ...by("other")]);
    const some = ["done", "done", "RATE_LIMITED"];
    assert.deepEqual(ends, ["done", ...some, "RATE_LIMITED", "RATE_LIMITED", ...some]);
    assert.deepEqual(order, ["greedy", "greedy", "other", "greedy", "other"]);
  });

  it("takes what is under way and what waits with it when it is closed", async () => {
    const openPgp = openOpenPgp(ample);
    await openPgp.checkKey(key.publicKey);
    const [first, second] = [openPgp.encrypt(longText, key, key), openPgp.checkKey(key.publicKey)];
    const ends = outcomes([first, second]);
    await openPgp[Symbol.asyncDispose]();
    assert.deepEqual(await ends, ["UNAVAILABLE", "UNAVAILABLE"]);
    await assert.rejects(openPgp.generateKey(), isRefusal("UNAVAILABLE"));
  });

  it("says what is a fault: a key of ours that cannot be read ends no answer of a phone", async () => {
    await using openPgp = openOpenPgp(ample);
    const broken = { ...key, id: "broken", privateKey: key.privateKey.slice(0, 200) };
    await assert.rejects(openPgp.decrypt(new Uint8Array([1]), broken, key), (error) => {
      assert.ok(!(error instanceof Refusal));
      assert.match(String(error), /decrypt: /);
      assert.ok(!String(error).includes(key.privateKey.slice(60, 100)));
      return true;
    });
    assert.equal(await openPgp.decrypt(new Uint8Array([1]), key, key), undefined);
  });
});
