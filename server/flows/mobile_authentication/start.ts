// A portal starts a mobile authentication.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type {
  StartMobileAuthenticationRequest,
  StartMobileAuthenticationResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import type { MobileAuthenticationType } from "../../../gen/gatewright/v1/setup.ts";
import { after, durationMs, milliseconds } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import type { Client } from "../client.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { checkCallback, messageOf } from "./asked.ts";
import type { MobileMethod } from "./methods.ts";
import { methodOf } from "./methods.ts";
import {
  hashOneTimePassword,
  newOneTimePassword,
  oneTimePasswordText,
  sealedMessageOf,
} from "./one_time_password.ts";
import { portalCaller, portalRefused } from "./portal_caller.ts";

const ends: Ends<StartMobileAuthenticationResponse> = {
  refused: {
    ...portalRefused,
    REQUEST_INVALID: "MOBILE_AUTH_INIT_FAILURE_INVALID_REQ",
    MOBILE_AUTHENTICATION_TYPE_NOT_FOUND: "MOBILE_AUTH_INIT_FAILURE_INVALID_AUTH_PROPERTIES_NAME",
    MESSAGE_TOO_LONG: "OTP_AUTH_INIT_FAILURE",
    UNAVAILABLE: "OTP_AUTH_INIT_FAILURE",
  },
  faulted: "OTP_AUTH_INIT_FAILURE",
  answered: () => "OTP_AUTH_INITIALIZED",
};

/** So that whoever fetched or holds the one-time password is still told that it came too late. */
const keptAfterExpiry = milliseconds(600_000);

/** Gives a request without its empty parameters: a form cannot tell them from absent ones. */
function withoutEmpty(request: StartMobileAuthenticationRequest): StartMobileAuthenticationRequest {
  const given = Object.entries(request).filter(([, value]) => value !== "");
  return Object.fromEntries(given) as StartMobileAuthenticationRequest;
}

/** Gives the named type with its method. */
function typeOf(
  world: World,
  name: string | undefined,
): { readonly type: MobileAuthenticationType; readonly method: MobileMethod } {
  if (name === undefined) {
    throw new Refusal("REQUEST_INVALID", { detail: "type is missing; give the name of a type" });
  }
  const type = world.configuration().types.get(name);
  if (!type) throw new Refusal("MOBILE_AUTHENTICATION_TYPE_NOT_FOUND");
  return { type, method: methodOf(type.method) };
}

/** What is known of a start once the portal was let in. */
interface Start {
  readonly id: string;
  readonly client: Client;
  readonly request: StartMobileAuthenticationRequest;
}

/** Checks a start, keeps its transaction and gives the answer. */
async function begin(
  world: World,
  { id, client, request }: Start,
): Promise<StartMobileAuthenticationResponse> {
  const { type, method } = typeOf(world, request.type);
  const detail = method.problem(request);
  if (detail !== undefined) throw new Refusal("REQUEST_INVALID", { detail });
  const callbackUri = checkCallback(world, type, request.callbackUri);
  const message = messageOf(world, type, request);
  assert(type.expiresIn, "a type has a life");
  const life = durationMs(type.expiresIn);
  const otp = newOneTimePassword();
  const createdAt = world.clock.now();
  const expiresAt = after(createdAt, life);
  await world.store.mobileTransactions.add({
    id,
    apiClientId: client.id,
    type: type.name,
    method: method.name,
    callbackUri,
    otpHash: hashOneTimePassword(otp),
    sealedMessage: world.identity.sealer.seal(sealedMessageOf(id), message),
    createdAt,
    expiresAt,
    keepUntil: after(expiresAt, keptAfterExpiry),
  });
  return {
    transactionId: id,
    authMethod: method.shownAs,
    timeToLive: life,
    otp: method.showsOneTimePassword ? oneTimePasswordText(id, otp) : undefined,
  };
}

/**
 * Starts a mobile authentication: keeps a pending transaction with what the phone is to show, sealed, and
 * gives the portal what it shows to the phone. Throws, in this order, CLIENT_CREDENTIALS_REJECTED,
 * MOBILE_AUTHENTICATION_FORBIDDEN, MOBILE_AUTHENTICATION_DISABLED; REQUEST_INVALID without `type`;
 * MOBILE_AUTHENTICATION_TYPE_NOT_FOUND; REQUEST_INVALID for what the method, the callback or the lack of a
 * message forbids; MESSAGE_TOO_LONG. Where it throws nothing is kept.
 * Source: Mobile authentication API version 4, Initialization; D-50, D-51, D-54, SEC-42, SEC-47, SEC-57.
 */
export async function startMobileAuthentication(
  world: World,
  given: StartMobileAuthenticationRequest,
  credentials: Credentials,
): Promise<StartMobileAuthenticationResponse> {
  const id = randomUUID();
  const request = withoutEmpty(given);
  return noted(world, ends, { transactionId: id }, async (know) => {
    const client = await portalCaller(world, credentials, know);
    const { type, ipAddress: ip_address, userAgent: user_agent } = request;
    know({ details: { type, ip_address, user_agent } });
    return begin(world, { id, client, request });
  });
}
