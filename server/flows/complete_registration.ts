// The step of a registration that issues tokens: the only one, or the second of two.

import type {
  CompleteRegistrationRequest,
  CompleteRegistrationResponse,
  CompleteRegistrationV1Request,
} from "../../gen/gatewright/v1/registration.ts";
import type { Application, IdentityProvider } from "../../gen/gatewright/v1/setup.ts";
import { outcomeOf } from "../core/outcome.ts";
import { Refusal } from "../core/refusal.ts";
import { grantScopes } from "../core/scope.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate } from "./authenticate.ts";
import type { Client } from "./client.ts";
import { clientOf } from "./client.ts";
import type { Door } from "./doors.ts";
import type { Know } from "./events/noted.ts";
import { noted, scriptDetails, transactionName } from "./events/noted.ts";
import { issueTokens } from "./issue_tokens.ts";
import { isProfileId } from "./profile.ts";
import { registrationEnds } from "./registration_events.ts";
import { readHookParameters, registrationPlace } from "./registration_step.ts";
import type { RegistrationTransaction } from "./registration_transaction.ts";
import { giveBack, takeTransaction } from "./registration_transaction.ts";
import { runScript } from "./run_script.ts";
import type { World } from "./world.ts";

const statelessGrant = "urn:onewelcome:oauth2:grant_type:stateless_authentication";
const passing: ReadonlySet<string> = new Set(["UNAVAILABLE", "RATE_LIMITED"]);

/** Says whether the registration is stateless. Throws REQUEST_INVALID, GRANT_TYPE_NOT_ALLOWED (D-18). */
function readGrantType(grantType: string | undefined, application: Application): boolean {
  if (grantType === undefined) return false;
  if (grantType !== statelessGrant) {
    throw new Refusal("REQUEST_INVALID", {
      detail: `grant_type takes ${statelessGrant}, or nothing`,
    });
  }
  if (application.statelessAuthentication !== true) throw new Refusal("GRANT_TYPE_NOT_ALLOWED");
  return true;
}

/** Gives the profile of an app installation; other clients have none. Throws PROFILE_INVALID (D-15). */
function readProfile(profileId: string | undefined, client: Client): string | undefined {
  if (client.kind !== "dynamic") return undefined;
  if (profileId === undefined || !isProfileId(profileId)) throw new Refusal("PROFILE_INVALID");
  return profileId;
}

/** Takes the transaction of a two-step provider; a one-step one has none. Throws TRANSACTION_INVALID. */
const takeFor = async (
  world: World,
  provider: IdentityProvider,
  client: Client,
  id: string | undefined,
): Promise<RegistrationTransaction | undefined> =>
  provider.type === "CUSTOM_API_TWO_STEP"
    ? takeTransaction(world, id, client.id, provider.id)
    : undefined;

/**
 * Runs the complete script of an identity provider and issues tokens when it succeeds. The script's no
 * is an answer: status and data. The transaction comes back when the step may be repeated: after a retry
 * outcome, and when the script could not run because something was busy or down. The
 * checks are in the order of D-10, so nothing but the assertion is used up before the last of them.
 * Tokens and all durable state are written in one transaction; PROFILE_INVALID there ends the
 * registration. Source: Custom Registration v2, Complete Step; D-10 to D-18.
 */
export async function completeRegistration(
  world: World,
  door: Door,
  request: CompleteRegistrationRequest | CompleteRegistrationV1Request,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<CompleteRegistrationResponse> {
  const { complete, statelessComplete } = registrationEnds;
  const ends = request.grantType === statelessGrant ? statelessComplete : complete;
  const asked = { details: { identity_provider: request.idp } };
  return noted(world, ends, asked, (know) =>
    completeNoting(world, door, request, credentials, signal, know),
  );
}

/** Does the same, and says what it learns on the way. */
async function completeNoting(
  world: World,
  door: Door,
  request: CompleteRegistrationRequest | CompleteRegistrationV1Request,
  credentials: Credentials,
  signal: AbortSignal,
  know: Know,
): Promise<CompleteRegistrationResponse> {
  const hookContextCustomParams = readHookParameters(request.hookContextCustomParams);
  const client = await authenticate(world, door, credentials);
  know(clientOf(client));
  const { provider, application } = registrationPlace(world, client, request.idp);
  const stateless = readGrantType(request.grantType, application);
  const scopes = grantScopes(request.scope, application.scopes, application.defaultScopes);
  const profileId = stateless ? undefined : readProfile(request.profileId, client);
  if (request.transactionId && provider.type === "CUSTOM_API_TWO_STEP") {
    know({ transactionId: transactionName(request.transactionId) });
  }
  const transaction = await takeFor(world, provider, client, request.transactionId);

  const slot = `identity_providers/${provider.id}/complete`;
  know({ details: { ...scriptDetails(world, slot), profile: profileId } });
  const result = await runScript(
    world,
    client,
    slot,
    "complete",
    { requestPayload: request.data ?? null, hookContextCustomParams },
    signal,
  ).catch(async (error: unknown) => {
    // What was busy or down was none of the user's doing, who is told to try again.
    const isPassing = error instanceof Refusal && passing.has(error.reason);
    if (isPassing && transaction) await giveBack(world, transaction);
    throw error;
  });
  const { status, responsePayload: data, user } = result;
  know({ userId: user?.id, details: { status } });
  const outcome = outcomeOf(status);
  if (outcome === "retry" && transaction) await giveBack(world, transaction);
  if (outcome !== "success") return { status, data };

  const oauthToken = await issueTokens(world, {
    client,
    application,
    scopes,
    profileId,
    profile: profileId === undefined ? undefined : "registers",
    provider: provider.id,
    refusedAs: "PROFILE_INVALID",
    contextCustomParams: hookContextCustomParams,
    tokenType: stateless ? "STATELESS_AUTHENTICATION" : "DEFAULT",
    user,
  });
  return { status, oauthToken, data };
}
