// What this server offers, for clients that configure themselves.
import type { GetMetadataResponse } from "../../gen/gatewright/v1/token.ts";
import { grants } from "./issue_token.ts";
import type { World } from "./world.ts";

const authMethods = ["private_key_jwt", "client_secret_basic", "client_secret_post"];
const algorithms = ["ES256"];

/**
 * Gives the metadata of the authorization server. Every endpoint lies under the issuer.
 * Source: RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3, D-64, SEC-29.
 */
export function getMetadata(world: World): GetMetadataResponse {
  const { issuer } = world.policy;
  const scopes = [...world.configuration().applications.values()].flatMap((app) => app.scopes);
  return {
    issuer,
    tokenEndpoint: `${issuer}/v1/token`,
    introspectionEndpoint: `${issuer}/api/v2/token/introspect`,
    revocationEndpoint: `${issuer}/v1/revoke`,
    registrationEndpoint: `${issuer}/register`,
    userinfoEndpoint: `${issuer}/v1/userinfo`,
    jwksUri: `${issuer}/v1/keys`,
    grantTypesSupported: [...grants.keys()],
    // No authorization endpoint, so no response type; the member is required all the same.
    responseTypesSupported: [],
    scopesSupported: [...new Set(["openid", ...scopes])],
    subjectTypesSupported: ["public"],
    idTokenSigningAlgValuesSupported: algorithms,
    tokenEndpointAuthMethodsSupported: authMethods,
    tokenEndpointAuthSigningAlgValuesSupported: algorithms,
    introspectionEndpointAuthMethodsSupported: authMethods,
    introspectionEndpointAuthSigningAlgValuesSupported: algorithms,
    revocationEndpointAuthMethodsSupported: authMethods,
    revocationEndpointAuthSigningAlgValuesSupported: algorithms,
  };
}
