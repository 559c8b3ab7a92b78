// Enrolments for mobile authentication: the OpenPGP key of a profile, while the profile is there.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import type { ClientRow } from "./mobile_enrolment_statements.ts";
import { enrolmentStatementsOf } from "./mobile_enrolment_statements.ts";
import { holdProfileIn, holdProfilesIn } from "./profile_hold.ts";
import type { MobileEnrolmentTable } from "./schema.ts";
import { holdSessionIn } from "./session_hold.ts";
import type { Statement } from "./statement.ts";
import { Unmet } from "./statement.ts";

/** A profile that is, or was, enrolled for mobile authentication. Source: D-52, SEC-44. */
export interface MobileEnrolment {
  /** New at each enrolment. */
  readonly id: string;
  readonly clientId: string;
  readonly profileId: string;
  readonly userId: string;
  /** Armored. */
  readonly publicKey: string;
  /** In upper-case hexadecimal. */
  readonly fingerprint: string;
  readonly createdAt: Milliseconds;
  /** When somebody other than the user ended it; null while it stands. */
  readonly revokedAt: Milliseconds | null;
}

/** What becomes of an enrolment of a user who is enrolled on another device of the application. */
export type EnrolmentPolicy = "SINGLE_DEVICE" | "OVERRIDE" | "MULTIPLE_DEVICES";

/** Under what an enrolment is kept. */
export interface EnrolmentTerms {
  /** The token family by which the user came; it must not be revoked. */
  readonly session: string;
  readonly applicationId: string;
  readonly policy: EnrolmentPolicy;
}

/** What became of an enrolment; `ended`: the clients on which it ended others. */
export type Enrolled =
  | { readonly kind: "kept"; readonly ended: readonly string[] }
  | { readonly kind: "gone" }
  | { readonly kind: "elsewhere" };

/** The enrolments. They go with their profile, and when it is registered again. */
export interface MobileEnrolments {
  /** Gives the enrolment of a profile, one that was revoked too; undefined when there is none. */
  find(clientId: string, profileId: string): Promise<MobileEnrolment | undefined>;
  /**
   * Keeps an enrolment in place of an earlier one of the profile, in one atomic step with the demands that its
   * user has the profile, that the session is not revoked ("gone" otherwise), and that the policy holds for
   * all devices of the user in the application ("elsewhere" otherwise), whoever enrols at the same time.
   * Where nothing is kept nothing is changed. Source: SEC-51.
   */
  put(enrolment: Omit<MobileEnrolment, "revokedAt">, terms: EnrolmentTerms): Promise<Enrolled>;
  /** Drops the enrolment of a profile; false when there was none. */
  remove(clientId: string, profileId: string): Promise<boolean>;
  /** Revokes the enrolments of a user on a device, and gives how many stood. */
  revoke(userId: string, clientId: string, now: Milliseconds): Promise<number>;
  /** Gives the ids of the applications in which a user is enrolled, on a device or on any. */
  applications(userId: string, clientId?: string): Promise<readonly string[]>;
}

/** Gives the enrolments in the durable store. */
export function mobileEnrolmentsIn(durable: Durable): MobileEnrolments {
  const statement = enrolmentStatementsOf(durable);
  return {
    async find(clientId, profileId) {
      const [row] = await durable.rows(statement.find({ clientId, profileId }));
      return row && enrolmentOf(row);
    },
    put: putIn(durable, statement),
    remove: async (clientId, profileId) =>
      (await durable.touched(statement.remove({ clientId, profileId }))) === 1,
    async revoke(userId, clientId, now) {
      const [revoked] = await durable.unit([
        { query: statement.revoke({ userId, clientId, now }) },
      ]);
      return Number(revoked?.numAffectedRows ?? 0n);
    },
    async applications(userId, clientId) {
      const standing = durable.db
        .selectFrom("mobile_enrolment")
        .select("application_id")
        .distinct()
        .where("user_id", "=", userId)
        .where("revoked_at", "is", null)
        .$if(clientId !== undefined, (query) => query.where("client_id", "=", clientId as string))
        .orderBy("application_id");
      return (await durable.rows(standing.compile())).map((row) => row.application_id);
    },
  };
}

const enrolmentOf = (row: MobileEnrolmentTable): MobileEnrolment => ({
  id: row.id,
  clientId: row.client_id,
  profileId: row.profile_id,
  userId: row.user_id,
  publicKey: row.public_key,
  fingerprint: row.fingerprint,
  createdAt: row.created_at as Milliseconds,
  revokedAt: row.revoked_at as Milliseconds | null,
});

const rowOf = (
  enrolment: Omit<MobileEnrolment, "revokedAt">,
  applicationId: string,
): MobileEnrolmentTable => ({
  client_id: enrolment.clientId,
  profile_id: enrolment.profileId,
  id: enrolment.id,
  user_id: enrolment.userId,
  application_id: applicationId,
  fingerprint: enrolment.fingerprint,
  created_at: enrolment.createdAt,
  revoked_at: null,
  public_key: enrolment.publicKey,
});

/**
 * Gives `put`. Where the user's other devices matter it begins with all the user's profiles: of two
 * enrolments at the same time the later one holds the earlier one's profile too, and so comes after it.
 */
function putIn(
  durable: Durable,
  statement: ReturnType<typeof enrolmentStatementsOf>,
): MobileEnrolments["put"] {
  const holdProfile = holdProfileIn(durable);
  const holdSession = holdSessionIn(durable);
  const holdProfiles = holdProfilesIn(durable);
  return async (enrolment, { session, applicationId, policy }) => {
    const others = { ...enrolment, applicationId };
    const demands: Record<EnrolmentPolicy, readonly Statement[]> = {
      SINGLE_DEVICE: [{ query: statement.others(others), expect: 0 }],
      OVERRIDE: [{ query: statement.endOthers(others) }],
      MULTIPLE_DEVICES: [],
    };
    const holds: Statement[] = [
      ...(policy === "MULTIPLE_DEVICES" ? [] : holdProfiles(enrolment.userId)),
      { query: holdProfile(enrolment), expect: 1 },
      { query: holdSession({ ...enrolment, session }), expect: 1 },
    ];
    const put = { query: statement.put(rowOf(enrolment, applicationId)) };
    try {
      const results = await durable.unit([...holds, ...demands[policy], put]);
      const ended = results.slice(holds.length, -1).flatMap(({ rows }) => rows as ClientRow[]);
      return { kind: "kept", ended: [...new Set(ended.map((row) => row.client_id))] };
    } catch (error) {
      if (!(error instanceof Unmet)) throw error;
      return { kind: error.index < holds.length ? "gone" : "elsewhere" };
    }
  };
}
