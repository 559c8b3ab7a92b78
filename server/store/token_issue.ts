// Issuing tokens: everything that one step gives rise to, written together or not at all.
import assert from "node:assert/strict";
import type { Durable } from "./durable.ts";
import type { ProfileTable, TokenFamilyTable } from "./schema.ts";
import type { Statement } from "./statement.ts";
import { compileOnce, Unmet } from "./statement.ts";
import type { NewAccessToken, NewRefreshToken, NewTokenFamily, Profile } from "./token_family.ts";

/** What is issued together. `profile` is there when the step registers one. */
export interface Issue {
  readonly profile?: Profile | undefined;
  readonly family: NewTokenFamily;
  readonly access: NewAccessToken;
  readonly refresh?: NewRefreshToken | undefined;
}

/** Gives `issue` of the tokens, which says what it does. */
export function issueIn(durable: Durable): (issue: Issue) => Promise<"issued" | "profile_taken"> {
  const statement = statementsOf(durable);
  return async ({ profile, family, access, refresh }) => {
    assertConsistent({ profile, family, access, refresh });
    const unit: Statement[] = [];
    if (profile) {
      const { clientId, profileId, userId, createdAt } = profile;
      unit.push({
        query: statement.putProfile({
          client_id: clientId,
          profile_id: profileId,
          user_id: userId,
          created_at: createdAt,
        }),
        expect: 1,
      });
      unit.push({ query: statement.revokeEarlier({ clientId, profileId, now: createdAt }) });
    }
    unit.push({ query: statement.addFamily(rowOf(family)) });
    unit.push({ query: statement.addAccess({ familyId: family.id, ...access }) });
    if (refresh) unit.push({ query: statement.addRefresh({ familyId: family.id, ...refresh }) });
    try {
      await durable.unit(unit);
      return "issued";
    } catch (error) {
      if (error instanceof Unmet) return "profile_taken";
      throw error;
    }
  };
}

function assertConsistent({ profile, family, access, refresh }: Issue): void {
  if (profile) {
    const { clientId, profileId, userId } = family;
    assert.deepEqual(
      [profile.clientId, profile.profileId, profile.userId],
      [clientId, profileId, userId],
      "a family is of the profile that it registers",
    );
  }
  assert(access.expiresAt > access.issuedAt, "a token lives");
  assert(!refresh || refresh.expiresAt > refresh.createdAt, "a token lives");
}

const rowOf = (
  family: Issue["family"],
): Omit<TokenFamilyTable, "revoked_at" | "revoked_reason"> => ({
  id: family.id,
  client_id: family.clientId,
  user_id: family.userId,
  profile_id: family.profileId,
  identity_provider: family.identityProvider,
  token_type: family.tokenType,
  scope: family.scope,
  amr: JSON.stringify(family.amr),
  user_details: family.userDetails === null ? null : JSON.stringify(family.userDetails),
  auth_time: family.authTime,
  created_at: family.createdAt,
});

function statementsOf({ db }: Durable) {
  return {
    // The profile stays whose it is: another user's touches no row.
    putProfile: compileOnce<ProfileTable>((slots) =>
      db
        .insertInto("profile")
        .values({
          client_id: slots.client_id,
          profile_id: slots.profile_id,
          user_id: slots.user_id,
          created_at: slots.created_at,
        })
        .onConflict((conflict) =>
          conflict
            .columns(["client_id", "profile_id"])
            .doUpdateSet((row) => ({ user_id: row.ref("excluded.user_id") }))
            .whereRef("profile.user_id", "=", "excluded.user_id"),
        ),
    ),
    revokeEarlier: compileOnce<{ clientId: string; profileId: string; now: number }>((slots) =>
      db
        .updateTable("token_family")
        .set({ revoked_at: slots.now, revoked_reason: "registered_again" })
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId)
        .where("revoked_at", "is", null),
    ),
    addFamily: compileOnce<ReturnType<typeof rowOf>>((slots) =>
      db.insertInto("token_family").values({
        id: slots.id,
        client_id: slots.client_id,
        user_id: slots.user_id,
        profile_id: slots.profile_id,
        identity_provider: slots.identity_provider,
        token_type: slots.token_type,
        scope: slots.scope,
        amr: slots.amr,
        user_details: slots.user_details,
        auth_time: slots.auth_time,
        created_at: slots.created_at,
        revoked_at: null,
        revoked_reason: null,
      }),
    ),
    addAccess: compileOnce<NewAccessToken & { familyId: string }>((slots) =>
      db.insertInto("access_token").values({
        hash: slots.hash,
        family_id: slots.familyId,
        scope: slots.scope,
        issued_at: slots.issuedAt,
        expires_at: slots.expiresAt,
        used_at: null,
      }),
    ),
    addRefresh: compileOnce<NewRefreshToken & { familyId: string }>((slots) =>
      db.insertInto("refresh_token").values({
        hash: slots.hash,
        family_id: slots.familyId,
        state: "active",
        successor_hash: null,
        access_hash: null,
        created_at: slots.createdAt,
        used_at: null,
        expires_at: slots.expiresAt,
      }),
    ),
  };
}
