// The walk: the documented flows, step by step, each answer held against what it has to be.
import { decodeJwt } from "jose";
import type { Cast, Login } from "./cast.ts";
import { loginOf, opaque, press } from "./cast.ts";
import { showDevices } from "./device_walk.ts";
import type { Answer } from "./exchange.ts";
import { expectAbsent, expectAt, expectStatus, expectThat, jsonAt, textAt } from "./expectation.ts";
import { logIn } from "./login_walk.ts";
import { logInAtPortal } from "./mobile_walk.ts";
import type { Phone } from "./phone.ts";
import { newProfileId, openPhone } from "./phone.ts";
import { user } from "./portal.ts";
import { qrLines } from "./qr_code.ts";

const codeForm = /^[A-Za-z0-9_-]{22}$/;
/** Registers a phone by QR code. Gives the login and the content of the code. */
async function registerByQrCode(cast: Cast): Promise<{ login: Login; content: string }> {
  const { stage } = cast;
  stage.section("Register a phone by QR code");

  const phone = await stage.step("A new phone makes a key and registers itself", async (say) => {
    const opened = await openPhone(stage.witness, cast.issuer);
    say(`it is now the OAuth client ${opened.clientId}`);
    return opened;
  });

  const asks = `${user.name}, logged in at the portal, asks for a code`;
  const { transaction, content } = await stage.step(asks, async (say) => {
    const { body } = expectStatus(await press(cast, "/devices", {}), 201);
    textAt(body, "code.identifier", codeForm);
    expectAt(body, "code.expiresIn", 60);
    say("status 2000: an identifier of 128 random bits, good once and for 60 s");
    return { transaction: textAt(body, "transaction", codeForm), content: textAt(body, "content") };
  });
  const [name = "", identifier = ""] = content.split(":");
  stage.picture(qrLines(content), [
    "The portal shows the code.",
    "All that it holds:",
    "",
    `${name}:`,
    `  ${identifier}`,
  ]);

  const login = await stage.step(
    "The phone scans it and completes the registration",
    async (say) => {
      const profileId = newProfileId();
      const answer = await phone.complete("qr", { data: JSON.parse(content), profileId });
      const context = jsonAt(expectStatus(answer, 200).body, "data");
      expectAt(context, "displayName", user.name);
      const time = textAt(context, "startedAt", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/).slice(11, 19);
      const place = textAt(context, "startedFrom");
      say(`status 2000: access, refresh and ID token for profile ${profileId}`);
      say(
        `the app asks: "Started by ${user.name} from ${place} at ${time} UTC. Is that you?" ` +
          "and then for a new PIN",
      );
      return loginOf(phone, profileId, answer);
    },
  );

  await stage.step("The portal's page knows it, since the script called back", async (say) => {
    const { body } = expectStatus(await press(cast, `/devices/${transaction}`), 200);
    expectAt(body, "state", "scanned");
    say("the code was scanned");
  });
  return { login, content };
}

/** Uses the tokens at an API, and refreshes them. Gives the login with its new tokens. */
async function useTokens(cast: Cast, login: Login): Promise<Login> {
  const { stage, resourceServer } = cast;
  const { phone, profileId } = login;
  stage.section("Use the tokens");

  await stage.step("The phone calls an API, which introspects the access token", async (say) => {
    const answer = await phone.call(`${resourceServer.url}/account`, login.accessToken);
    const { body } = expectStatus(answer, 200);
    expectAt(body, "token.sub", user.id);
    expectAt(body, "token.client_id", phone.clientId);
    expectAt(body, "token.scope", "read openid");
    expectAt(body, "token.amr", ["DEFAULT", "mca"]);
    expectAt(body, "token.app_identifier", "demo-app");
    expectAt(body, "token.profile_id", profileId);
    say(`active: ${user.id}, scope read openid, amr DEFAULT mca, profile ${profileId}`);
  });

  await stage.step("The API verifies the ID token with the published keys", async (say) => {
    const session = { id_token: login.idToken };
    const answer = await phone.call(`${resourceServer.url}/session`, login.accessToken, session);
    const { body } = expectStatus(answer, 201);
    expectAt(body, "claims.iss", cast.issuer);
    expectAt(body, "claims.aud", phone.clientId);
    expectAt(body, "claims.sub", user.id);
    expectAt(body, "claims.name", user.name);
    say(`ES256; issuer, audience and at_hash are right; it is about ${user.name}`);
  });

  return stage.step("The phone refreshes its login; the refresh token rotates", async (say) => {
    const { body } = expectStatus(await phone.refresh(login.refreshToken, profileId), 200);
    const accessToken = textAt(body, "access_token", opaque);
    const refreshToken = textAt(body, "refresh_token", opaque);
    expectThat(accessToken !== login.accessToken, "a new access token", accessToken);
    expectThat(refreshToken !== login.refreshToken, "a new refresh token", refreshToken);
    expectAt(body, "scope", "read openid");
    expectStatus(await phone.call(`${resourceServer.url}/account`, accessToken), 200);
    say("a new access token, good at the API, and a new refresh token");
    return { ...login, accessToken, refreshToken };
  });
}

/** Shows that a code is good once, and that what is revoked is worth nothing. */
async function refuse(cast: Cast, login: Login, content: string): Promise<void> {
  const { stage, resourceServer } = cast;
  const { phone, profileId, accessToken, refreshToken } = login;
  stage.section("What is refused");

  await stage.step("A stranger's phone scans a photo of the same code", async (say) => {
    const stranger = await openPhone(stage.witness, cast.issuer);
    const completion = { data: JSON.parse(content), profileId: newProfileId() };
    const { body } = expectStatus(await stranger.complete("qr", completion), 200);
    expectAt(body, "status", 5001);
    expectAbsent(body, "oauth_token");
    say("status 5001, unrecoverable, and no tokens: the first scan took the code");
  });

  await stage.step("The phone signs off and revokes its refresh token", async (say) => {
    expectStatus(await phone.revoke(refreshToken, profileId), 200);
    say("revoked, with the access tokens that came of it");
  });

  await stage.step("Neither token is worth anything from then on", async (say) => {
    const { body } = expectStatus(
      await phone.call(`${resourceServer.url}/account`, accessToken),
      401,
    );
    expectAt(body, "token", { active: false });
    const again = expectStatus(await phone.refresh(refreshToken, profileId), 400);
    expectAt(again.body, "error", "invalid_grant");
    say("introspection says active: false, and the refresh is an invalid_grant");
  });
}

/**
 * Registers the phone again by the two-step provider: a challenge that is answered at the portal.
 * Gives the login.
 */
async function registerByChallenge(cast: Cast, phone: Phone): Promise<Login> {
  const { stage } = cast;
  const profileId = newProfileId();
  stage.section("Register by challenge and response, in two steps");

  const begun = await stage.step("The phone asks for a challenge", async (say) => {
    const { body } = expectStatus(await phone.init("challenge"), 200);
    expectAt(body, "status", 2000);
    const challenge = textAt(jsonAt(body, "data"), "challenge", /^\d{4}-\d{4}-\d{4}$/);
    say(`status 2000: the phone shows ${challenge} and keeps the transaction`);
    return { challenge, transactionId: textAt(body, "transaction_id", codeForm) };
  });
  const { challenge, transactionId } = begun;
  const complete = (response: string): Promise<Answer> =>
    phone.complete("challenge", { data: { challenge, response }, profileId, transactionId });

  await stage.step("Its user guesses, before the portal gave a response", async (say) => {
    const { body } = expectStatus(await complete("000000"), 200);
    expectAt(body, "status", 4002);
    expectAbsent(body, "oauth_token");
    say("status 4002, a retry: no tokens, and the transaction stays");
  });

  const response = await stage.step(
    `${user.name} types the challenge at the portal`,
    async (say) => {
      const { body } = expectStatus(await press(cast, "/challenges", { challenge }), 200);
      const given = textAt(body, "response", /^\d{6}$/);
      say(`status 2000: the portal shows the response ${given}`);
      return given;
    },
  );

  return stage.step("The phone completes the same transaction with it", async (say) => {
    const login = loginOf(phone, profileId, await complete(response));
    const subject = decodeJwt(login.idToken).sub;
    expectThat(subject === user.id, user.id, subject);
    say(`status 2000: tokens for profile ${profileId}`);
    return login;
  });
}

/** Walks through everything. Throws StepFailed at the first step that does not go as it should. */
export async function walk(cast: Cast): Promise<void> {
  const { login, content } = await registerByQrCode(cast);
  const refreshed = await useTokens(cast, login);
  await logIn(cast, refreshed);
  await logInAtPortal(cast, refreshed);
  await refuse(cast, refreshed, content);
  await showDevices(cast, await registerByChallenge(cast, refreshed.phone));
}
