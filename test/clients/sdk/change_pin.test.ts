// A user changes the PIN: until the new one is written the old one counts, and never both or none.
import assert from "node:assert/strict";
import type { ChangePinHandler, CreatePinChallenge } from "../../../clients/sdk/types.ts";
import { serverFor } from "../../support/server.ts";
import type { Phone } from "./phone.ts";
import { fails, openPhone, pin, registerUser, setupWith, typing, wrongPin } from "./phone.ts";

const newPin = "97123";

const changing = (...pins: string[]): ChangePinHandler => ({
  ...typing(...pins),
  onCreatePin: (challenge) => challenge.respond(newPin),
});

describe("a change of the PIN (D-42)", function () {
  this.timeout(60_000);
  const server = serverFor(() => setupWith());
  const userOn = async (phone: Phone) => registerUser(phone);

  it("asks for the old one, then for a new one that keeps the policy", async () => {
    const phone = openPhone(server());
    const profile = await userOn(phone);
    const pins = ["1", newPin];
    const seen: unknown[] = [];
    const handler = {
      ...typing(wrongPin, pin),
      onCreatePin(challenge: CreatePinChallenge) {
        seen.push(challenge.error?.reason);
        challenge.respond(pins.shift() ?? "");
      },
    };
    await phone.client.changePin(handler);
    assert.deepEqual(
      [handler.asked, seen],
      [
        [-1, 4],
        [undefined, "WRONG_PIN_LENGTH"],
      ],
    );
    await phone.client.authenticateUser(profile, typing(newPin));
    const old = typing(pin, newPin);
    await phone.client.authenticateUser(profile, old);
    assert.deepEqual(old.asked, [-1, 4]);
  });

  it("that is cancelled at either question leaves the old one", async () => {
    const phone = openPhone(server());
    const profile = await userOn(phone);
    await fails(phone.client.changePin(changing()), "ACTION_CANCELED");
    const handler = { ...typing(pin), onCreatePin: (c: CreatePinChallenge) => c.cancel() };
    await fails(phone.client.changePin(handler), "ACTION_CANCELED");
    await phone.client.authenticateUser(profile, typing(pin));
  });

  it("by too many wrong ones forgets the user", async () => {
    const phone = openPhone(server());
    await userOn(phone);
    const handler = changing(wrongPin, wrongPin, wrongPin, wrongPin, wrongPin);
    await fails(phone.client.changePin(handler), "USER_DEREGISTERED");
    assert.deepEqual(await phone.client.userProfiles(), []);
    assert.equal(phone.client.accessToken, undefined);
  });

  it("is for a user who is logged in", async () => {
    const phone = openPhone(server());
    await userOn(phone);
    await phone.client.logoutUser();
    await fails(phone.client.changePin(changing(pin)), "USER_NOT_AUTHENTICATED");
  });

  it("goes on when somebody else on the device logs in meanwhile", async () => {
    const phone = openPhone(server());
    const profile = await userOn(phone);
    const other = phone.again();
    await phone.client.changePin({
      ...typing(pin),
      async onCreatePin(challenge) {
        await other.authenticateUser(profile, typing(pin));
        challenge.respond(newPin);
      },
    });
    await phone.client.authenticateUser(profile, typing(newPin));
  });

  it("does not undo that of somebody else on the device meanwhile", async () => {
    const phone = openPhone(server());
    const profile = await userOn(phone);
    const other = phone.again();
    await other.authenticateUser(profile, typing(pin));
    const change = phone.client.changePin({
      ...typing(pin),
      async onCreatePin(challenge) {
        await other.changePin(changing(pin));
        challenge.respond("50525");
      },
    });
    await fails(change, "INVALID_PIN");
    await phone.client.authenticateUser(profile, typing(newPin));
  });
});
