// A user's devices: the app installations that the user has profiles on.
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { holdProfilesIn } from "./profile_hold.ts";
import { revocation } from "./revocation.ts";
import type { Statement } from "./statement.ts";
import { compileOnce } from "./statement.ts";

/** An app installation with what one user has on it. */
export interface Device {
  readonly clientId: string;
  readonly applicationId: string;
  readonly name: string | null;
  readonly platform: string | null;
  readonly model: string | null;
  readonly osVersion: string | null;
  readonly createdAt: Milliseconds;
  /** The last login of any of the user's profiles on it. */
  readonly lastLoginAt: Milliseconds | null;
  /** Types of the user's live tokens on it, sorted. */
  readonly tokenTypes: readonly string[];
  /** Whether any of the user's profiles on it is enrolled for mobile authentication. */
  readonly isEnrolled: boolean;
}

/** A device that a user was taken off. */
export interface LeftDevice {
  readonly clientId: string;
  /** Whether other users have profiles on it. */
  readonly hasOthers: boolean;
}

/** The devices of users. A user is named by the bytes of the id. Source: D-63, SEC-84, SEC-85. */
export interface Devices {
  /**
   * Gives the devices of a user, newest first, up to `limit`. A token family counts for its type while it
   * has an access token or an active refresh token that is not expired; a registration with a custom
   * authenticator counts as CUSTOM_AUTHENTICATOR.
   */
  list(userId: string, now: Milliseconds, limit: number): Promise<readonly Device[]>;
  /**
   * Takes a user off some devices, or off all when `clientIds` is undefined, in one atomic step: the
   * user's profiles there go with all that hangs on them, and the user's token families there are revoked
   * for `reason`. What other users have on them stays, and so do the installations. Gives the devices
   * that the user had anything on.
   */
  remove(
    userId: string,
    clientIds: readonly string[] | undefined,
    reason: string,
    now: Milliseconds,
  ): Promise<readonly LeftDevice[]>;
  /** Revokes a user's families of one token type on a device, for `reason`; gives how many. */
  revokeType(
    userId: string,
    clientId: string,
    tokenType: string,
    reason: string,
    now: Milliseconds,
  ): Promise<number>;
  /** Tells whether a device is one of the user's. */
  has(userId: string, clientId: string): Promise<boolean>;
}

/** Gives the devices in the durable store. */
export function devicesIn(durable: Durable): Devices {
  const statement = { ...listingIn(durable), ...endingIn(durable) };
  return {
    async list(userId, now, limit) {
      const [devices, types, enrolled] = await Promise.all([
        durable.rows(statement.devices({ userId, limit })),
        durable.rows(statement.types({ userId, now })),
        durable.rows(statement.enrolled({ userId })),
      ]);
      const typesOf = Map.groupBy(types, ({ client_id }) => client_id);
      const enrolledOn = new Set(enrolled.map(({ client_id }) => client_id));
      return devices.map((row) => {
        const { client_id: id } = row;
        return deviceOf(row, typesOf.get(id) ?? [], enrolledOn.has(id));
      });
    },
    async remove(userId, clientIds, reason, now) {
      if (clientIds?.length === 0) return [];
      const ended = await durable.unit(removalOf(durable, userId, clientIds, reason, now));
      const rows = ended.slice(-2).flatMap(({ rows: returned }) => returned as ClientRow[]);
      const left = [...new Set(rows.map((row) => row.client_id))];
      const others = await othersOn(durable, left);
      return left.map((clientId) => ({ clientId, hasOthers: others.has(clientId) }));
    },
    revokeType: (userId, clientId, tokenType, reason, now) =>
      durable.touched(statement.revokeType({ userId, clientId, tokenType, reason, now })),
    async has(userId, clientId) {
      return (await durable.rows(statement.has({ userId, clientId }))).length > 0;
    },
  };
}

interface ClientRow {
  readonly client_id: string;
}

/** Gives the statements that take a user off devices; the last two return the devices. */
function removalOf(
  durable: Durable,
  userId: string,
  clientIds: readonly string[] | undefined,
  reason: string,
  now: Milliseconds,
): Statement[] {
  const { db } = durable;
  // Profiles first: a login that waits for its profile finds it gone, one that did not is revoked.
  const profiles = db
    .deleteFrom("profile")
    .where("user_id", "=", userId)
    .$if(clientIds !== undefined, (query) => query.where("client_id", "in", clientIds ?? []))
    .returning("client_id");
  const families = revocation(db, { now, reason })
    .where("user_id", "=", userId)
    .where("client_id", "in", (nested) => nested.selectFrom("installation").select("client_id"))
    .$if(clientIds !== undefined, (query) => query.where("client_id", "in", clientIds ?? []))
    .returning("client_id");
  return [
    ...holdProfilesIn(durable)(userId),
    { query: profiles.compile() },
    { query: families.compile() },
  ];
}

/** Gives those of some installations that still have profiles. */
async function othersOn(
  { db }: Durable,
  clientIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (clientIds.length === 0) return new Set();
  const rows = await db
    .selectFrom("profile")
    .select("client_id")
    .distinct()
    .where("client_id", "in", clientIds)
    .execute();
  return new Set(rows.map((row) => row.client_id));
}

interface DeviceRow {
  readonly client_id: string;
  readonly application_id: string;
  readonly device_name: string | null;
  readonly device_platform: string | null;
  readonly device_model: string | null;
  readonly device_os_version: string | null;
  readonly created_at: number;
  readonly last_login_at: number | null;
}

interface TypeRow {
  readonly client_id: string;
  readonly token_type: string;
}

const deviceOf = (row: DeviceRow, types: readonly TypeRow[], isEnrolled: boolean): Device => ({
  clientId: row.client_id,
  applicationId: row.application_id,
  name: row.device_name,
  platform: row.device_platform,
  model: row.device_model,
  osVersion: row.device_os_version,
  createdAt: row.created_at as Milliseconds,
  lastLoginAt: row.last_login_at as Milliseconds | null,
  tokenTypes: types.map(({ token_type }) => token_type).sort(),
  isEnrolled,
});

function listingIn({ db }: Durable) {
  return {
    devices: compileOnce<{ userId: string; limit: number }, DeviceRow>((slots) =>
      db
        .selectFrom("profile")
        .innerJoin("installation", "installation.client_id", "profile.client_id")
        .select([
          "installation.client_id",
          "application_id",
          "device_name",
          "device_platform",
          "device_model",
          "device_os_version",
          "installation.created_at",
        ])
        .select(({ fn }) => fn.max("profile.last_login_at").as("last_login_at"))
        .where("profile.user_id", "=", slots.userId)
        .groupBy("installation.client_id")
        .orderBy("installation.created_at", "desc")
        .orderBy("installation.client_id", "desc")
        .limit(slots.limit),
    ),
    types: compileOnce<{ userId: string; now: number }, TypeRow>((slots) =>
      db
        .selectFrom("token_family")
        .select(["client_id", "token_type"])
        .where("user_id", "=", slots.userId)
        .where("revoked_at", "is", null)
        .where(({ or, exists, selectFrom }) =>
          or([
            exists(
              selectFrom("access_token")
                .select("hash")
                .whereRef("family_id", "=", "token_family.id")
                .where("expires_at", ">", slots.now),
            ),
            exists(
              selectFrom("refresh_token")
                .select("hash")
                .whereRef("family_id", "=", "token_family.id")
                .where("state", "=", "active")
                .where("expires_at", ">", slots.now),
            ),
          ]),
        )
        // A union says everything once.
        .union(
          db
            .selectFrom("profile")
            .innerJoin("authenticator_registration as registration", (join) =>
              join
                .onRef("registration.client_id", "=", "profile.client_id")
                .onRef("registration.profile_id", "=", "profile.profile_id"),
            )
            .select("profile.client_id")
            .select(({ val, cast }) =>
              cast<string>(val("CUSTOM_AUTHENTICATOR"), "text").as("token_type"),
            )
            .where("profile.user_id", "=", slots.userId),
        ),
    ),
    enrolled: compileOnce<{ userId: string }, ClientRow>((slots) =>
      db
        .selectFrom("mobile_enrolment")
        .select("client_id")
        .distinct()
        .where("user_id", "=", slots.userId)
        .where("revoked_at", "is", null),
    ),
  };
}

function endingIn({ db }: Durable) {
  return {
    revokeType: compileOnce<{
      userId: string;
      clientId: string;
      tokenType: string;
      reason: string;
      now: number;
    }>((slots) =>
      revocation(db, slots)
        .where("user_id", "=", slots.userId)
        .where("client_id", "=", slots.clientId)
        .where("token_type", "=", slots.tokenType),
    ),
    has: compileOnce<{ userId: string; clientId: string }>((slots) =>
      db
        .selectFrom("profile")
        .select("client_id")
        .where("user_id", "=", slots.userId)
        .where("client_id", "=", slots.clientId)
        .limit(1),
    ),
  };
}
