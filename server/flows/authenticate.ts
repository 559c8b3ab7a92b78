// Who is calling: one way to authenticate OAuth clients, whatever door they come to.
import { toSeconds } from "../core/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { readAssertion, verifyAssertion } from "../identity/assertion.ts";
import { readAuthorization } from "../identity/basic.ts";
import type { ClientKeys } from "../identity/client_keys.ts";
import { noKeys } from "../identity/client_keys.ts";
import type { Client, KnownClient } from "./client.ts";
import { assertionLifetimeLimit, clientOf, installedClient } from "./client.ts";
import type { Door } from "./doors.ts";
import { noteRejectedClient } from "./events/rejected_client.ts";
import { addressKey } from "./limits.ts";
import type { World } from "./world.ts";

/** Credentials as a request carries them; `authorization` is the header. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly clientAssertionType?: string | undefined;
  readonly clientAssertion?: string | undefined;
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

const rejected = (cause: string): Refusal =>
  new Refusal("CLIENT_AUTHENTICATION_FAILED", {}, { cause });

type Offered =
  | {
      readonly kind: "assertion";
      readonly assertion: string;
      readonly clientId: string | undefined;
    }
  | { readonly kind: "secret"; readonly clientId: string; readonly secret: string };

/**
 * Gives the one way in which the request authenticates, or undefined when there is none that the
 * door takes. Throws REQUEST_INVALID when there is more than one (RFC 6749 section 2.3, SEC-15).
 */
function offered(door: Door, credentials: Credentials): Offered | undefined {
  const header = readAuthorization(credentials.authorization);
  const { clientId, clientSecret, clientAssertion, clientAssertionType } = credentials;
  const triesAssertion = clientAssertion !== undefined || clientAssertionType !== undefined;
  const tries = [header !== undefined, clientSecret !== undefined, triesAssertion];
  if (tries.filter(Boolean).length > 1) {
    const detail = "the client authenticates in more than one way";
    throw new Refusal("REQUEST_INVALID", { detail });
  }
  if (header?.scheme === "basic") {
    if (clientId !== undefined && clientId !== header.clientId) {
      const detail = "client_id differs from the Authorization header";
      throw new Refusal("REQUEST_INVALID", { detail });
    }
    return { kind: "secret", clientId: header.clientId, secret: header.clientSecret };
  }
  if (header !== undefined && door.bearer) {
    return { kind: "assertion", assertion: header.token, clientId };
  }
  if (clientSecret !== undefined && clientId !== undefined) {
    return { kind: "secret", clientId, secret: clientSecret };
  }
  if (clientAssertion !== undefined && clientAssertionType === assertionType) {
    return { kind: "assertion", assertion: clientAssertion, clientId };
  }
  return undefined;
}

/** Finds a client, set up by the operator or registered by an app, with what proves it. */
export async function findClient(world: World, id: string): Promise<KnownClient | undefined> {
  const configuration = world.configuration();
  const setUp = configuration.clients.get(id);
  if (setUp) return setUp;
  const installation = await world.store.installations.find(id);
  const application = configuration.applications.get(installation?.applicationId ?? "");
  return installation && application && installedClient(installation, application);
}

async function keysOf(
  world: World,
  known: KnownClient | undefined,
  kid: string,
): Promise<ClientKeys> {
  if (known?.jwks !== undefined) return world.identity.clientKeys(known.jwks);
  if (known?.jwksUri === undefined) return noKeys;
  return world.identity.remoteKeys({ clientId: known.client.id, url: known.jwksUri, kid });
}

/** Believes an assertion once: the mark of its `jti` is set durably, after the signature was verified. */
async function byAssertion(
  world: World,
  offer: Offered & { kind: "assertion" },
): Promise<KnownClient> {
  const claimed = readAssertion(offer.assertion);
  if (offer.clientId !== undefined && offer.clientId !== claimed.clientId) {
    throw rejected("client_id is not the assertion's");
  }
  const known = await findClient(world, claimed.clientId);
  const now = world.clock.now();
  const verified = verifyAssertion(claimed, await keysOf(world, known, claimed.kid), {
    issuer: world.policy.issuer,
    now,
    maxLifetime: toSeconds(known?.maxAssertionLifetime ?? assertionLifetimeLimit),
  });
  const { clientId, jti, expiresAt } = verified;
  const isNew = await world.store.assertionMarks.claim(clientId, jti, expiresAt, now);
  if (!isNew || !known) {
    throw rejected("the jti was used before");
  }
  return known;
}

/**
 * Believes a secret. One that was right before from there costs nothing; every other one a slow hash, which
 * is begun only within the budget of the caller's address and waits among those of that address, so that
 * nothing but the address decides who is sent away, whether the client exists or not. Source: SEC-14.
 */
async function bySecret(world: World, offer: Offered & { kind: "secret" }): Promise<KnownClient> {
  const known = await findClient(world, offer.clientId);
  const { limits, identity } = world;
  const lane = addressKey(world);
  const key = [lane];
  let isCounted = false;
  // Taken beforehand, so that attempts under way count, and given back unless the secret was wrong.
  const admit = (): string => {
    limits.demand("secret_attempts", key);
    limits.spend("secret_attempts", key);
    isCounted = true;
    return lane;
  };
  const { clientId, secret } = offer;
  let isRight: boolean | undefined;
  try {
    isRight = await identity.secrets.verify(clientId, secret, known?.secretHash, admit, lane);
  } finally {
    if (isCounted && isRight !== false) limits.spend("secret_attempts", key, -1);
  }
  if (!isRight || !known) {
    throw rejected("the secret is wrong");
  }
  return known;
}

/** Gives the client that an offer claims to come from, believed or not. */
function claimedBy(offer: Offered | undefined): string {
  if (offer?.kind !== "assertion") return offer?.clientId ?? "";
  try {
    return readAssertion(offer.assertion).clientId;
  } catch (error) {
    if (error instanceof Refusal) return "";
    throw error;
  }
}

/**
 * Counts a failed authentication. Throws RATE_LIMITED in place of the failure when this address failed
 * too often as this client; whether the client exists makes no difference, and whoever proves to be the
 * client is not asked. Source: SEC-14, SEC-75.
 */
function countFailure(world: World, offer: Offered | undefined): void {
  const key = [addressKey(world), claimedBy(offer)];
  world.limits.demand("client_failures", key);
  world.limits.spend("client_failures", key);
}

/**
 * Authenticates the client of a request. Throws the door's refusal when it authenticates in no way
 * that the door takes, and one and the same other refusal for every way of failing, an unknown client
 * included; REQUEST_INVALID for a malformed header or two ways at once; RATE_LIMITED in place of a
 * failure after too many from this address. An assertion is used up by this. Source: D-01 to D-08,
 * SEC-14, SEC-15, SEC-75.
 */
export async function authenticate(
  world: World,
  door: Door,
  credentials: Credentials,
): Promise<Client> {
  let offer: Offered | undefined;
  try {
    offer = offered(door, credentials);
    if (!offer || !door.takes.includes(offer.kind))
      throw new Refusal("CLIENT_AUTHENTICATION_MISSING");
    const known =
      offer.kind === "assertion" ? await byAssertion(world, offer) : await bySecret(world, offer);
    if (door.kinds.includes(known.client.kind)) return known.client;
    throw rejected(`a client of kind ${known.client.kind}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { reason, cause } = error;
    const isMissing = reason === "CLIENT_AUTHENTICATION_MISSING";
    if (!isMissing && reason !== "CLIENT_AUTHENTICATION_FAILED") throw error;
    noteRejectedClient(world, door.event, credentials, error);
    if (isMissing) throw new Refusal(door.missing, {}, { cause });
    countFailure(world, offer);
    throw new Refusal(door.failed, {}, { cause });
  }
}

/**
 * Throws PERMISSION_MISSING, or the refusal that is documented in its place, unless the API client has the
 * API scope, and notes it. Source: API configuration.
 */
export function demandApiScope(
  world: World,
  client: Client,
  scope: string,
  reason: "PERMISSION_MISSING" | "MOBILE_AUTHENTICATION_FORBIDDEN" = "PERMISSION_MISSING",
): void {
  if (client.apiScopes.includes(scope)) return;
  const type = "API_ACCESS_NOT_ALLOWED_INVALID_SCOPES";
  world.events.add(
    { type, ...clientOf(client), agent: client.id, details: { scope } },
    world.origin,
  );
  throw new Refusal(reason, { scope });
}
