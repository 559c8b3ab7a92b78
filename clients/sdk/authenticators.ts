// The authenticators of a user: which there are, and which one is asked first.
import type { App } from "./app.ts";
import { changeRecord, recordOf } from "./app.ts";
import { SdkError } from "./error.ts";
import type { Configuration } from "./installation.ts";
import type { ProfileRecord } from "./records.ts";
import { reasonOf } from "./refusals.ts";
import type { Login } from "./session.ts";
import type { Authenticator, UserProfile } from "./types.ts";

type Known = Pick<Authenticator, "id" | "name" | "type" | "isRegistered">;

/** What this device knows by itself. */
const known = (app: App, { authenticators }: Configuration, record: ProfileRecord): Known[] => [
  { id: "pin", name: "PIN", type: "PIN", isRegistered: true },
  ...(app.biometrics
    ? [
        {
          id: "fingerprint",
          name: "Fingerprint",
          type: "FINGERPRINT" as const,
          isRegistered: record.fingerprint !== undefined,
        },
      ]
    : []),
  ...authenticators.map(({ id, name }) => ({
    id,
    name,
    type: "CUSTOM" as const,
    isRegistered: record.custom.includes(id),
  })),
];

/** The record of a user after the server said what it knows; the same one when that is nothing new. */
function reconciled(record: ProfileRecord, registered: ReadonlySet<string>): ProfileRecord {
  const custom = [...registered].filter((id) => id !== "pin" && id !== "fingerprint");
  const fingerprint = registered.has("fingerprint") ? record.fingerprint : undefined;
  const isPreferredThere =
    record.preferred === "pin" ||
    (record.preferred === "fingerprint" ? fingerprint : custom.includes(record.preferred));
  const isSame =
    fingerprint === record.fingerprint &&
    custom.toSorted().join() === record.custom.toSorted().join();
  if (isSame && isPreferredThere) return record;
  return { ...record, fingerprint, custom, preferred: isPreferredThere ? record.preferred : "pin" };
}

/** Asks the server what a logged-in user is registered with, and keeps it. */
async function learn(app: App, login: Login, signal: AbortSignal): Promise<void> {
  const { authenticators } = await app.session.call(login, signal, (call) =>
    app.connection.services.authenticators.listAuthenticators({}, call),
  );
  const registered = new Set(authenticators.filter((one) => one.registered).map(({ id }) => id));
  await changeRecord(app, login.profile.profileId, (record) => reconciled(record, registered));
}

/** Gives what the device knows of the authenticators of a user. Throws USER_DEREGISTERED. */
export async function ownAuthenticators(
  app: App,
  profileId: string,
  signal: AbortSignal,
): Promise<Authenticator[]> {
  const configuration = await app.device.configuration(signal);
  const record = await recordOf(app, profileId);
  return known(app, configuration, record).map((one) => ({
    ...one,
    isPreferred: one.id === record.preferred,
  }));
}

/**
 * Lists the authenticators that a user may have here. Of the user who is logged in the server is asked, of others the
 * device knows what it did itself. Throws USER_DEREGISTERED.
 */
export async function listAuthenticators(
  app: App,
  { profileId }: UserProfile,
  signal: AbortSignal,
): Promise<Authenticator[]> {
  const { login } = app.session;
  await recordOf(app, profileId);
  if (login?.profile.profileId === profileId) {
    try {
      await learn(app, login, signal);
    } catch (error) {
      // A login that ended is no reason not to tell what the device knows.
      const isOver = error instanceof SdkError && reasonOf(error) === "ACCESS_TOKEN_INVALID";
      if (!isOver) throw error;
    }
  }
  return ownAuthenticators(app, profileId, signal);
}

/**
 * Gives one that the user is registered with. Throws INVALID_AUTHENTICATOR when there is none of this id,
 * AUTHENTICATOR_NOT_SUPPORTED for the fingerprint where the device has none, AUTHENTICATOR_NOT_REGISTERED.
 */
export function registeredOne(all: readonly Authenticator[], id: string): Authenticator {
  const found = existingOne(all, id);
  if (found.isRegistered) return found;
  throw new SdkError("AUTHENTICATOR_NOT_REGISTERED", "The user does not have this authenticator.");
}

/** Gives one of an id. Throws INVALID_AUTHENTICATOR, AUTHENTICATOR_NOT_SUPPORTED. */
export function existingOne(all: readonly Authenticator[], id: string): Authenticator {
  const found = all.find((one) => one.id === id);
  if (found) return found;
  if (id === "fingerprint") {
    throw new SdkError("AUTHENTICATOR_NOT_SUPPORTED", "The app cannot ask for a finger.");
  }
  throw new SdkError("INVALID_AUTHENTICATOR", "The app has no such authenticator.");
}

/** Gives the id of the authenticator that a login asks when none is named. */
export const preferredAuthenticator = async (
  app: App,
  { profileId }: UserProfile,
): Promise<string> => (await recordOf(app, profileId)).preferred;

/** Makes an authenticator the preferred one. Throws what `registeredOne` throws, and USER_DEREGISTERED. */
export async function setPreferredAuthenticator(
  app: App,
  { profileId }: UserProfile,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  registeredOne(await ownAuthenticators(app, profileId, signal), id);
  await changeRecord(app, profileId, (record) => ({ ...record, preferred: id }));
}
