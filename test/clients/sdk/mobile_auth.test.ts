// A user confirms on the phone what a portal asks: enrolment, the ten steps, and each way in which they fail.
import assert from "node:assert/strict";
import { makeOpenPgpKeys } from "../../../clients/sdk/open_pgp.ts";
import { recordsOf } from "../../../clients/sdk/records.ts";
import type { MobileAuthHandler, MobileAuthRequest } from "../../../clients/sdk/types.ts";
import { asHelpdesk, devicesOf } from "../../support/end_user.ts";
import { send } from "../../support/http.ts";
import { askResult, start } from "../../support/mobile_portal.ts";
import { serverFor } from "../../support/server.ts";
import { fails, openPhone, pin, registerUser, setupWith, typing } from "./phone.ts";

const answering = (
  isConfirmed: boolean,
): MobileAuthHandler & { readonly seen: MobileAuthRequest[] } => {
  const seen: MobileAuthRequest[] = [];
  return {
    seen,
    onConfirmation(challenge) {
      seen.push(challenge.request);
      challenge.respond(isConfirmed);
    },
  };
};

const nobody: MobileAuthHandler = { onConfirmation: () => assert.fail("nobody is asked") };

describe("mobile authentication on the phone", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith({ id: "mute", mobile_authentication: false }));
  const enrolled = async (user: string, options: Parameters<typeof openPhone>[1] = {}) => {
    const phone = openPhone(server(), options);
    const profile = await registerUser(phone, user);
    await phone.client.enrollForMobileAuth();
    return { phone, profile, client: phone.client };
  };
  const disenrol = async (user: string): Promise<void> => {
    const [device] = await devicesOf(server(), user);
    const path = `/oauth/api/v4/users/${user}/devices/${device?.id}/disableMobileAuthentication`;
    const answer = await send(server().http + path, { method: "POST", headers: asHelpdesk });
    assert.equal(answer.status, 204, answer.text);
  };

  for (const isConfirmed of [true, false]) {
    it(`tells the portal what the user said: ${isConfirmed} (Mobile authentication with OTP)`, async () => {
      const { client, profile } = await enrolled("ann");
      const message = "Pay 10 € to Bob?\r\n\u202e\u{1f4f1}";
      const { id, otp } = await start(server(), { secure_message: message });
      assert.equal(client.canHandleOtpMobileAuthRequest(otp), true);
      const handler = answering(isConfirmed);
      const handled = await client.handleOtpMobileAuthRequest(otp, handler);
      const request = { transactionId: id, profile, type: "login", message };
      assert.deepEqual(handler.seen, [request]);
      assert.deepEqual(handled, { ...request, isConfirmed });
      const { json } = await askResult(server(), id);
      assert.deepEqual([json.is_authenticated, json.user_id], [isConfirmed, "ann"]);
    });
  }

  it("is open to whoever enrolled, again and again, after a new login as well", async () => {
    const { client, phone, profile } = await enrolled("again");
    await client.enrollForMobileAuth();
    await client.logoutUser();
    assert.equal(await client.isUserEnrolledForMobileAuth(profile), true);
    const other = phone.again();
    await other.authenticateUser(profile, typing(pin));
    assert.equal(await other.isUserEnrolledForMobileAuth(profile), true);
    const { otp } = await start(server());
    await other.handleOtpMobileAuthRequest(otp, answering(true));
  });

  it("keeps its private key sealed, and makes another one after it was ended", async () => {
    const { client, phone, profile } = await enrolled("sealed");
    const records = recordsOf(phone.storage);
    const first = await records.enrolment(profile.profileId);
    assert.doesNotMatch(atob(first?.key ?? ""), /PRIVATE KEY/);
    await disenrol("sealed");
    const { otp } = await start(server());
    await fails(client.handleOtpMobileAuthRequest(otp, nobody), "USER_DISENROLLED");
    assert.equal(await client.isUserEnrolledForMobileAuth(profile), false);
    await fails(
      client.handleOtpMobileAuthRequest(otp, nobody),
      "MOBILE_AUTHENTICATION_NOT_ENROLLED",
    );
    await client.enrollForMobileAuth();
    const second = await records.enrolment(profile.profileId);
    assert.notEqual(second?.fingerprint, first?.fingerprint);
    await client.handleOtpMobileAuthRequest(otp, answering(true));
  });

  it("says that it was ended also when that was seen before", async () => {
    const { client, profile } = await enrolled("seen");
    await disenrol("seen");
    assert.equal(await client.isUserEnrolledForMobileAuth(profile), false);
    const { otp } = await start(server());
    await fails(client.handleOtpMobileAuthRequest(otp, nobody), "USER_DISENROLLED");
  });

  it("needs an enrolment, and one of the user who is logged in", async () => {
    const { client, profile } = await enrolled("first");
    const bob = await registerUser({ client }, "second");
    assert.equal(await client.isUserEnrolledForMobileAuth(bob), false);
    assert.equal(await client.isUserEnrolledForMobileAuth(profile), true);
    const { otp } = await start(server());
    await fails(
      client.handleOtpMobileAuthRequest(otp, nobody),
      "MOBILE_AUTHENTICATION_NOT_ENROLLED",
    );
    await client.logoutUser();
    await fails(client.handleOtpMobileAuthRequest(otp, nobody), "USER_NOT_AUTHENTICATED");
    await fails(client.enrollForMobileAuth(), "USER_NOT_AUTHENTICATED");
  });

  it("is offered where the application has it, on one device where it says so", async () => {
    const mute = openPhone(server(), { application: "mute" });
    await registerUser(mute);
    await fails(mute.client.enrollForMobileAuth(), "ENROLLMENT_NOT_AVAILABLE");
    const single = { application: "single" };
    await enrolled("one device", single);
    const other = openPhone(server(), single);
    await registerUser(other, "one device");
    await fails(other.client.enrollForMobileAuth(), "USER_ALREADY_ENROLLED");
  });

  it("handles one-time passwords of portals and nothing else", async () => {
    const { client } = await enrolled("texts");
    const shown = (value: unknown): string => btoa(JSON.stringify(value));
    for (const text of [
      "",
      "hello",
      "%%%",
      shown(null),
      shown([]),
      shown({ otp: "x" }),
      shown("x"),
    ]) {
      assert.equal(client.canHandleOtpMobileAuthRequest(text), false, text);
      await fails(client.handleOtpMobileAuthRequest(text, nobody), "NOT_HANDLEABLE");
    }
    const nameless = shown({ transaction_id: "nonsense", otp: "x" });
    await fails(client.handleOtpMobileAuthRequest(nameless, nobody), "NOT_HANDLEABLE");
    const unknown = shown({ transaction_id: crypto.randomUUID(), otp: "x" });
    const missing = client.handleOtpMobileAuthRequest(unknown, nobody);
    await fails(missing, "MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND");
  });

  it("handles each of them once", async () => {
    const { client } = await enrolled("once");
    const { otp } = await start(server());
    await client.handleOtpMobileAuthRequest(otp, answering(true));
    await fails(client.handleOtpMobileAuthRequest(otp, nobody), "ALREADY_HANDLED");
    const other = await start(server());
    const cancelled = client.handleOtpMobileAuthRequest(other.otp, {
      onConfirmation: (challenge) => challenge.cancel(),
    });
    await fails(cancelled, "ACTION_CANCELED");
    await fails(client.handleOtpMobileAuthRequest(other.otp, nobody), "ALREADY_HANDLED");
  });

  it("does not show what the server did not sign for this user", async () => {
    const { client, phone } = await enrolled("deceived");
    const records = recordsOf(phone.storage);
    const { profileId } = client.authenticatedUserProfile ?? { profileId: "" };
    const kept = await records.enrolment(profileId);
    assert.ok(kept);
    const { publicKey } = await makeOpenPgpKeys("not the server", new Date());
    await records.putEnrolment(profileId, { ...kept, server: publicKey });
    const { otp } = await start(server());
    await fails(client.handleOtpMobileAuthRequest(otp, nobody), "NOT_HANDLEABLE");
  });

  it("takes nothing but true for a yes, there and here", async () => {
    const { client } = await enrolled("untyped");
    for (const said of ["false", 1, {}, undefined]) {
      const { id, otp } = await start(server());
      const { isConfirmed } = await client.handleOtpMobileAuthRequest(otp, {
        onConfirmation: (challenge) => challenge.respond(said as never),
      });
      const { json } = await askResult(server(), id);
      assert.deepEqual([isConfirmed, json.is_authenticated], [false, false]);
    }
  });

  it("sends an answer again until it arrives, and says it once", async () => {
    const { client, phone } = await enrolled("lossy");
    for (const loss of ["request", "answer"] as const) {
      const { id, otp } = await start(server());
      const handled = client.handleOtpMobileAuthRequest(otp, {
        onConfirmation(challenge) {
          phone.network.forget();
          phone.network.lose(loss, 0);
          challenge.respond(true);
        },
      });
      assert.equal((await handled).isConfirmed, true);
      phone.network.mend();
      assert.deepEqual(phone.network.calls, ["Respond", "Respond"]);
      assert.equal((await askResult(server(), id)).json.is_authenticated, true);
    }
  });

  it("is enrolled although the answer to that was lost", async () => {
    const phone = openPhone(server());
    const profile = await registerUser(phone, "unsure");
    phone.network.lose("answer");
    await fails(phone.client.enrollForMobileAuth(), "SERVER_NOT_REACHABLE");
    phone.network.mend();
    const { otp } = await start(server());
    await phone.client.handleOtpMobileAuthRequest(otp, answering(true));
    assert.equal(await phone.client.isUserEnrolledForMobileAuth(profile), true);
    await phone.client.enrollForMobileAuth();
    const next = await start(server());
    await phone.client.handleOtpMobileAuthRequest(next.otp, answering(true));
  });

  for (const seconds of [-50, 50]) {
    it(`works on a phone whose clock is ${seconds} seconds off`, async () => {
      const { client } = await enrolled("late", { now: () => Date.now() + seconds * 1000 });
      const { otp } = await start(server());
      await client.handleOtpMobileAuthRequest(otp, answering(true));
    });
  }

  it("stays with other users when one of them is gone, or his key is damaged", async () => {
    const { client, phone, profile } = await enrolled("tidy");
    const name = `enrolment.${profile.profileId.toLowerCase()}`;
    const bob = await registerUser({ client }, "other");
    await client.enrollForMobileAuth();
    await phone.storage.write(name, "{}");
    await client.authenticateUser(profile, typing(pin));
    const { otp } = await start(server());
    await fails(client.handleOtpMobileAuthRequest(otp, nobody), "DATA_STORAGE_UNRECOVERABLE");
    await client.enrollForMobileAuth();
    await client.handleOtpMobileAuthRequest(otp, answering(true));
    await client.deregisterUser(profile);
    assert.equal(await phone.storage.read(name), undefined);
    await client.authenticateUser(bob, typing(pin));
    const next = await start(server());
    await client.handleOtpMobileAuthRequest(next.otp, answering(true));
  });
});
