// Mobile authentication while several things happen at once: one phone gets the message, one answer counts,
// and portal, callback and phone agree on which; keys change under it; guesses and denials run out.
import assert from "node:assert/strict";
import type { Started } from "../support/mobile_portal.ts";
import { newOtp } from "./mobile_otp.ts";
import type { Phone } from "./mobile_phone.ts";
import { answerText, asking, phoneOf } from "./mobile_phone.ts";
import { callbacksOf, mobileWorldFor } from "./mobile_world.ts";
import type { End } from "./two_doors.ts";
import { ways } from "./two_doors.ts";

const rounds = 12;

describe("mobile authentication in a race", function () {
  this.timeout(120_000);
  const world = mobileWorldFor();
  let count = 0;

  /** Gives the phone of a new profile, enrolled, which takes one door or the other. */
  const newPhone = async (userId = "alice"): Promise<Phone> => {
    const { server, home, client } = world();
    count += 1;
    const way = ways[count % ways.length];
    assert(way);
    const profileId = `R${String(count).padStart(5, "0")}`;
    const phone = await phoneOf(server, way, home, client, userId, profileId);
    await phone.enrol();
    return phone;
  };
  const bankOf = () => {
    const [way] = ways;
    assert(way);
    return asking(world().server, way);
  };
  const start = (): Promise<Started> => bankOf().start({ callbackUri: world().callbackUri });
  const wordsOf = (ends: readonly End[]): (string | undefined)[] => ends.map(({ word }) => word);

  it("gives the message to one of many fetches, and to one profile (SEC-42)", async () => {
    for (let round = 0; round < rounds; round += 1) {
      const { id, otp } = await start();
      const [first, other] = [await newPhone(), await newPhone("bob")];
      const ends = await Promise.all(
        [first, other, first, other, first, other].map((phone) => phone.fetch(otp)),
      );
      const took = ends.findIndex(({ word }) => word === undefined);
      const [owner, stranger] = took % 2 === 0 ? [first, other] : [other, first];
      const words = wordsOf(ends);
      assert.equal(words.filter((word) => word === undefined).length, 1);
      for (const [index, word] of words.entries()) {
        if (index === took) continue;
        const isOwn = index % 2 === took % 2;
        assert.equal(word, isOwn ? "already_fetched" : "transaction_not_found");
      }
      assert.equal((await owner.open(ends[took] as End)).transaction_id, id);
      assert.equal((await stranger.answer(id, true)).word, "transaction_not_found");
      assert.equal((await owner.answer(id, true)).word, undefined);
      assert.equal((await bankOf().result(id)).json.user_id, owner.userId);
    }
  });

  it("takes one of a yes, a no and nonsense, and all sides agree on it (SEC-45)", async () => {
    const seen = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      const phone = await newPhone();
      const { id, otp } = await start();
      await phone.fetch(otp);
      const sealed = await Promise.all(
        [true, false].map((confirmed) => phone.seal(answerText(id, confirmed))),
      );
      const answers = [...sealed, "nonsense"];
      // Each round another one is sent first.
      const order = answers.map((_, index) => (index + round) % answers.length);
      const ends = await Promise.all(
        order.map((index) => phone.call("respond", { transactionId: id, answer: answers[index] })),
      );
      const words = wordsOf(ends);
      const counted = order.filter((_, at) => words[at] !== "already_answered");
      assert.equal(counted.length, 1, String(words));
      const [end] = counted.map((index) => ["confirmed", "denied", "invalid"][index] ?? "");
      const said = words.find((word) => word !== "already_answered");
      assert.equal(said, end === "invalid" ? "invalid_answer" : undefined);
      const { json } = await bankOf().result(id);
      assert.equal(json.is_authenticated ?? false, end === "confirmed");
      const { reason } = (json.not_authenticated_reason ?? {}) as { reason?: string };
      const reasons = { confirmed: undefined, denied: "not_accepted", invalid: "invalid_answer" };
      assert.equal(reason, reasons[end as keyof typeof reasons]);
      assert.equal((await callbacksOf(world(), id)).length, 1);
      seen.add(end ?? "");
    }
    assert.ok(seen.size > 1, `every race ended in ${[...seen]}`);
  });

  it("takes no answer after the help desk or the user ended the enrolment", async () => {
    const phone = await newPhone();
    const { id, otp } = await start();
    await phone.fetch(otp);
    const [end, gone] = await Promise.all([phone.answer(id, true), phone.call("disenrol")]);
    assert.equal(gone.word, undefined);
    const result = await bankOf().result(id);
    if (end.word === undefined) assert.equal(result.json.is_authenticated, true);
    else assert.deepEqual([end.word, result.word], ["not_enrolled", "not_found"]);
    assert.notEqual((await phone.answer(id, true)).word, undefined);
  });

  it("reads a message in flight with the key it was made for, and takes no answer with it (SEC-51)", async () => {
    const phone = await newPhone();
    const old = await world().home.gpg.makeKey();
    await phone.enrol(old);
    const inFlight = await start();
    const fetched = await phone.fetch(inFlight.otp);
    const young = await phone.enrol();
    assert.notEqual(young, old);
    assert.equal((await phone.open(fetched)).transaction_id, inFlight.id);
    assert.equal((await phone.answer(inFlight.id, true, old)).word, "not_handleable");
    assert.equal((await phone.answer(inFlight.id, true, young)).word, "not_handleable");
    assert.equal((await bankOf().result(inFlight.id)).word, "not_found", "nothing was decided");
    const next = await start();
    await phone.open(await phone.fetch(next.otp));
    assert.equal((await phone.answer(next.id, true, old)).word, "invalid_answer");
    const last = await start();
    await phone.fetch(last.otp);
    assert.equal((await phone.answer(last.id, true, young)).word, undefined);
  });

  it("loses no message to a change of the key at the same moment (SEC-51)", async () => {
    const phone = await newPhone();
    const { gpg } = world().home;
    const keys = [await gpg.makeKey(), await gpg.makeKey()];
    for (let round = 0; round < rounds; round += 1) {
      const { id, otp } = await start();
      const key = keys[round % keys.length];
      const [fetched] = await Promise.all([phone.fetch(otp), phone.enrol(key)]);
      const end = fetched.word === undefined ? fetched : await phone.fetch(otp);
      assert.equal(end.word, undefined, `it is lost: ${fetched.word}`);
      await phone.open(end);
      // The message is for the key before the change or for the one after it; only this one may answer.
      const { word } = await phone.answer(id, true, key);
      assert.ok(word === undefined || word === "not_handleable", `${word}`);
    }
  });

  it("counts parallel guesses like any, and lets nobody guess on (SEC-75)", async () => {
    const phone = await newPhone();
    const { id, otp } = await start();
    const words = wordsOf(
      await Promise.all(Array.from({ length: 40 }, () => phone.fetch(newOtp(id)))),
    );
    const tried = words.filter((word) => word === "transaction_not_found").length;
    // The budget is 20, and one comes back in a minute.
    assert.ok(tried >= 20 && tried <= 21, `${tried} guesses were looked at`);
    assert.deepEqual(new Set(words), new Set(["transaction_not_found", "too_many_requests"]));
    assert.equal((await phone.fetch(otp)).word, "too_many_requests");
    const other = await newPhone();
    assert.equal((await other.fetch(otp)).word, undefined, "others are not held up");
  });

  it("asks nobody again who has denied too often, and lets a no be said (SEC-46)", async () => {
    const phone = await newPhone();
    const kept = await start();
    await phone.fetch(kept.otp);
    let denials = 0;
    for (let word: string | undefined; word === undefined; ) {
      const { id: transactionId, otp } = await start();
      ({ word } = await phone.fetch(otp));
      if (word !== undefined) assert.equal(word, "too_many_requests");
      else await phone.call("respond", { transactionId, answer: "nonsense" });
      denials += word === undefined ? 1 : 0;
    }
    assert.ok(denials >= 20 && denials <= 21, `${denials} denials were taken`);
    assert.equal((await phone.answer(kept.id, false)).word, undefined);
  });

  it("looks at so many keys of a phone and no more, and leaves the enrolled one alone (SEC-75)", async () => {
    const phone = await newPhone();
    let tried = 0;
    for (let word: string | undefined = "invalid_key"; word === "invalid_key"; ) {
      ({ word } = await phone.call("enrol", { publicKey: "no key" }));
      if (word === "invalid_key") tried += 1;
      else assert.equal(word, "too_many_requests");
    }
    // The right key of the enrolment was the first of 20, and one comes back in a minute.
    assert.ok(tried >= 19 && tried <= 20, `${tried} keys were looked at`);
    assert.equal((await phone.fetch((await start()).otp)).word, undefined);
  });
});
