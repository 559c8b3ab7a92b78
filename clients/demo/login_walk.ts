// The part of the walk in which a registered user logs in again: with the PIN, and with a card.
import { randomBytes, randomInt } from "node:crypto";
import type { Cast, Login } from "./cast.ts";
import { opaque } from "./cast.ts";
import { expectAbsent, expectAt, expectStatus, textAt } from "./expectation.ts";

/** A chip card: the number on it, and the key that only the chip gives out. */
const newCard = (): { card: string; seal: string } => ({
  card: String(randomInt(10_000_000, 100_000_000)),
  seal: randomBytes(16).toString("base64url"),
});

/** Shows a wrong PIN, and a custom authenticator whose two steps are scripts. */
export async function logIn(cast: Cast, login: Login): Promise<void> {
  const { stage, resourceServer } = cast;
  const { phone, profileId, accessToken } = login;
  const card = newCard();
  stage.section("Log in again");

  await stage.step("The user mistypes the PIN, which decrypts to a wrong token", async (say) => {
    const wrong = randomBytes(32).toString("hex").toUpperCase();
    const { body } = expectStatus(await phone.refresh(wrong, profileId), 400);
    expectAt(body, "error", "invalid_grant");
    expectAt(body, "remaining_attempts", 4);
    say("invalid_grant, 4 tries left; the PIN itself never reaches the server");
  });

  await stage.step("Still logged in, the user registers an NFC card", async (say) => {
    const { body } = expectStatus(await phone.registerAuthenticator("nfc", card, accessToken), 200);
    expectAt(body, "status", 2000);
    say(`status 2000: the script checked card ${card.card}; the server keeps its data`);
  });

  await stage.step("Somebody holds another card to the phone", async (say) => {
    const { body } = expectStatus(await phone.authenticate("nfc", newCard(), profileId), 200);
    expectAt(body, "status", 4000);
    expectAbsent(body, "oauth_token");
    say("status 4000, a retry, and no tokens");
  });

  await stage.step("The user holds the right one to it, and is in", async (say) => {
    const { body } = expectStatus(await phone.authenticate("nfc", card, profileId), 200);
    expectAt(body, "status", 2000);
    const byCard = textAt(body, "oauth_token.access_token", opaque);
    const account = expectStatus(await phone.call(`${resourceServer.url}/account`, byCard), 200);
    expectAt(account.body, "token.amr", ["CUSTOM_AUTHENTICATOR", "mca"]);
    say("status 2000: an access token whose amr says CUSTOM_AUTHENTICATOR");
  });
}
