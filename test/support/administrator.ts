// The administrator of the usual set-up, at the administrators' listener.
import type { HttpAnswer } from "./http.ts";
import { basic, get, send } from "./http.ts";
import { secrets } from "./usual_setup.ts";

interface Place {
  readonly admin: string;
}

/** Its header of HTTP Basic. */
export const asAdmin = { authorization: basic("admin", secrets.admin) };

/** Gives the URL of the set-up. */
export const setupUrl = ({ admin }: Place): string => `${admin}/admin/v1/setup`;

/** Applies a set-up. */
export const putSetup = (
  server: Place,
  setup: unknown,
  headers: { authorization?: string } = asAdmin,
): Promise<HttpAnswer> =>
  send(setupUrl(server), {
    method: "PUT",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(setup),
  });

/** Gives everything that is set up. */
export const exportedSetup = async (server: Place): Promise<HttpAnswer["json"]> =>
  (await get(setupUrl(server), asAdmin)).json;
