// Who hears what of a transaction: whoever fetched it a word for each of its states, everybody else that it is
// unknown (SEC-44). Through both doors, with the real GnuPG as the phones.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyClient } from "../support/client.ts";
import { registerPhone } from "../support/client.ts";
import type { Started } from "../support/mobile_portal.ts";
import { newOtp } from "./mobile_otp.ts";
import type { Phone } from "./mobile_phone.ts";
import { asking, phoneOf } from "./mobile_phone.ts";
import type { MobileWorld } from "./mobile_world.ts";
import { callbacksOf, mobileWorldFor } from "./mobile_world.ts";
import type { Way } from "./two_doors.ts";
import { ways } from "./two_doors.ts";

const fetched = "already_fetched";
const answered = "already_answered";
const expired = "transaction_expired";
const unknown = "transaction_not_found";

/** What the owner hears of a transaction: at a fetch, and at an answer. */
interface OwnWord {
  readonly fetch: string;
  readonly answer: string;
  /** What anybody hears who has the right one-time password. */
  readonly anybody: string;
}

const ownWords: Readonly<Record<string, OwnWord>> = {
  fetched: { fetch: fetched, answer: "none yet", anybody: unknown },
  confirmed: { fetch: answered, answer: answered, anybody: unknown },
  denied: { fetch: answered, answer: answered, anybody: unknown },
  invalid: { fetch: answered, answer: answered, anybody: unknown },
  "expired after its fetch": { fetch: expired, answer: expired, anybody: unknown },
  // Nobody owns it yet, and the one-time password is all there is to know it by.
  "expired before its fetch": { fetch: expired, answer: unknown, anybody: expired },
};

/** Phones, and transactions of the first of them by state. */
interface Cast {
  readonly owner: Phone;
  readonly strangers: Readonly<Record<string, Phone>>;
  readonly transactions: Readonly<Record<string, Started>>;
}

async function castOf(world: MobileWorld, way: Way, index: number): Promise<Cast> {
  const { server, home, client } = world;
  const at = async (on: KeyClient, userId: string, name: string): Promise<Phone> => {
    const phone = await phoneOf(server, way, home, on, userId, `${name}${index}`);
    await phone.enrol();
    return phone;
  };
  const owner = await at(client, "alice", "ALICE");
  const strangers = {
    "another user on the same phone": await at(client, "bob", "BOBBY"),
    "the same user on another phone": await at(await registerPhone(server), "alice", "ALICE"),
    "another user on another phone": await at(await registerPhone(server), "eve", "ALICE"),
  };
  const bank = asking(server, way);
  const begun = async (type = "login"): Promise<Started> => {
    const started = await bank.start({ type, message: "Log in?" });
    assert.equal((await owner.fetch(started.otp)).word, undefined);
    return started;
  };
  const ended = async (end: (id: string) => Promise<unknown>): Promise<Started> => {
    const started = await begun();
    await end(started.id);
    return started;
  };
  const nonsense = (transactionId: string) =>
    owner.call("respond", { transactionId, answer: "AAAA" });
  const transactions = {
    "expired after its fetch": await begun("short"),
    "expired before its fetch": await bank.start({ type: "short", message: "Log in?" }),
    fetched: await begun(),
    confirmed: await ended((id) => owner.answer(id, true)),
    denied: await ended((id) => owner.answer(id, false)),
    invalid: await ended(nonsense),
  };
  return { owner, strangers, transactions };
}

describe("the word of a transaction", function () {
  this.timeout(60_000);
  const world = mobileWorldFor();

  let casts: readonly Cast[] = [];

  before(async () => {
    // One after the other, for a home of GnuPG makes one key at a time.
    for (const [index, way] of ways.entries()) {
      casts = [...casts, await castOf(world(), way, index)];
    }
    // Short ones live for 10 s.
    await sleep(10_500);
  });

  for (const [index, way] of ways.entries()) {
    describe(`over ${way.name}`, () => {
      let owner: Phone;
      let strangers: Readonly<Record<string, Phone>>;
      before(() => {
        const cast = casts[index];
        assert(cast, "nobody is cast");
        ({ owner, strangers } = cast);
      });

      const of = (state: string): Started => {
        const started = casts[index]?.transactions[state];
        assert(started, `there is no transaction that is ${state}`);
        return started;
      };

      for (const [state, word] of Object.entries(ownWords)) {
        it(`is its owner's to hear when it is ${state}, and nobody else's`, async () => {
          const { id, otp } = of(state);
          assert.equal((await owner.fetch(otp)).word, word.fetch);
          assert.equal((await owner.fetch(newOtp(id))).word, unknown);
          if (state !== "fetched") assert.equal((await owner.answer(id, true)).word, word.answer);
          for (const [name, stranger] of Object.entries(strangers)) {
            assert.equal((await stranger.fetch(otp)).word, word.anybody, name);
            assert.equal((await stranger.fetch(newOtp(id))).word, unknown, name);
            assert.equal((await stranger.answer(id, true)).word, unknown, name);
          }
        });
      }

      it("is unknown to everybody before it was fetched, but with its one-time password", async () => {
        const { id, otp } = await asking(world().server, way).start();
        for (const phone of [owner, ...Object.values(strangers)]) {
          assert.equal((await phone.fetch(newOtp(id))).word, unknown);
          assert.equal((await phone.answer(id, true)).word, unknown);
        }
        assert.equal((await owner.fetch(otp)).word, undefined);
      });

      it("is not_handleable of what is no one-time password of this server", async () => {
        const { id, otp } = await asking(world().server, way).start();
        const code = JSON.parse(Buffer.from(otp, "base64").toString()).otp;
        const base64 = (text: string): string => Buffer.from(text).toString("base64");
        const texts = {
          "no base64": "{}",
          "cut base64": otp.slice(0, -1),
          "no JSON": base64("otp"),
          "a list": base64("[]"),
          "no code": base64(JSON.stringify({ transaction_id: id })),
          "no transaction": base64(JSON.stringify({ otp: code })),
          "a transaction twice": base64(`{"transaction_id":"${id}","otp":"a","otp":"b"}`),
          "a code that is a number": base64(JSON.stringify({ transaction_id: id, otp: 1 })),
          "no UUID": base64(JSON.stringify({ transaction_id: "x\0y", otp: code })),
          "no UTF-8": Buffer.from([0x7b, 0xff, 0x7d]).toString("base64"),
        };
        for (const [name, text] of Object.entries(texts)) {
          assert.equal((await owner.fetch(text)).word, "not_handleable", name);
        }
        assert.equal((await owner.fetch("")).word, "invalid_request");
        const broken = otp.replace(/(.{20})/g, "$1\n");
        assert.equal((await owner.fetch(broken)).word, undefined, "line breaks are of no meaning");
      });

      it("is an end for every answer that is not a signed yes or no to it (D-52)", async () => {
        const { server, home, callbackUri } = world();
        const bank = asking(server, way);
        const strangerKey = await home.gpg.makeKey();
        const { seal } = owner;
        const answers: Readonly<Record<string, (id: string) => string | Promise<string>>> = {
          "no base64": () => "what?",
          "no OpenPGP": () => Buffer.from("yes").toString("base64"),
          "a yes in the clear": (id) =>
            Buffer.from(JSON.stringify({ transaction_id: id, confirmed: true })).toString("base64"),
          "one that nobody signed": async (id) => {
            const text = JSON.stringify({ transaction_id: id, confirmed: true });
            const args = ["--trust-model", "always", "-r", home.server, "--encrypt"];
            return (await home.gpg.write(args, text)).toString("base64");
          },
          "one that another key signed": (id) =>
            seal(JSON.stringify({ transaction_id: id, confirmed: true }), strangerKey),
          "a yes to another": () =>
            seal(JSON.stringify({ transaction_id: of("fetched").id, confirmed: true })),
          "a yes that is a word": (id) =>
            seal(JSON.stringify({ transaction_id: id, confirmed: "true" })),
          "a yes and more": (id) =>
            seal(JSON.stringify({ transaction_id: id, confirmed: true, amount: 1 })),
          "a yes and a no": (id) =>
            seal(`{"transaction_id":"${id}","confirmed":false,"confirmed":true}`),
          "no JSON": () => seal("yes"),
          nothing: () => seal(""),
        };
        for (const [name, answer] of Object.entries(answers)) {
          const { id: transactionId, otp } = await bank.start({ callbackUri });
          await owner.fetch(otp);
          const given = { transactionId, answer: await answer(transactionId) };
          assert.equal((await owner.call("respond", given)).word, "invalid_answer", name);
          const { json } = await bank.result(transactionId);
          assert.equal(json.is_authenticated ?? false, false, name);
          const { reason } = json.not_authenticated_reason as { reason: string };
          assert.equal(reason, "invalid_answer", name);
          assert.equal((await callbacksOf(world(), transactionId)).length, 1, name);
          assert.equal((await owner.call("respond", given)).word, answered, name);
        }
      });

      it("is demanded whole: what, and which answer", async () => {
        for (const message of [{}, { transactionId: of("fetched").id }, { answer: "AAAA" }]) {
          assert.equal((await owner.call("respond", message)).word, "invalid_request");
        }
        const odd = { transactionId: "x\u0000y", answer: "AAAA" };
        assert.equal((await owner.call("respond", odd)).word, unknown);
      });
    });
  }
});
