// What an app does with authenticators: as the user with an access token, and as the installation.
import { authenticated } from "./assertions.ts";
import type { Body, KeyClient, Place } from "./client.ts";
import { tokensOf } from "./client.ts";
import type { HttpAnswer } from "./http.ts";
import { get, postJson } from "./http.ts";
import { letIn } from "./usual_setup.ts";

/** An authenticator, as the list shows it. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly registered: boolean;
  readonly registered_at?: number;
}

const pathOf = (id: string, verb: string): string =>
  `/oauth/v1/authenticators/${encodeURIComponent(id)}/${verb}`;

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** Lists the authenticators of whoever has the access token. */
export const listAuthenticators = (server: Place, token: string | undefined): Promise<HttpAnswer> =>
  get(`${server.http}/oauth/v1/authenticators`, bearer(token));

/** Gives what an answered list says of one authenticator; undefined when it is not on it. */
export const listedIn = (answer: HttpAnswer, id: string): Listed | undefined =>
  (answer.json.authenticators as Listed[]).find((listed) => listed.id === id);

/** Registers whoever has the access token. */
export const registerAuthenticator = (
  server: Place,
  token: string | undefined,
  id: string,
  data?: string | null,
): Promise<HttpAnswer> => postJson(server.http + pathOf(id, "register"), { data }, bearer(token));

/** Deregisters whoever has the access token. */
export const deregisterAuthenticator = (
  server: Place,
  token: string | undefined,
  id: string,
): Promise<HttpAnswer> => postJson(server.http + pathOf(id, "deregister"), {}, bearer(token));

/** Logs in with an authenticator, by the key of an installation. */
export const authenticateWith = async (
  server: Place,
  phone: KeyClient,
  id: string,
  body: Body,
): Promise<HttpAnswer> =>
  postJson(server.http + pathOf(id, "authenticate"), { ...(await authenticated(phone)), ...body });

/** Registers a user's profile and gives its tokens; the access token is a fresh one. */
export const beginProfile = async (
  phone: KeyClient,
  profile_id: string,
  user = "alice",
  more: Body = {},
) => tokensOf(await phone.complete("puppet", { data: letIn(user), profile_id, ...more }));
