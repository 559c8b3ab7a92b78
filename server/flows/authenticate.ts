// Who is calling: one way to authenticate OAuth clients, and a row for each door that they come to.
import { toSeconds } from "../core/clock.ts";
import { Refusal } from "../core/refusal.ts";
import { readAssertion, verifyAssertion } from "../identity/assertion.ts";
import { readAuthorization } from "../identity/basic.ts";
import type { ClientKeys } from "../identity/client_keys.ts";
import { noKeys } from "../identity/client_keys.ts";
import type { Client, ClientKind, KnownClient } from "./client.ts";
import { assertionLifetimeLimit, installedClient } from "./client.ts";
import type { World } from "./world.ts";

/** Credentials as a request carries them; `authorization` is the header. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly clientAssertionType?: string | undefined;
  readonly clientAssertion?: string | undefined;
}

type AuthenticationRefusal =
  | "CLIENT_AUTHENTICATION_MISSING"
  | "CLIENT_AUTHENTICATION_FAILED"
  | "CLIENT_CREDENTIALS_REJECTED"
  | "ADMIN_CREDENTIALS_REJECTED";

/** A door: what credentials it takes, from whom, and how it says no. */
export interface Door {
  readonly takes: readonly ("assertion" | "secret")[];
  readonly kinds: readonly ClientKind[];
  readonly missing: AuthenticationRefusal;
  readonly failed: AuthenticationRefusal;
}

/** The doors. Source: D-01, D-06, D-07, D-08; RFC 6749 section 5.2. */
export const doors = {
  registration: {
    takes: ["assertion"],
    kinds: ["dynamic", "static"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_AUTHENTICATION_FAILED",
  },
  registrationV1: {
    takes: ["secret"],
    kinds: ["static"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_AUTHENTICATION_FAILED",
  },
  backchannel: {
    takes: ["assertion", "secret"],
    kinds: ["api"],
    missing: "CLIENT_AUTHENTICATION_MISSING",
    failed: "CLIENT_AUTHENTICATION_FAILED",
  },
  oauth: {
    takes: ["assertion", "secret"],
    kinds: ["dynamic", "static", "api"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
  },
  introspection: {
    takes: ["assertion", "secret"],
    kinds: ["api"],
    missing: "CLIENT_CREDENTIALS_REJECTED",
    failed: "CLIENT_CREDENTIALS_REJECTED",
  },
  administration: {
    takes: ["secret"],
    kinds: ["api"],
    missing: "ADMIN_CREDENTIALS_REJECTED",
    failed: "ADMIN_CREDENTIALS_REJECTED",
  },
} as const satisfies Record<string, Door>;

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
function offered(credentials: Credentials): Offered | undefined {
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

async function bySecret(world: World, offer: Offered & { kind: "secret" }): Promise<KnownClient> {
  const known = await findClient(world, offer.clientId);
  const isRight = await world.identity.secrets.verify(
    offer.clientId,
    offer.secret,
    known?.secretHash,
  );
  if (!isRight || !known) {
    throw rejected("the secret is wrong");
  }
  return known;
}

/**
 * Authenticates the client of a request. Throws the door's refusal when it authenticates in no way
 * that the door takes, and one and the same other refusal for every way of failing, an unknown client
 * included; REQUEST_INVALID for a malformed header or two ways at once. An assertion is used up by
 * this. Source: D-01 to D-08, SEC-14, SEC-15.
 */
export async function authenticate(
  world: World,
  door: Door,
  credentials: Credentials,
): Promise<Client> {
  try {
    const offer = offered(credentials);
    if (!offer || !door.takes.includes(offer.kind))
      throw new Refusal("CLIENT_AUTHENTICATION_MISSING");
    const known =
      offer.kind === "assertion" ? await byAssertion(world, offer) : await bySecret(world, offer);
    if (door.kinds.includes(known.client.kind)) return known.client;
    throw rejected(`a client of kind ${known.client.kind}`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { reason, cause } = error;
    if (reason === "CLIENT_AUTHENTICATION_MISSING") throw new Refusal(door.missing, {}, { cause });
    if (reason === "CLIENT_AUTHENTICATION_FAILED") throw new Refusal(door.failed, {}, { cause });
    throw error;
  }
}

/** Throws PERMISSION_MISSING unless the API client has the API scope. Source: API configuration. */
export function demandApiScope(client: Client, scope: string): void {
  if (!client.apiScopes.includes(scope)) throw new Refusal("PERMISSION_MISSING", { scope });
}
