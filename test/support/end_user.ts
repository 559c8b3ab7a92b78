// The portal side of the end-user API, as a help desk would write it.
import assert from "node:assert/strict";
import type { HttpAnswer } from "./http.ts";
import { basic, send } from "./http.ts";
import { secrets } from "./usual_setup.ts";

/** A device or a token as REST shows it. */
export type Entry = Readonly<Record<string, unknown>> & { readonly id: string };

/** The help desk's header of HTTP Basic. */
export const asHelpdesk = { authorization: basic("helpdesk", secrets.helpdesk) };

const usersUrl = (server: { http: string }, version: number, userId: string): string =>
  `${server.http}/oauth/api/v${version}/users/${encodeURIComponent(userId)}`;

const listOf = async (url: string, name: string): Promise<readonly Entry[]> => {
  const answer = await send(url, { method: "GET", headers: asHelpdesk });
  if (answer.status === 404) return [];
  assert.equal(answer.status, 200, answer.text);
  return answer.json[name] as Entry[];
};

/** Gives the devices of a user; none for one who is unknown. */
export const devicesOf = (server: { http: string }, userId: string): Promise<readonly Entry[]> =>
  listOf(`${usersUrl(server, 4, userId)}/devices`, "devices");

/** Gives the logins of a user; none for one who is unknown. */
export const loginsOf = (server: { http: string }, userId: string): Promise<readonly Entry[]> =>
  listOf(`${usersUrl(server, 1, userId)}/tokens`, "tokens");

/** Ends a login of a user. */
export const endLogin = (
  server: { http: string },
  userId: string,
  id: string,
): Promise<HttpAnswer> =>
  send(`${usersUrl(server, 1, userId)}/tokens/${encodeURIComponent(id)}`, {
    method: "DELETE",
    headers: asHelpdesk,
  });
