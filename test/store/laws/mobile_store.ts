// The parts of a store that mobile authentication is made of, with profiles, enrolments and transactions.
import type { Milliseconds } from "../../../server/core/clock.ts";
import { randomId, uuid } from "../../../server/core/id.ts";
import type { Callbacks, NewCallback } from "../../../server/store/callbacks.ts";
import { callbacksIn } from "../../../server/store/callbacks.ts";
import type { Durable } from "../../../server/store/durable.ts";
import type {
  Enrolled,
  EnrolmentPolicy,
  MobileEnrolment,
  MobileEnrolments,
} from "../../../server/store/mobile_enrolments.ts";
import { mobileEnrolmentsIn } from "../../../server/store/mobile_enrolments.ts";
import type {
  MobileAnswer,
  MobileTransactions,
  NewMobileTransaction,
} from "../../../server/store/mobile_transactions.ts";
import { mobileTransactionsIn } from "../../../server/store/mobile_transactions.ts";
import { tokensIn } from "../../../server/store/tokens.ts";
import { at, newFamily, start } from "./new_tokens.ts";

/** A profile that is registered, with the login under which it may be enrolled. */
export interface RegisteredProfile {
  readonly clientId: string;
  readonly profileId: string;
  readonly userId: string;
  readonly session: string;
}

/** Where and how a profile is enrolled. */
export interface Enrolling {
  readonly id?: string;
  readonly applicationId?: string;
  readonly policy?: EnrolmentPolicy;
  readonly session?: string;
  readonly createdAt?: Milliseconds;
}

/** What the laws of mobile authentication use. */
export interface MobileStore {
  readonly durable: Durable;
  readonly enrolments: MobileEnrolments;
  readonly transactions: MobileTransactions;
  readonly callbacks: Callbacks;
  /** Registers a profile, of a user and on a client of its own unless they are named. */
  register(changes?: Partial<Omit<RegisteredProfile, "session">>): Promise<RegisteredProfile>;
  /** Enrols a profile. */
  enrol(profile: RegisteredProfile, enrolling?: Enrolling): Promise<Enrolled>;
  /** Registers and enrols a profile, and gives its enrolment. */
  enrolled(): Promise<MobileEnrolment>;
  /** Starts a transaction that lives for 300 s and is kept for another 600, and gives it. */
  begin(changes?: Partial<NewMobileTransaction>): Promise<NewMobileTransaction>;
  /** Starts a transaction and fetches it for a new enrolment. */
  fetched(): Promise<{ readonly id: string; readonly enrolment: MobileEnrolment }>;
}

/** Gives an enrolment of a profile as it is put. */
export const newEnrolment = (
  { clientId, profileId, userId }: Omit<RegisteredProfile, "session">,
  { id = randomId(), createdAt = start }: Enrolling = {},
): Omit<MobileEnrolment, "revokedAt"> => ({
  id,
  clientId,
  profileId,
  userId,
  publicKey: "-----BEGIN PGP PUBLIC KEY BLOCK-----",
  fingerprint: "5E0DEA7BB1A4C5A1D2C3B4A5968778695A4B3C2D",
  createdAt,
});

/** Gives a transaction that a portal starts. */
export const newTransaction = (
  changes: Partial<NewMobileTransaction> = {},
): NewMobileTransaction => ({
  id: uuid(),
  apiClientId: "portal",
  type: "login",
  method: "OTP",
  callbackUri: "https://portal.example/callback",
  otpHash: "right",
  sealedMessage: "sealed",
  createdAt: start,
  expiresAt: at(300),
  keepUntil: at(900),
  ...changes,
});

/** Gives a callback that is due from the start on. */
export const newCallback = (changes: Partial<NewCallback> = {}): NewCallback => ({
  id: `msg_${randomId()}`,
  url: "https://portal.example/callback",
  transactionId: uuid(),
  body: '{"transaction_id":"x"}',
  createdAt: start,
  ...changes,
});

/** Gives an answer that confirms a moment after the start. */
export const newAnswer = (
  enrolmentId: string,
  changes: Partial<MobileAnswer> = {},
): MobileAnswer => ({
  enrolmentId,
  end: "confirmed",
  now: at(2),
  keepUntil: at(86_400),
  callback: undefined,
  ...changes,
});

/** Gives the parts of an open store. */
export function mobileStore(durable: Durable): MobileStore {
  const tokens = tokensIn(durable);
  const enrolments = mobileEnrolmentsIn(durable);
  const transactions = mobileTransactionsIn(durable);
  const register: MobileStore["register"] = async (changes = {}) => {
    const profile = {
      clientId: randomId(),
      profileId: randomId(),
      userId: randomId(),
      ...changes,
    };
    const family = newFamily(profile);
    await tokens.issue({ profile: "registers", family });
    return { ...profile, session: family.id };
  };
  const enrol: MobileStore["enrol"] = (profile, enrolling = {}) => {
    const { applicationId = "app", policy = "MULTIPLE_DEVICES", session } = enrolling;
    const terms = { session: session ?? profile.session, applicationId, policy };
    return enrolments.put(newEnrolment(profile, enrolling), terms);
  };
  const enrolled = async (): Promise<MobileEnrolment> => {
    const profile = await register();
    const id = randomId();
    await enrol(profile, { id });
    return { ...newEnrolment(profile, { id }), revokedAt: null };
  };
  const begin: MobileStore["begin"] = async (changes) => {
    const transaction = newTransaction(changes);
    await transactions.add(transaction);
    return transaction;
  };
  return {
    durable,
    enrolments,
    transactions,
    callbacks: callbacksIn(durable),
    register,
    enrol,
    enrolled,
    begin,
    async fetched() {
      const [enrolment, { id, otpHash }] = await Promise.all([enrolled(), begin()]);
      await transactions.fetch(id, otpHash, enrolment, at(1));
      return { id, enrolment };
    },
  };
}
