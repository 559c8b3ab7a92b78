// Issuing tokens: everything that one step gives rise to, written together or not at all.
import assert from "node:assert/strict";
import type { Durable } from "./durable.ts";
import { holdProfileIn } from "./profile_hold.ts";
import { revocation } from "./revocation.ts";
import type { AccessTokenTable, TokenFamilyTable } from "./schema.ts";
import { holdSessionIn } from "./session_hold.ts";
import type { Statement } from "./statement.ts";
import { compileOnce, Unmet } from "./statement.ts";
import type { NewAccessToken, NewRefreshToken, NewTokenFamily } from "./token_family.ts";

/** What is issued together. */
export interface Issue {
  /**
   * What the family's profile has to do with it: "registers" puts it, "admits" demands that it is there
   * and notes the login, "holds" only demands that. Undefined where there is no profile.
   */
  readonly profile?: "registers" | "admits" | "holds" | undefined;
  /** Whether the client of a profile that is registered has to be an installation that is there. */
  readonly installed?: boolean | undefined;
  /**
   * A registration with a custom authenticator that has to be there. `sealedData` replaces what is kept
   * with it; null leaves that as it is.
   */
  readonly registration?:
    | {
        readonly authenticator: string;
        readonly id: string;
        readonly sealedData: string | null;
      }
    | undefined;
  /** The id of a family of the profile that has to be there unrevoked: the login under which it is asked. */
  readonly session?: string | undefined;
  /** Whether earlier families of the profile with the same token type end. */
  readonly replaces?: boolean | undefined;
  readonly family: NewTokenFamily;
  readonly access?: NewAccessToken | undefined;
  readonly refresh?: NewRefreshToken | undefined;
}

/** Gives `issue` of the tokens, which says what it does. */
export function issueIn(durable: Durable): (issue: Issue) => Promise<"issued" | "refused"> {
  const statement = statementsOf(durable);
  const ofProfile = (issue: Issue): Statement[] => {
    const { profile, installed, session, registration, replaces, family } = issue;
    if (profile === undefined) return [];
    const row = rowOf(family);
    const { client_id, profile_id, user_id, created_at, token_type } = row;
    assert(profile_id !== null && user_id !== null, "a profile has an id and a user");
    const named = { clientId: client_id, profileId: profile_id, now: created_at };
    if (profile === "registers") {
      return [
        // The installation first, as where it ends: after that nothing is put on it.
        ...(installed ? [{ query: statement.holdInstallation(named), expect: 1 }] : []),
        { query: statement.putProfile({ ...row, profile_id, user_id }), expect: 1 },
        { query: statement.revokeEarlier(named) },
        { query: statement.dropAuthenticators(named) },
        { query: statement.dropEnrolment(named) },
      ];
    }
    const demand = profile === "admits" ? statement.noteLogin : statement.hold;
    return [
      { query: demand({ ...named, userId: user_id }), expect: 1 },
      ...(session === undefined
        ? []
        : [{ query: statement.holdSession({ ...named, session }), expect: 1 }]),
      ...(registration
        ? [{ query: statement.holdRegistration({ ...named, ...registration }), expect: 1 }]
        : []),
      ...(replaces ? [{ query: statement.revokeOfType({ ...named, tokenType: token_type }) }] : []),
    ];
  };
  return async (issue) => {
    const { family, access, refresh } = issue;
    assertConsistent(issue);
    const unit = ofProfile(issue);
    unit.push({ query: statement.addFamily(rowOf(family)) });
    if (access) unit.push({ query: statement.addAccess(accessRowOf(family.id, access)) });
    if (refresh) unit.push({ query: statement.addRefresh({ familyId: family.id, ...refresh }) });
    try {
      await durable.unit(unit);
      return "issued";
    } catch (error) {
      if (error instanceof Unmet) return "refused";
      throw error;
    }
  };
}

function assertConsistent({ access, refresh }: Issue): void {
  assert(!access || access.expiresAt > access.issuedAt, "a token lives");
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

type NewProfile = ReturnType<typeof rowOf> & {
  readonly profile_id: string;
  readonly user_id: string;
};

/** Gives the row of a new access token. */
export const accessRowOf = (
  familyId: string,
  access: NewAccessToken,
): Omit<AccessTokenTable, "used_at"> => ({
  hash: access.hash,
  family_id: familyId,
  scope: access.scope,
  issued_at: access.issuedAt,
  expires_at: access.expiresAt,
  claims: access.claims === undefined ? null : JSON.stringify(access.claims),
});

function statementsOf(durable: Durable) {
  const { db } = durable;
  return {
    holdSession: holdSessionIn(durable),
    holdInstallation: compileOnce<{ clientId: string }>((slots) =>
      db
        .updateTable("installation")
        .set((row) => ({ application_id: row.ref("application_id") }))
        .where("client_id", "=", slots.clientId),
    ),
    // The profile stays whose it is: another user's touches no row.
    putProfile: compileOnce<NewProfile>((slots) =>
      db
        .insertInto("profile")
        .values({
          client_id: slots.client_id,
          profile_id: slots.profile_id,
          user_id: slots.user_id,
          scope: slots.scope,
          identity_provider: slots.identity_provider,
          amr: slots.amr,
          user_details: slots.user_details,
          failures: 0,
          last_login_at: slots.created_at,
          created_at: slots.created_at,
        })
        .onConflict((conflict) =>
          conflict
            .columns(["client_id", "profile_id"])
            .doUpdateSet((row) => ({
              scope: row.ref("excluded.scope"),
              identity_provider: row.ref("excluded.identity_provider"),
              amr: row.ref("excluded.amr"),
              user_details: row.ref("excluded.user_details"),
              failures: 0,
              last_login_at: row.ref("excluded.last_login_at"),
            }))
            .whereRef("profile.user_id", "=", "excluded.user_id"),
        ),
    ),
    noteLogin: compileOnce<{ clientId: string; profileId: string; userId: string; now: number }>(
      (slots) =>
        db
          .updateTable("profile")
          .set({ last_login_at: slots.now })
          .where("client_id", "=", slots.clientId)
          .where("profile_id", "=", slots.profileId)
          .where("user_id", "=", slots.userId),
    ),
    hold: holdProfileIn(durable),
    holdRegistration: compileOnce<{
      clientId: string;
      profileId: string;
      authenticator: string;
      id: string;
      sealedData: string | null;
    }>((slots) =>
      db
        .updateTable("authenticator_registration")
        .set((row) => ({
          sealed_data: row.fn.coalesce(
            row.cast<string | null>(row.val(slots.sealedData), "text"),
            "sealed_data",
          ),
        }))
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId)
        .where("authenticator", "=", slots.authenticator)
        .where("id", "=", slots.id),
    ),
    revokeOfType: compileOnce<{
      clientId: string;
      profileId: string;
      tokenType: string;
      now: number;
    }>((slots) =>
      revocation(db, { now: slots.now, reason: "replaced" })
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId)
        .where("token_type", "=", slots.tokenType),
    ),
    dropAuthenticators: compileOnce<{ clientId: string; profileId: string }>((slots) =>
      db
        .deleteFrom("authenticator_registration")
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
    ),
    dropEnrolment: compileOnce<{ clientId: string; profileId: string }>((slots) =>
      db
        .deleteFrom("mobile_enrolment")
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
    ),
    revokeEarlier: compileOnce<{ clientId: string; profileId: string; now: number }>((slots) =>
      revocation(db, { now: slots.now, reason: "registered_again" })
        .where("client_id", "=", slots.clientId)
        .where("profile_id", "=", slots.profileId),
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
    addAccess: compileOnce<Omit<AccessTokenTable, "used_at">>((slots) =>
      db.insertInto("access_token").values({
        hash: slots.hash,
        family_id: slots.family_id,
        scope: slots.scope,
        issued_at: slots.issued_at,
        expires_at: slots.expires_at,
        used_at: null,
        claims: slots.claims,
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
