// The part of the walk in which a phone that somebody is logged in on opens the portal, and refuses to.
import type { Cast, Login } from "./cast.ts";
import { send } from "./exchange.ts";
import { at, expectAt, expectStatus, expectThat, textAt } from "./expectation.ts";
import type { EnrolledPhone, Request } from "./mobile_phone.ts";
import { enrol } from "./mobile_phone.ts";
import { user } from "./portal.ts";
import { qrLines } from "./qr_code.ts";

/** Opens the portal's login page in a browser where nobody is logged in. */
async function openLogin({ stage, portal }: Cast, json: { message?: string }) {
  const { body } = expectStatus(await send(stage.witness, `${portal.url}/logins`, { json }), 201);
  expectAt(body, "seconds", 120);
  return { transaction: textAt(body, "transaction"), content: textAt(body, "content") };
}

/** Sends the user's answer, and waits for what the login page makes of it. */
async function answer(cast: Cast, phone: EnrolledPhone, request: Request, confirmed: boolean) {
  const { stage, portal } = cast;
  expectStatus(await phone.respond(request, confirmed), 204);
  return send(stage.witness, `${portal.url}/logins/${request.transactionId}`);
}

/** Shows the enrolment of a phone, a login at the portal that its user confirms, and one denied. */
export async function logInAtPortal(cast: Cast, { accessToken }: Login): Promise<void> {
  const { stage } = cast;
  stage.section("Log in at the portal with the phone");

  const phone = await stage.step(
    "The phone enrols: it exchanges OpenPGP keys with the server",
    async (say) => {
      const enrolled = await enrol(stage.witness, cast.issuer, accessToken);
      say(`its key is ${enrolled.fingerprint.replace(/.{4}(?=.)/g, "$& ")}`);
      return enrolled;
    },
  );

  const place = "Log in at the demo portal, from 127.0.0.1?";
  const begun = await stage.step("Somebody opens the portal's login page", async (say) => {
    const started = await openLogin(cast, { message: place });
    say("a one-time password of 128 random bits, good once and for 120 s");
    return started;
  });
  stage.picture(qrLines(begun.content), ["The login page", "shows the code."]);

  const request = await stage.step("The phone scans it and fetches the message", async (say) => {
    const fetched = await phone.fetch(begun.content);
    expectThat(fetched.transactionId === begun.transaction, begun.transaction, fetched);
    expectThat(fetched.message === place, place, fetched.message);
    say(`decrypted, and signed by the server: "${fetched.message}"`);
    return fetched;
  });

  await stage.step(`${user.name} confirms, and the portal is called back`, async (say) => {
    const { body } = expectStatus(await answer(cast, phone, request, true), 200);
    expectAt(body, "user", user.id);
    say(`the callback's signature is right, and the result says who it is: ${user.id}`);
  });

  await stage.step("Somebody sends her a code to scan, and she denies", async (say) => {
    const other = await openLogin(cast, {});
    const asked = await phone.fetch(other.content);
    const { body } = expectStatus(await answer(cast, phone, asked, false), 403);
    expectAt(body, "reason", "not_accepted");
    say(`"${asked.message}" — no: ${String(at(body, "reason"))}, and nobody is let in`);
  });
}
