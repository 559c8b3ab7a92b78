// A portal that asks users on their phones, as its maker would write it.
import assert from "node:assert/strict";
import type { Fields, HttpAnswer } from "./http.ts";
import { basic, get, postForm } from "./http.ts";
import { secrets } from "./usual_setup.ts";

interface Place {
  readonly http: string;
}

/** An API client of the usual set-up that may ask. */
export type PortalName = "bank" | "shop";

/** Gives the header of HTTP Basic of a portal. */
export const asPortal = (name: PortalName = "bank"): { readonly authorization: string } => ({
  authorization: basic(name, secrets[name]),
});

const base = ({ http }: Place): string => `${http}/oauth/api/v4/authenticate`;

/** Sends a start with these fields. */
export const sendStart = (
  server: Place,
  fields: Fields,
  headers: Readonly<Record<string, string>> = asPortal(),
): Promise<HttpAnswer> => postForm(`${base(server)}/user`, fields, headers);

/** A transaction as the portal knows it. */
export interface Started {
  readonly id: string;
  /** What the portal shows to the phone. */
  readonly otp: string;
}

/** Starts a transaction, of the type `login` unless told otherwise. */
export async function start(
  server: Place,
  fields: Fields = {},
  name: PortalName = "bank",
): Promise<Started> {
  const answer = await sendStart(server, { type: "login", ...fields }, asPortal(name));
  assert.equal(answer.status, 200, answer.text);
  return { id: String(answer.json.transaction_id), otp: String(answer.json.otp) };
}

/** Asks for a result, waiting for it when told how many seconds. */
export const askResult = (
  server: Place,
  id: string,
  {
    wait,
    name,
  }: { readonly wait?: number | undefined; readonly name?: PortalName | undefined } = {},
): Promise<HttpAnswer> => {
  const query = wait === undefined ? "" : `?wait=${wait}`;
  return get(`${base(server)}/transaction/${encodeURIComponent(id)}${query}`, asPortal(name));
};

/** Asks with which types a user can be asked, perhaps on one device. */
export const askTypes = (
  server: Place,
  userId: string,
  deviceId?: string,
  headers: Readonly<Record<string, string>> = asPortal(),
): Promise<HttpAnswer> => {
  const device = deviceId === undefined ? "" : `/device/${encodeURIComponent(deviceId)}`;
  return get(`${base(server)}/user/${encodeURIComponent(userId)}${device}/enabled`, headers);
};
