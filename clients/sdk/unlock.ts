// Logins with a refresh token that is kept locked: by the PIN, or by the device behind the fingerprint.
import type { IssueTokenResponse } from "../../gen/gatewright/v1/token.ts";
import type { App } from "./app.ts";
import { beginLogin, changeRecord, forgettingGone, recordOf } from "./app.ts";
import { ask, demandGoing } from "./challenge.ts";
import { SdkError } from "./error.ts";
import { lock, unlock } from "./pin_lock.ts";
import type { ProfileRecord } from "./records.ts";
import type { Names } from "./refusals.ts";
import { openFor, sealFor } from "./sealed.ts";
import type { PinChallenge, UserProfile } from "./types.ts";

/** A refresh token and where it comes from. */
interface Presented {
  readonly profileId: string;
  readonly authenticator: "pin" | "fingerprint";
  readonly refreshToken: string;
}

/** Tokens of a login, the refresh token among them. */
type Renewed = IssueTokenResponse & { readonly refreshToken: string };

async function renew(
  { device, connection }: App,
  presented: Presented,
  signal: AbortSignal,
  names: Names = {},
): Promise<Renewed> {
  const proof = await device.prove();
  const request = { grantType: "refresh_token", ...presented, ...proof };
  const renewed = await connection.call(
    signal,
    (call) => connection.services.tokens.issueToken(request, call),
    names,
  );
  const { refreshToken } = renewed;
  if (refreshToken !== undefined) return { ...renewed, refreshToken };
  throw new SdkError("GENERAL_ERROR", "The server gave no refresh token.");
}

/** What the server gave, and the record that has it. */
interface Replaced {
  readonly renewed: Renewed;
  readonly changed: ProfileRecord;
}

/**
 * Replaces the refresh token of a record by its successor, which is kept before anybody uses what came with it: until
 * then the server gives the same successor again, so an answer that is lost, or that cannot be kept, costs nobody the
 * login. Nobody else on the device does the same meanwhile, since a token that was replaced ends the login.
 * Source: D-62.
 */
async function replace(
  app: App,
  { profileId }: UserProfile,
  signal: AbortSignal,
  how: (record: ProfileRecord) => Promise<Replaced>,
): Promise<Replaced> {
  return forgettingGone(app, profileId, () =>
    app.storage.exclusively(async () => {
      demandGoing(signal);
      const replaced = await how(await recordOf(app, profileId));
      await app.records.putProfile(replaced.changed);
      return replaced;
    }),
  );
}

/** What a PIN that was right leaves: the refresh token, and the record of it as it was kept. */
export interface Proven {
  readonly refreshToken: string;
  readonly locked: string;
}

/**
 * Logs a user in with a PIN. Throws INVALID_PIN with the tries that are left, USER_DEREGISTERED after the last one;
 * then the user is forgotten. Source: D-42.
 */
export async function logInWithPin(
  app: App,
  profile: UserProfile,
  pin: string,
  signal: AbortSignal,
): Promise<Proven> {
  const { profileId } = profile;
  const { renewed, changed } = await replace(app, profile, signal, async (record) => {
    const refreshToken = await unlock(app.storage, record.pin, pin);
    const presented = { profileId, authenticator: "pin", refreshToken } as const;
    const given = await renew(app, presented, signal);
    const locked = await lock(app.storage, given.refreshToken, pin);
    return { renewed: given, changed: { ...record, pin: locked } };
  });
  await beginLogin(app, profile, "PIN", renewed);
  return { refreshToken: renewed.refreshToken, locked: changed.pin };
}

/**
 * Asks the user for the PIN until it is the right one, and logs in with it. Throws ACTION_CANCELED,
 * and what `logInWithPin` throws but INVALID_PIN, which is told with the next question.
 */
export async function askPin(
  app: App,
  profile: UserProfile,
  handler: { onPin(challenge: PinChallenge): void | Promise<void> },
  signal: AbortSignal,
): Promise<{ readonly pin: string; readonly proven: Proven }> {
  let error: SdkError | undefined;
  for (let failures = 0; ; failures += 1) {
    const about = { profile, error, failures, remainingAttempts: error?.remainingAttempts };
    const pin = await ask<string, PinChallenge>(
      signal,
      (challenge) => handler.onPin(challenge),
      (ends) => ({ ...about, ...ends }),
    );
    try {
      return { pin, proven: await logInWithPin(app, profile, pin, signal) };
    } catch (failure) {
      if (!(failure instanceof SdkError) || failure.reason !== "INVALID_PIN") throw failure;
      error = failure;
    }
  }
}

/** Drops what the device keeps of an authenticator of a user; the PIN becomes the preferred one in its place. */
export const dropAuthenticator = (app: App, profileId: string, id: string): Promise<void> =>
  changeRecord(app, profileId, (record) => ({
    ...record,
    fingerprint: id === "fingerprint" ? undefined : record.fingerprint,
    custom: record.custom.filter((other) => other !== id),
    preferred: record.preferred === id ? "pin" : record.preferred,
  }));

const deregistered = (): SdkError =>
  new SdkError("AUTHENTICATOR_DEREGISTERED", "The fingerprint was given up meanwhile.");

/**
 * Logs a user in with the refresh token of the fingerprint; whether it is the user's finger was asked before. Throws
 * AUTHENTICATOR_DEREGISTERED when the server does not take the token, which is forgotten then. Source: D-43.
 */
export async function logInWithFingerprint(
  app: App,
  profile: UserProfile,
  signal: AbortSignal,
): Promise<void> {
  const { profileId } = profile;
  try {
    const { renewed } = await replace(app, profile, signal, async (record) => {
      const { fingerprint } = record;
      if (fingerprint === undefined) throw deregistered();
      const refreshToken = await openFor(app.storage, profileId, fingerprint);
      const presented = { profileId, authenticator: "fingerprint", refreshToken } as const;
      const names = { GRANT_INVALID: "AUTHENTICATOR_DEREGISTERED" } as const;
      const given = await renew(app, presented, signal, names);
      const sealed = await sealFor(app.storage, profileId, given.refreshToken);
      return { renewed: given, changed: { ...record, fingerprint: sealed } };
    });
    await beginLogin(app, profile, "FINGERPRINT", renewed);
  } catch (error) {
    const isGone = error instanceof SdkError && error.reason === "AUTHENTICATOR_DEREGISTERED";
    if (isGone) await dropAuthenticator(app, profileId, "fingerprint");
    throw error;
  }
}
