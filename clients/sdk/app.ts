// What the verbs of the SDK share.
import type { Connection } from "./connection.ts";
import type { Device } from "./device.ts";
import { SdkError } from "./error.ts";
import type { ProfileRecord, Records } from "./records.ts";
import type { Granted, LoginKind, Session } from "./session.ts";
import type { DeviceStorage } from "./storage.ts";
import type { Biometrics, UserProfile } from "./types.ts";

/** An app on a device, as the verbs see it. */
export interface App {
  readonly storage: DeviceStorage;
  readonly biometrics: Biometrics | undefined;
  readonly connection: Connection;
  readonly records: Records;
  readonly session: Session;
  readonly device: Device;
  /** Aborts at the end of the client; ends what has to be done also when an action was cancelled. */
  readonly life: AbortSignal;
}

/** Gives the error for a user who is not registered on this device, or no longer. */
export const unknownUser = (): SdkError =>
  new SdkError("USER_DEREGISTERED", "The user is not registered on this device.");

/** Gives the record of a user. Throws USER_DEREGISTERED when there is none, STATELESS_USER_NOT_ALLOWED. */
export async function recordOf(
  { records, session }: App,
  profileId: string,
): Promise<ProfileRecord> {
  const record = await records.profile(profileId);
  if (record) return record;
  // Who is logged in and has no record is stateless.
  if (session.login?.profile.profileId === profileId) session.demand();
  throw unknownUser();
}

/** Changes the record of a user, by what it is at that moment. Not to be called in `exclusively`. */
export const changeRecord = (
  app: App,
  profileId: string,
  change: (record: ProfileRecord) => ProfileRecord,
): Promise<void> =>
  app.storage.exclusively(async () => {
    const record = await recordOf(app, profileId);
    const changed = change(record);
    if (changed !== record) await app.records.putProfile(changed);
  });

/** Begins the login of a user, who may have been forgotten while it was under way. Not to be called in `exclusively`. */
export const beginLogin = (
  app: App,
  profile: UserProfile,
  kind: LoginKind,
  granted: Granted,
): Promise<void> =>
  app.storage.exclusively(async () => {
    await recordOf(app, profile.profileId);
    app.session.begin(profile, kind, granted);
  });

/** Forgets a user of this device: records and logins. Not to be called in `exclusively`. */
export async function forgetUser(app: App, profileId: string): Promise<void> {
  try {
    await app.storage.exclusively(() => app.records.removeProfile(profileId));
  } finally {
    // Last: a login that was under way has begun by now, or finds no user.
    app.session.forget(profileId);
  }
}

/** Does something for a user, who is forgotten when the server says that the profile is gone (9003). */
export async function forgettingGone<T>(
  app: App,
  profileId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isGone = error instanceof SdkError && error.reason === "USER_DEREGISTERED";
    if (isGone) await forgetUser(app, profileId);
    throw error;
  }
}
