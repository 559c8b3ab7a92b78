// OAuth clients as the flows meet them, wherever they were registered.
import type { Application, OAuthClient } from "../../gen/gatewright/v1/setup.ts";
import type { Milliseconds } from "../core/clock.ts";
import { durationMs } from "../core/clock.ts";
import type { Installation } from "../store/installations.ts";

/** What kind of OAuth client it is: an app installation, a web application, a machine. */
export type ClientKind = "dynamic" | "static" | "api";

/** An OAuth client. */
export interface Client {
  readonly id: string;
  readonly kind: ClientKind;
  /** What people read: its own name, or that of an installation's application. */
  readonly name: string;
  /** Absent for API clients. */
  readonly application: Application | undefined;
  readonly apiScopes: readonly string[];
  /** Whether it is given refresh tokens. */
  readonly refreshTokens: boolean;
  /** What an app installation said of itself when it registered. */
  readonly version: string | undefined;
  readonly platform: string | undefined;
}

/** Gives what events say of a client. */
export const clientOf = ({
  id,
  name,
}: Pick<Client, "id" | "name">): {
  readonly clientId: string;
  readonly application: string;
} => ({ clientId: id, application: name });

/** A client with what proves it. */
export interface KnownClient {
  readonly client: Client;
  /** The text of its JWK set. */
  readonly jwks: string | undefined;
  readonly jwksUri: string | undefined;
  /** The stored hash of its secret, when it may authenticate with one. */
  readonly secretHash: string | undefined;
  readonly maxAssertionLifetime: Milliseconds;
}

/** How far ahead the `exp` of an assertion may lie at most. Source: D-03. */
export const assertionLifetimeLimit = 3_600_000 as Milliseconds;

/** Gives the name that people read of an object that has an id and may have a name. */
export const nameOf = ({ id, name }: { id: string; name?: string | undefined }): string =>
  name ?? id;

/**
 * Gives a client that the operator set up. A static one, and one that has keys, uses its secret only when
 * it may: giving a client keys takes the secret out of use that it had before. Source: D-07, D-08.
 */
export function setUpClient(
  setUp: OAuthClient,
  application: Application | undefined,
  secretHash: string | undefined,
): KnownClient {
  const kind = setUp.kind === "static" ? "static" : "api";
  const hasKeys = setUp.jwks !== undefined || setUp.jwksUri !== undefined;
  const mayUseSecret = setUp.secretAuthentication === true || (kind === "api" && !hasKeys);
  return {
    client: {
      id: setUp.id,
      kind,
      name: nameOf(setUp),
      application,
      apiScopes: setUp.apiScopes,
      refreshTokens: setUp.refreshTokens === true,
      version: undefined,
      platform: undefined,
    },
    jwks: setUp.jwks === undefined ? undefined : JSON.stringify(setUp.jwks),
    jwksUri: setUp.jwksUri,
    secretHash: mayUseSecret ? secretHash : undefined,
    maxAssertionLifetime: setUp.maxAssertionLifetime
      ? durationMs(setUp.maxAssertionLifetime)
      : assertionLifetimeLimit,
  };
}

/** Gives a client that an app registered. */
export const installedClient = (
  installation: Installation,
  application: Application,
): KnownClient => ({
  client: {
    id: installation.clientId,
    kind: "dynamic",
    name: nameOf(application),
    application,
    apiScopes: [],
    refreshTokens: application.refreshTokens === true,
    version: installation.softwareVersion ?? undefined,
    platform: installation.devicePlatform ?? undefined,
  },
  jwks: installation.jwks,
  jwksUri: undefined,
  secretHash: undefined,
  maxAssertionLifetime: assertionLifetimeLimit,
});
