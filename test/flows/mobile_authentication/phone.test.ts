// What phones do while something fails or comes in between, over a real store: nothing is spent by what failed,
// whoever comes too late hears why, and each end is noted. OpenPGP does what the test tells it.
import assert from "node:assert/strict";
import { Refusal } from "../../../server/core/refusal.ts";
import { disenrol } from "../../../server/flows/mobile_authentication/disenrol.ts";
import { enrol } from "../../../server/flows/mobile_authentication/enrol.ts";
import { fetchMessage } from "../../../server/flows/mobile_authentication/fetch_message.ts";
import { respond } from "../../../server/flows/mobile_authentication/respond.ts";
import { addUser } from "../authenticators/authenticator_world.ts";
import type { PhoneWorld } from "./phone_world.ts";
import { lifeMs, openPhoneWorld } from "./phone_world.ts";

const key = { kind: "accepted", publicKey: "a key", fingerprint: "F0" } as const;
const bytes = new TextEncoder().encode("encrypted");
const answer = Buffer.from("anything").toString("base64");
const unavailable = async (): Promise<never> => {
  throw new Refusal("UNAVAILABLE");
};

/** Gives the reason of the refusal that work ends in, or `done`. */
const endOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => {
      if (error instanceof Refusal) return error.reason;
      throw error;
    },
  );

describe("a phone in mobile authentication", function () {
  this.timeout(20_000);
  let at: PhoneWorld;
  let authorization: string;
  let clientId: string;
  before(async () => {
    at = await openPhoneWorld();
  });
  after(async () => at?.[Symbol.asyncDispose]());

  const fetching = (otp: string) => endOf(fetchMessage(at.world, { otp }, authorization));
  const responding = (transactionId: string) =>
    endOf(respond(at.world, { transactionId, answer }, authorization));
  const enrolling = () => endOf(enrol(at.world, { publicKey: "x" }, authorization));
  const stateOf = async (id: string) => (await at.world.store.mobileTransactions.find(id))?.state;
  const says = (confirmed: boolean, id: string) => async () =>
    JSON.stringify({ transaction_id: id, confirmed });
  /** Gives the types that were noted since the last call. */
  const noted = () => at.events.splice(0).map(({ type }) => type);
  /** Tells OpenPGP to encrypt, after something else has happened. */
  const encryptAfter = (happen: () => Promise<unknown>): void =>
    at.tell({
      checkKey: async () => key,
      async encrypt() {
        at.tell({ checkKey: async () => key, encrypt: async () => bytes });
        await happen();
        return bytes;
      },
    });
  const begun = async (callbackUri?: string) => {
    const started = await at.start(callbackUri);
    at.tell({ encrypt: async () => bytes });
    assert.equal(await fetching(started.otp), "done");
    return started;
  };

  beforeEach(async () => {
    const user = await addUser(at.world.store);
    ({ authorization } = user);
    ({ clientId } = user.signer);
    at.tell({ checkKey: async () => key });
    assert.equal(await enrolling(), "done");
    at.events.splice(0);
    at.spent.splice(0);
    at.changed.splice(0);
  });

  it("spends nothing when the thread fails at a fetch, and fetches the next time", async () => {
    const { id, otp } = await at.start();
    at.tell({ encrypt: unavailable });
    assert.equal(await fetching(otp), "UNAVAILABLE");
    assert.equal(await stateOf(id), "pending");
    assert.deepEqual(at.changed, []);
    at.tell({ encrypt: async () => bytes });
    assert.equal(await fetching(otp), "done");
    assert.deepEqual(at.changed, [id]);
    // Taken before the work, and given back after it.
    assert.deepEqual(at.spent, [
      "otp_failures 1",
      "otp_failures -1",
      "otp_failures 1",
      "otp_failures -1",
    ]);
  });

  it("ends nothing when the thread fails at an answer, and answers the next time", async () => {
    const { id } = await begun();
    at.tell({ decrypt: unavailable });
    assert.equal(await responding(id), "UNAVAILABLE");
    assert.equal(await stateOf(id), "fetched");
    at.tell({ decrypt: says(true, id) });
    assert.equal(await responding(id), "done");
    assert.equal(await stateOf(id), "confirmed");
  });

  it("tells those who wait and the sender of every end, and counts what is no yes", async () => {
    for (const [end, decrypt] of [
      ["confirmed", (id: string) => says(true, id)],
      ["denied", (id: string) => says(false, id)],
      ["invalid", () => async () => undefined],
    ] as const) {
      const { id } = await begun("https://bank.example/done");
      const wakes = at.wakes();
      at.changed.splice(0);
      at.spent.splice(0);
      at.tell({ decrypt: decrypt(id) });
      assert.equal(await responding(id), end === "invalid" ? "ANSWER_INVALID" : "done");
      assert.equal(await stateOf(id), end);
      assert.deepEqual([at.changed, at.wakes()], [[id], wakes + 1]);
      assert.deepEqual(at.spent, end === "confirmed" ? [] : ["denials 1"]);
      const callbacks = await at.world.store.callbacks.list({}, 10);
      assert.equal(callbacks.filter(({ transactionId }) => transactionId === id).length, 1);
    }
  });

  it("says who was first when another fetch came in between", async () => {
    const { otp } = await at.start();
    encryptAfter(async () => assert.equal(await fetching(otp), "done"));
    assert.equal(await fetching(otp), "MOBILE_TRANSACTION_FETCHED");
  });

  it("says that a transaction expired while its message was encrypted", async () => {
    const { otp } = await at.start();
    encryptAfter(async () => at.pass(lifeMs));
    assert.equal(await fetching(otp), "MOBILE_TRANSACTION_EXPIRED");
  });

  it("says that the enrolment went meanwhile, and lets a new one fetch", async () => {
    const { id, otp } = await at.start();
    encryptAfter(() => disenrol(at.world, {}, authorization));
    assert.equal(await fetching(otp), "NOT_ENROLLED");
    assert.equal(await enrolling(), "done");
    encryptAfter(enrolling);
    assert.equal(await fetching(otp), "NOT_HANDLEABLE");
    assert.equal(await stateOf(id), "pending");
    assert.equal(await fetching(otp), "done");
  });

  it("says of an enrolled key that expired what is to be done", async () => {
    const { id, otp } = await at.start();
    at.tell({
      async encrypt() {
        throw new Refusal("KEY_INVALID");
      },
    });
    await assert.rejects(
      fetchMessage(at.world, { otp }, authorization),
      ({ reason, message }: Refusal) => reason === "NOT_HANDLEABLE" && message.includes("enrol"),
    );
    assert.equal(await stateOf(id), "pending");
  });

  it("takes no answer when the enrolment ended, or time was up, while it was read", async () => {
    const rows = [
      ["NOT_ENROLLED", () => disenrol(at.world, {}, authorization)],
      ["MOBILE_TRANSACTION_EXPIRED", async () => at.pass(lifeMs)],
    ] as const;
    for (const [reason, happen] of rows.toReversed()) {
      const { id } = await begun();
      at.tell({
        async decrypt() {
          await happen();
          return says(true, id)();
        },
      });
      assert.equal(await responding(id), reason);
      assert.equal(await stateOf(id), "fetched");
    }
  });

  it("lives to the last millisecond and no longer", async () => {
    const [late, early] = [await begun(), await at.start()];
    at.pass(lifeMs - 1);
    assert.equal(await fetching(early.otp), "done");
    at.pass(1);
    assert.equal(await responding(late.id), "MOBILE_TRANSACTION_EXPIRED");
    at.tell({ decrypt: says(true, early.id) });
    assert.equal(await responding(early.id), "MOBILE_TRANSACTION_EXPIRED");
  });

  it("notes each end of an enrolment", async () => {
    at.tell({ checkKey: async () => ({ kind: "refused", problem: "it is weak" }) });
    await endOf(enrol(at.world, {}, authorization));
    assert.equal(await enrolling(), "KEY_INVALID");
    await endOf(enrol(at.world, {}, undefined));
    await disenrol(at.world, {}, authorization);
    await disenrol(at.world, {}, authorization);
    await endOf(disenrol(at.world, {}, undefined));
    at.tell({ checkKey: async () => key });
    await enrolling();
    const { events } = at;
    assert.deepEqual(events.at(-1)?.details, { profile_id: "W8DUJ2", fingerprint: "F0" });
    assert.equal(events.at(-1)?.clientId, clientId);
    assert.deepEqual(noted(), [
      "KEY_ENROLLMENT_FAILURE_INVALID_REQUEST",
      "KEY_ENROLLMENT_FAILURE_INVALID_REQUEST",
      "KEY_ENROLLMENT_FAILURE_INVALID_TOKEN",
      "KEY_ENROLLMENT_REMOVED",
      "TOKEN_REQUEST_INVALID_ACCESS_TOKEN",
      "KEY_ENROLLMENT_SUCCESS",
    ]);
  });

  it("notes a fetch that is held back as just that", async () => {
    const limits = {
      demand() {
        throw new Refusal("RATE_LIMITED", { retry_after: "1" });
      },
      spend() {},
    };
    const { otp } = await at.start();
    const world = { ...at.world, limits };
    assert.equal(await endOf(fetchMessage(world, { otp }, authorization)), "RATE_LIMITED");
    assert.deepEqual(noted(), ["MOBILE_AUTH_RATE_LIMITED"]);
  });

  it("notes each end of a fetch and of an answer with its transaction, and no secret", async () => {
    const { id, otp } = await at.start();
    const other = await at.start();
    const wrong = Buffer.from(JSON.stringify({ transaction_id: id, otp: "guessed" }));
    const unknown = "00000000-0000-7000-8000-000000000000";
    at.tell({ encrypt: async () => bytes });
    await endOf(fetchMessage(at.world, { otp }, undefined));
    await fetching("nonsense");
    await fetching(wrong.toString("base64"));
    await fetching(Buffer.from(`{"transaction_id":"${unknown}","otp":"x"}`).toString("base64"));
    await responding(id);
    await fetching(otp);
    await fetching(otp);
    at.tell({ decrypt: async () => undefined });
    await responding(id);
    await responding(id);
    at.pass(lifeMs);
    await fetching(other.otp);
    const told = JSON.stringify(at.events);
    assert.equal(told.includes("guessed") || told.includes(otp) || told.includes("Log in?"), false);
    assert.ok(at.events.slice(4, 9).every((event) => event.transactionId === id));
    assert.deepEqual(noted(), [
      "OTP_AUTH_NOT_AUTHENTICATED_INVALID_ACCESS_TOKEN",
      "OTP_AUTH_NOT_AUTHENTICATED_INVALID_OTP",
      "OTP_AUTH_NOT_AUTHENTICATED_INVALID_OTP",
      "MOBILE_AUTH_FETCH_FAILED_INVALID_TRANSACTION",
      "PUSH_AUTH_NOT_AUTHENTICATED_INVALID_TRANSACTION",
      "MOBILE_AUTH_FETCH_SECURED_MESSAGE_FETCHED",
      "MOBILE_AUTH_FETCH_FAILED_TRANSACTION_ALREADY_FETCHED",
      "PUSH_AUTH_NOT_AUTHENTICATED_FAILED_TO_DECRYPT_MESSAGE",
      "PUSH_AUTH_NOT_AUTHENTICATED_INVALID_STATE",
      "MOBILE_AUTH_FETCH_FAILED_TRANSACTION_EXPIRED",
    ]);
  });
});
