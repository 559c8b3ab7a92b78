// The refusals of the other endpoints: backchannel, version 1, tokens, app registration,
// administration.
import { newKey } from "../support/assertions.ts";
import { tokensOf } from "../support/client.ts";
import { basic } from "../support/http.ts";
import { letIn, say, secrets } from "../support/usual_setup.ts";
import type { Actors, Ask } from "./doors.ts";
import type { Row } from "./refusal_answers.ts";
import { answered } from "./refusal_answers.ts";

const data = letIn("alice");
const profileId = "W8DUJ2";

type Change = Readonly<Record<string, unknown>>;

const backchannel = (idp: string, client: "portal" | "viewer", secret?: string) => (): Ask => ({
  method: "runBackchannel",
  message: { idp, data: say(2000) },
  authorization: basic(client, secret ?? secrets[client]),
});

const token =
  (change: object, actor: "phone" | "web" | "strict" = "phone") =>
  async (actors: Actors): Promise<Ask> => ({
    method: "issueToken",
    message: { ...(await actors.authenticate(actors[actor])), ...change },
  });

const admin = (method: "rotateKeys" | "deleteObject", secret: string, message: Change): Ask => ({
  method,
  message,
  authorization: basic("admin", secret),
});

/** A row for each refusal that these endpoints document. */
export const otherRefusals: readonly Row[] = [
  {
    name: "a backchannel without authentication",
    ask: () => ({ method: "runBackchannel", message: { idp: "puppet", data: say(2000) } }),
    ...answered.missing,
  },
  {
    name: "a backchannel with a wrong secret",
    ask: backchannel("puppet", "portal", "wrong-secret"),
    ...answered.failed,
  },
  {
    name: "a backchannel without permission",
    ask: backchannel("puppet", "viewer"),
    ...answered.noPermission,
  },
  {
    name: "a backchannel of no provider",
    ask: backchannel("nowhere", "portal"),
    ...answered.noProvider,
  },
  {
    name: "a backchannel of a disabled provider",
    ask: backchannel("off", "portal"),
    ...answered.disabled,
  },
  {
    name: "a backchannel without a script",
    ask: backchannel("silent", "portal"),
    ...answered.scriptFailed,
  },
  {
    name: "version 1 with a wrong secret",
    ask: () => ({
      method: "completeRegistrationV1",
      message: { idp: "puppet", data },
      authorization: basic("web-v1", "wrong-secret"),
    }),
    ...answered.failed,
  },
  {
    name: "version 1 without a secret",
    ask: () => ({ method: "initRegistrationV1", message: { idp: "steps" } }),
    ...answered.missing,
  },
  {
    name: "a token request without authentication",
    ask: () => ({ method: "issueToken", message: { grantType: "client_credentials" } }),
    ...answered.rejected,
  },
  {
    name: "an introspection with a wrong secret",
    ask: () => ({
      method: "introspectToken",
      message: { token: "A".repeat(64) },
      authorization: basic("portal", "wrong-secret"),
    }),
    ...answered.rejected,
  },
  {
    name: "an introspection without permission",
    ask: () => ({
      method: "introspectToken",
      message: { token: "A".repeat(64) },
      authorization: basic("viewer", secrets.viewer),
    }),
    ...answered.noPermission,
  },
  {
    name: "a revocation without authentication",
    ask: () => ({ method: "revokeToken", message: { token: "A".repeat(64) } }),
    ...answered.rejected,
  },
  { name: "a token request without a grant type", ask: token({}), ...answered.malformed },
  {
    name: "a grant type that does not exist here",
    ask: token({ grantType: "authorization_code" }),
    ...answered.unsupported,
  },
  {
    name: "a grant type that the client may not use",
    ask: token({ grantType: "client_credentials" }, "strict"),
    ...answered.notAllowed,
  },
  {
    name: "an unknown refresh token",
    ask: token({ grantType: "refresh_token", refreshToken: "A".repeat(64) }, "web"),
    ...answered.noGrant,
  },
  {
    name: "a wrong PIN",
    ask: async (actors) => {
      await actors.phone.complete("puppet", { data, profile_id: profileId });
      const wrong = { grantType: "refresh_token", refreshToken: "A".repeat(64), profileId };
      return token(wrong)(actors);
    },
    ...answered.wrongPin,
  },
  {
    name: "a login of a profile that never was",
    ask: token({ grantType: "refresh_token", refreshToken: "A".repeat(64), profileId: "NOBODY" }),
    ...answered.profileRevoked,
  },
  {
    name: "UserInfo without an access token",
    ask: () => ({ method: "getUserInfo", message: {} }),
    ...answered.noAccessToken,
  },
  {
    name: "UserInfo with an access token that was granted without openid",
    ask: async ({ phone }) => {
      const body = { data, profile_id: profileId, scope: ["read"] };
      const { access_token } = tokensOf(await phone.complete("puppet", body));
      return { method: "getUserInfo", message: {}, authorization: `Bearer ${access_token}` };
    },
    ...answered.noOpenid,
  },
  {
    name: "a scope that the client may not have for itself",
    ask: token({ grantType: "client_credentials", scope: "read" }, "web"),
    ...answered.noScope,
  },
  {
    name: "an app installation of nothing",
    ask: async () => ({
      method: "registerDevice",
      message: { softwareId: "nowhere", jwks: { keys: [(await newKey()).publicJwk] } },
    }),
    ...answered.noMetadata,
  },
  {
    name: "an administrator's wrong secret",
    ask: () => admin("rotateKeys", "wrong-secret", {}),
    ...answered.noAdministrator,
  },
  {
    name: "an administration call without permission",
    ask: () => ({
      method: "rotateKeys",
      message: {},
      authorization: basic("viewer", secrets.viewer),
    }),
    ...answered.noPermission,
  },
  {
    name: "a set-up that refers to nothing",
    ask: () => ({
      method: "applySetup",
      message: { setup: { applications: [{ id: "x", identityProviders: ["nowhere"] }] } },
      authorization: basic("admin", secrets.admin),
    }),
    ...answered.noSetup,
  },
  {
    name: "the removal of an object that does not exist",
    ask: () => admin("deleteObject", secrets.admin, { kind: "properties", id: "nothing" }),
    ...answered.notFound,
  },
  {
    name: "the removal of an object that others refer to",
    ask: () => admin("deleteObject", secrets.admin, { kind: "identity_providers", id: "puppet" }),
    ...answered.conflict,
  },
];
