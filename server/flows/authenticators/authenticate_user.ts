// A user logs in with an authenticator.
import type {
  AuthenticateRequest,
  AuthenticateResponse,
} from "../../../gen/gatewright/v1/authenticator.ts";
import type { OAuthToken } from "../../../gen/gatewright/v1/registration.ts";
import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import type { Authenticator, LoggingIn } from "../../authenticators/authenticator.ts";
import { stepOf } from "../../authenticators/authenticator.ts";
import { rowOf } from "../../authenticators/table.ts";
import { Refusal } from "../../core/refusal.ts";
import { grantScopes, readScope } from "../../core/scope.ts";
import type { Json } from "../../engine/script.ts";
import type { Profile } from "../../store/profiles.ts";
import type { Credentials } from "../authenticate.ts";
import { authenticate } from "../authenticate.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import { demandVersion } from "../devices/version.ts";
import { doors } from "../doors.ts";
import { noted } from "../events/noted.ts";
import { issueTokens } from "../issue_tokens.ts";
import { countingFailures } from "../limits.ts";
import { isProfileId } from "../profile.ts";
import type { World } from "../world.ts";
import { authenticatorEnds, unknownProfile } from "./authenticator_events.ts";
import { holdingOf, runnerOf, sealData } from "./holding.ts";
import { placeOf, usableRow } from "./place.ts";

/** Whose login it is, and what it may be granted. */
interface Login {
  readonly client: Client;
  readonly application: Application;
  readonly profile: Profile;
  readonly authenticator: string;
  readonly tokenType: Authenticator["tokenType"];
  readonly scopes: readonly string[];
}

/** Gives what lets the user in: what is known of the user is the profile's, whatever a script says. */
const admissionOf =
  (world: World, { profile, authenticator, ...grant }: Login): LoggingIn<OAuthToken>["admit"] =>
  ({ id }, data) =>
    issueTokens(world, {
      ...grant,
      profileId: profile.profileId,
      profile: "admits",
      registration:
        id === undefined
          ? undefined
          : { authenticator, id, sealedData: sealData(world, id, data ?? null) },
      refusedAs: "NOT_REGISTERED",
      provider: profile.identityProvider,
      user: {
        id: profile.userId,
        amr: profile.amr,
        attributes: (profile.userDetails ?? {}) as Readonly<Record<string, Json>>,
      },
      contextCustomParams: null,
    });

/**
 * Lets the user of a profile in with an authenticator, by the app installation's key. An unknown profile
 * is answered as one that is not registered. A retry outcome counts as a failure of this authenticator of
 * this profile, an unrecoverable one drops the registration it was about; what was busy or down changes
 * nothing. No token is given after the registration went. Source: Custom authenticators, authentication;
 * D-40, D-41, SEC-52, SEC-55, SEC-75.
 */
export const authenticateUser = (
  world: World,
  request: AuthenticateRequest,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<AuthenticateResponse> => {
  const { authenticator, profileId = "", data = null } = request;
  const ends = authenticatorEnds("authentication", rowOf(authenticator).type);
  return noted(world, ends, { details: { authenticator } }, async (know) => {
    const client = await authenticate(world, doors.login, credentials);
    know(clientOf(client));
    demandVersion(client, "login");
    const { application } = client;
    if (!application) throw new Error(`the app installation ${client.id} has no application`);
    const row = usableRow(placeOf(world, application), authenticator);
    const login = stepOf(row.authenticate);
    if (!isProfileId(profileId)) throw new Refusal("PROFILE_INVALID");
    const profile = await world.store.profiles.find(client.id, profileId);
    if (!profile) throw new Refusal("NOT_REGISTERED", {}, { cause: unknownProfile });
    know({ userId: profile.userId, details: { profile_id: profileId } });
    const holding = holdingOf(world, profile, authenticator);
    const registration = await row.registration(holding);
    if (!registration) throw new Refusal("NOT_REGISTERED");
    const granted = readScope(profile.scope).filter((scope) => application.scopes.includes(scope));
    const scopes = grantScopes(request.scope, granted, granted);
    const { tokenType } = row;
    const key = [client.id, profileId, authenticator];
    return countingFailures(world.limits, "authenticator_failures", key, async (failed) => {
      const ports: LoggingIn<OAuthToken> = {
        run: runnerOf(world, client, profile, authenticator, know, signal),
        failed,
        admit: admissionOf(world, {
          client,
          application,
          profile,
          authenticator,
          tokenType,
          scopes,
        }),
      };
      const { tokens, ...said } = await login(ports, holding, registration, data);
      know({ details: { status: said.status } });
      return { ...said, oauthToken: tokens };
    });
  });
};
