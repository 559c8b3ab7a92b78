// The discovery document, from which every party learns where the server's endpoints are.
import type { Witness } from "./exchange.ts";
import { send } from "./exchange.ts";
import { expectAt, expectStatus, textAt } from "./expectation.ts";

/** The endpoints of the server. */
export interface Metadata {
  readonly issuer: string;
  readonly token: string;
  readonly introspection: string;
  readonly revocation: string;
  readonly registration: string;
  readonly keys: string;
}

/** Gives the address of an issuer's discovery document. */
export const discoveryUrl = (issuer: string): string =>
  `${issuer}/.well-known/openid-configuration`;

/**
 * Fetches the discovery document. Throws Unexpected when it names another issuer: it would be the
 * word of somebody else. Source: OpenID Connect Discovery 1.0 section 4.3.
 */
export async function discover(witness: Witness, issuer: string): Promise<Metadata> {
  const { body } = expectStatus(await send(witness, discoveryUrl(issuer)), 200);
  expectAt(body, "issuer", issuer);
  return {
    issuer,
    token: textAt(body, "token_endpoint"),
    introspection: textAt(body, "introspection_endpoint"),
    revocation: textAt(body, "revocation_endpoint"),
    registration: textAt(body, "registration_endpoint"),
    keys: textAt(body, "jwks_uri"),
  };
}
