// A mobile authentication: what a portal shows to the phone is confirmed or denied by its user.
import type { App } from "./app.ts";
import { fromBase64 } from "./base64.ts";
import { ask } from "./challenge.ts";
import { conversationOf, forgetEnrolment } from "./enrolment.ts";
import { SdkError } from "./error.ts";
import type { Conversation } from "./open_pgp.ts";
import { closeAnswer, openMessage } from "./open_pgp.ts";
import { isUnreached } from "./refusals.ts";
import type { Login } from "./session.ts";
import type { ConfirmationChallenge, MobileAuthHandler, MobileAuthRequest } from "./types.ts";

type Texts = Readonly<Record<string, string>>;

/** Reads a JSON object whose members of these names are texts; undefined for anything else. */
function textsOf(json: string, names: readonly string[]): Texts | undefined {
  try {
    const value = JSON.parse(json) as Record<string, unknown> | null;
    const isOurs =
      typeof value === "object" && names.every((name) => typeof value?.[name] === "string");
    return isOurs ? (value as Texts) : undefined;
  } catch {
    return undefined;
  }
}

/** Reads a one-time password as a portal shows it; undefined for any other text. Source: D-51. */
function otpOf(text: string): Texts | undefined {
  const bytes = fromBase64(text);
  return bytes && textsOf(new TextDecoder().decode(bytes), ["transaction_id", "otp"]);
}

/** Tells whether a text is a one-time password of a portal, as far as it can be seen. Source: D-51. */
export const canHandleOtp = (text: string): boolean => otpOf(text) !== undefined;

const notHandleable = (message: string): SdkError => new SdkError("NOT_HANDLEABLE", message);

/** Fetches, once, what the user is asked. Throws NOT_HANDLEABLE unless the server said it for this transaction. */
async function fetchRequest(
  app: App,
  login: Login,
  otp: string,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<MobileAuthRequest> {
  const { mobile } = app.connection.services;
  const fetched = await app.session.call(login, signal, (call) =>
    mobile.fetchMessage({ otp }, call),
  );
  const opened = await openMessage(fetched.message, conversation);
  const said = textsOf(opened, ["transaction_id", "type", "message"]);
  const isAsked = said?.transaction_id === otpOf(otp)?.transaction_id;
  if (!said || !isAsked) throw notHandleable("The message is of another request.");
  const { transaction_id: transactionId = "", type = "", message = "" } = said;
  return { transactionId, profile: login.profile, type, message };
}

const tries = 3;

/**
 * Delivers the answer. When nobody can know whether it arrived it is sent again; that the transaction was answered
 * then says that it had. Throws ALREADY_HANDLED when somebody else's answer was there before.
 */
async function deliver(
  app: App,
  login: Login,
  answer: { readonly transactionId: string; readonly answer: string },
  signal: AbortSignal,
): Promise<void> {
  const { mobile } = app.connection.services;
  for (let count = 1; ; count += 1) {
    try {
      await app.session.call(login, signal, (call) => mobile.respond(answer, call));
      return;
    } catch (error) {
      if (!(error instanceof SdkError)) throw error;
      if (count > 1 && error.reason === "ALREADY_HANDLED") return;
      if (!isUnreached(error) || count === tries) throw error;
    }
  }
}

/**
 * Handles a one-time password for the user who is logged in: fetches the request, checks that it is the server's, asks
 * the user, and delivers the signed answer. Throws USER_NOT_AUTHENTICATED, STATELESS_USER_NOT_ALLOWED,
 * NOT_HANDLEABLE, MOBILE_AUTHENTICATION_NOT_ENROLLED, USER_DISENROLLED, MOBILE_AUTHENTICATION_REQUEST_NOT_FOUND,
 * ALREADY_HANDLED. Source: Mobile authentication with OTP; D-51, D-52.
 */
export async function handleOtp(
  app: App,
  otp: string,
  handler: MobileAuthHandler,
  signal: AbortSignal,
): Promise<MobileAuthRequest & { readonly isConfirmed: boolean }> {
  const login = app.session.demand();
  const { profile } = login;
  if (!canHandleOtp(otp)) throw notHandleable("The text is no one-time password.");
  try {
    const conversation = await conversationOf(app, login, signal);
    const request = await fetchRequest(app, login, otp, conversation, signal);
    const answered = await ask<boolean, ConfirmationChallenge>(
      signal,
      (challenge) => handler.onConfirmation(challenge),
      (ends) => ({ profile, request, error: undefined, ...ends }),
    );
    // Whatever else an app without types says is no confirmation, neither there nor here.
    const isConfirmed = answered === true;
    const { transactionId } = request;
    const said = JSON.stringify({ transaction_id: transactionId, confirmed: isConfirmed });
    const answer = await closeAnswer(said, conversation);
    await deliver(app, login, { transactionId, answer }, signal);
    return { ...request, isConfirmed };
  } catch (error) {
    const isEnded = error instanceof SdkError && error.reason === "USER_DISENROLLED";
    if (isEnded) await forgetEnrolment(app, profile.profileId);
    throw error;
  }
}
