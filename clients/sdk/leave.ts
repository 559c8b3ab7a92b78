// Users leave: for now, or for good.
import type { App } from "./app.ts";
import { forgetUser, unknownUser } from "./app.ts";
import { SdkError } from "./error.ts";
import { noteLeftover, removeAtServer } from "./leftovers.ts";
import { isRejection } from "./rejection.ts";
import type { Login } from "./session.ts";
import type { UserProfile } from "./types.ts";

async function revoke(
  { device, connection }: App,
  { accessToken: token }: Login,
  signal: AbortSignal,
): Promise<void> {
  const request = { token, tokenTypeHint: "access_token", ...(await device.prove()) };
  await connection.call(signal, (call) => connection.services.tokens.revokeToken(request, call));
}

/** Whether a failure is that the whole installation is rejected, which goes before what the action would say. */
const endsAll = (error: unknown): error is SdkError =>
  error instanceof SdkError && isRejection(error);

/**
 * Ends the login of now; the user can log in again. Whatever happens nobody is logged in afterwards. Throws
 * USER_NOT_AUTHENTICATED when nobody was, LOCAL_LOGOUT when the server does not know of it.
 */
export async function logOut(app: App, signal: AbortSignal): Promise<void> {
  const ended = app.session.end();
  if (!ended) throw new SdkError("USER_NOT_AUTHENTICATED", "No user is logged in.");
  try {
    await revoke(app, ended, signal);
  } catch (cause) {
    if (endsAll(cause)) throw cause;
    throw new SdkError("LOCAL_LOGOUT", "The user is logged out on this device only.", { cause });
  }
}

/** Ends the login of now, if there is one, in favour of another user's, which it cannot hinder. */
export async function logOutQuietly(app: App): Promise<void> {
  const ended = app.session.end();
  if (!ended) return;
  await revoke(app, ended, app.life).catch((error: unknown) => {
    if (!(error instanceof SdkError)) throw error;
  });
}

/**
 * Removes a user from the device, and from the server: later, when that is not reached now, which is
 * DEREGISTERED_ONLY_LOCALLY. A record that was damaged is no hindrance. Throws USER_DEREGISTERED for a user who is
 * not registered on the device.
 */
export async function deregisterUser(
  app: App,
  { profileId }: UserProfile,
  signal: AbortSignal,
): Promise<void> {
  const ids = await app.records.profileIds();
  if (!ids.includes(profileId)) throw unknownUser();
  await noteLeftover(app, profileId);
  await forgetUser(app, profileId);
  try {
    await removeAtServer(app, profileId, signal);
  } catch (cause) {
    if (endsAll(cause)) throw cause;
    const message = "The user is deregistered on this device only, for now.";
    throw new SdkError("DEREGISTERED_ONLY_LOCALLY", message, { cause });
  }
}
