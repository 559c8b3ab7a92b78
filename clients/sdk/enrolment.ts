// Enrolment of a user for mobile authentication: whose key the server has, and the server's own one.
import type { GetEnrolmentResponse } from "../../gen/gatewright/v1/mobile_auth.ts";
import type { App } from "./app.ts";
import { recordOf } from "./app.ts";
import { SdkError } from "./error.ts";
import type { Conversation } from "./open_pgp.ts";
import { makeOpenPgpKeys, publicHalf } from "./open_pgp.ts";
import type { EnrolmentRecord } from "./records.ts";
import { unlessDamaged } from "./records.ts";
import { openFor, sealFor } from "./sealed.ts";
import type { Login } from "./session.ts";
import type { UserProfile } from "./types.ts";

/** A record with the private key that it has. */
interface Opened {
  readonly record: EnrolmentRecord;
  readonly own: string;
}

async function opened({ records, storage }: App, profileId: string): Promise<Opened | undefined> {
  const record = await records.enrolment(profileId);
  return record && { record, own: await openFor(storage, profileId, record.key) };
}

/** Makes a key and keeps it, before the server is told: an answer that is lost does not lose the key. */
async function newKey(app: App, profileId: string): Promise<Opened> {
  const { storage, records, connection } = app;
  const made = await makeOpenPgpKeys(profileId, connection.serverTime());
  const key = await sealFor(storage, profileId, made.privateKey);
  const record = { key, fingerprint: made.fingerprint };
  await records.putEnrolment(profileId, record);
  return { record, own: made.privateKey };
}

/**
 * Enrols the user who is logged in: makes an OpenPGP key pair whose private half never leaves the device, and exchanges
 * public keys with the server. Who is enrolled already stays so. Throws USER_NOT_AUTHENTICATED,
 * STATELESS_USER_NOT_ALLOWED, ENROLLMENT_NOT_AVAILABLE, USER_ALREADY_ENROLLED (on another device). Source: D-52.
 */
export async function enrol(app: App, signal: AbortSignal): Promise<void> {
  const login = app.session.demand();
  const { profileId } = login.profile;
  const { mobile } = app.connection.services;
  await app.storage.exclusively(async () => {
    await recordOf(app, profileId);
    // What was damaged is made anew: nothing depends on the key of a former enrolment.
    const kept = await unlessDamaged(opened(app, profileId));
    const { record, own } = kept ?? (await newKey(app, profileId));
    const publicKey = await publicHalf(own);
    const { publicKey: server } = await app.session.call(login, signal, (call) =>
      mobile.enrol({ publicKey }, call),
    );
    await app.records.putEnrolment(profileId, { ...record, server });
  });
}

/** Asks the server about the enrolment of a user who is logged in, and keeps what it says. */
async function learn(app: App, login: Login, signal: AbortSignal): Promise<GetEnrolmentResponse> {
  const { profileId } = login.profile;
  const { mobile } = app.connection.services;
  const said = await app.session.call(login, signal, (call) => mobile.getEnrolment({}, call));
  await app.storage.exclusively(async () => {
    const record = await app.records.enrolment(profileId);
    const isOurs = said.enrolled && record?.fingerprint === said.fingerprint;
    const server = isOurs ? said.publicKey : undefined;
    if (record && record.server !== server) {
      await app.records.putEnrolment(profileId, { ...record, server });
    }
  });
  return said;
}

/**
 * Tells whether a user is enrolled with the key of this device. Of the user who is logged in the server is asked, of
 * others the device knows what it did itself. Throws USER_DEREGISTERED.
 */
export async function isEnrolled(
  app: App,
  { profileId }: UserProfile,
  signal: AbortSignal,
): Promise<boolean> {
  await recordOf(app, profileId);
  const { login } = app.session;
  if (login?.profile.profileId === profileId) await learn(app, login, signal);
  return (await app.records.enrolment(profileId))?.server !== undefined;
}

/** Gives the keys of an enrolled user. Throws MOBILE_AUTHENTICATION_NOT_ENROLLED, USER_DISENROLLED. */
export async function conversationOf(
  app: App,
  login: Login,
  signal: AbortSignal,
): Promise<Conversation> {
  const { profileId } = login.profile;
  let found = await opened(app, profileId);
  if (found && found.record.server === undefined) {
    // The server may have taken the key while its answer was lost, or the enrolment was ended.
    const { disenrolled } = await learn(app, login, signal);
    if (disenrolled) throw new SdkError("USER_DISENROLLED", "The enrolment was ended.");
    found = await opened(app, profileId);
  }
  if (found?.record.server === undefined) {
    const message = "The user is not enrolled for mobile authentication.";
    throw new SdkError("MOBILE_AUTHENTICATION_NOT_ENROLLED", message);
  }
  return { own: found.own, server: found.record.server, now: app.connection.serverTime };
}

/** Forgets the key of an enrolment that somebody ended; the next one makes another. */
export const forgetEnrolment = ({ storage, records }: App, profileId: string): Promise<void> =>
  storage.exclusively(() => records.removeEnrolment(profileId));
