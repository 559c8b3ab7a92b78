// The user of a profile registers an authenticator.
import type {
  RegisterAuthenticatorRequest,
  RegisterAuthenticatorResponse,
} from "../../../gen/gatewright/v1/authenticator.ts";
import type { Registering } from "../../authenticators/authenticator.ts";
import { stepOf } from "../../authenticators/authenticator.ts";
import { rowOf, vouches } from "../../authenticators/table.ts";
import { durationMs } from "../../core/clock.ts";
import { uuid } from "../../core/id.ts";
import { Refusal } from "../../core/refusal.ts";
import { hashToken } from "../../identity/opaque_token.ts";
import { clientOf } from "../client.ts";
import { demandVersion } from "../devices/version.ts";
import { noted } from "../events/noted.ts";
import { refreshExpiry } from "../issue_tokens.ts";
import type { World } from "../world.ts";
import { authenticatorEnds } from "./authenticator_events.ts";
import { holderOf, runnerOf, sealData } from "./holding.ts";
import { placeOf, usableRow } from "./place.ts";
import type { ProfileUser } from "./profile_user.ts";
import { profileUser } from "./profile_user.ts";

/**
 * Throws FRESH_AUTHENTICATION_REQUIRED unless the access token was given at a registration or a login
 * that vouches, within the time that the application says. Source: D-40, SEC-52.
 */
function demandFresh(world: World, { token, application }: ProfileUser): void {
  const { freshAuthentication } = application;
  const age = world.clock.now() - token.issuedAt;
  const isRecent = freshAuthentication !== undefined && age <= durationMs(freshAuthentication);
  if (!isRecent || !vouches(token.family.tokenType)) {
    throw new Refusal("FRESH_AUTHENTICATION_REQUIRED");
  }
}

/** Gives what keeps a registration of the user, and what gives a refresh token. */
function keepingFor(
  world: World,
  { token, profile, application }: ProfileUser,
  authenticator: string,
): Omit<Registering, "run"> {
  const { store, clock, identity } = world;
  const demand = (isThere: boolean): void => {
    if (!isThere) throw new Refusal("ACCESS_TOKEN_INVALID");
  };
  return {
    async keep(data) {
      const id = uuid();
      const registration = {
        ...holderOf(profile, authenticator),
        id,
        sealedData: sealData(world, id, data),
        createdAt: clock.now(),
      };
      const user = { userId: profile.userId, session: token.family.id };
      demand((await store.authenticatorRegistrations.put(registration, user)) === "kept");
    },
    async issueRefreshToken(tokenType) {
      const now = clock.now();
      const refreshToken = identity.newToken();
      const issued = await store.tokens.issue({
        profile: "admits",
        session: token.family.id,
        replaces: true,
        family: { ...token.family, id: uuid(), tokenType, authTime: now, createdAt: now },
        refresh: {
          hash: hashToken(refreshToken),
          createdAt: now,
          expiresAt: refreshExpiry(application, now),
        },
      });
      demand(issued === "issued");
      return refreshToken;
    },
  };
}

/**
 * Registers the profile of the calling user with an authenticator, in place of an earlier registration.
 * A script's no is an answer and leaves an earlier registration as it was. The checks are in the order of
 * the contract's refusals. Throws ACCESS_TOKEN_INVALID also when the user's login ended meanwhile; then
 * nothing is kept. Source: Custom authenticators, registration; D-40, D-41, D-43, SEC-52.
 */
export const registerAuthenticator = (
  world: World,
  request: RegisterAuthenticatorRequest,
  authorization: string | undefined,
  signal: AbortSignal,
): Promise<RegisterAuthenticatorResponse> => {
  const { authenticator, data = null } = request;
  const ends = authenticatorEnds("registration", rowOf(authenticator).type);
  return noted(world, ends, { details: { authenticator } }, async (know) => {
    const user = await profileUser(world, authorization);
    const { client, profile, application } = user;
    const { profileId, userId } = profile;
    know({ ...clientOf(client), userId, details: { profile_id: profileId } });
    demandVersion(client, "login");
    const row = usableRow(placeOf(world, application), authenticator);
    const register = stepOf(row.register);
    demandFresh(world, user);
    const run = runnerOf(world, client, profile, authenticator, know, signal);
    const answer = await register({ run, ...keepingFor(world, user, authenticator) }, data);
    know({ details: { status: answer.status } });
    return answer;
  });
};
