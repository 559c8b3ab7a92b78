// The authenticators of the law suite: how each is registered and how one logs in with it.
import { randomBytes } from "node:crypto";
import { authenticateWith, registerAuthenticator } from "../support/authenticators.ts";
import type { KeyClient, Place } from "../support/client.ts";
import type { HttpAnswer } from "../support/http.ts";
import { say } from "../support/usual_setup.ts";

/** Where one logs in, and with what the app keeps for it: a refresh token, or nothing. */
export interface Attempt {
  readonly server: Place;
  readonly phone: KeyClient;
  readonly profileId: string;
  readonly key: string;
}

/** An authenticator of the suite. */
export interface Row {
  readonly id: string;
  readonly type: string;
  /** What a login with it earns. */
  readonly tokenType: string;
  /** Whether a login with it is enough for registering another one. */
  readonly vouches: boolean;
  /** How a login without a registration is refused. */
  readonly refused: readonly [number, string];
  /** Registers with an access token; undefined where registering the profile does. */
  readonly register?: (server: Place, token: string | undefined) => Promise<HttpAnswer>;
  /** Gives what the app keeps, from the answer that registered. */
  keyOf(answer: HttpAnswer["json"]): string;
  logIn(attempt: Attempt): Promise<HttpAnswer>;
}

/** What has the form of a key and is none. */
export const noKey = (): string => randomBytes(32).toString("hex").toUpperCase();

const refreshing =
  (authenticator?: string): Row["logIn"] =>
  ({ phone, profileId, key }) =>
    phone.refresh(key, { profile_id: profileId, authenticator });

const scripted = (id: string): Row => ({
  id,
  type: "CUSTOM",
  tokenType: "CUSTOM_AUTHENTICATOR",
  vouches: false,
  refused: [404, "not_registered"],
  register: (server, token) => registerAuthenticator(server, token, id, say(2000)),
  keyOf: () => "",
  logIn: ({ server, phone, profileId }) =>
    authenticateWith(server, phone, id, { profile_id: profileId, data: say(2000) }),
});

/** The rows: the table of the server, and two that are data of its last row. */
export const rows: readonly Row[] = [
  {
    id: "pin",
    type: "PIN",
    tokenType: "DEFAULT",
    vouches: true,
    refused: [400, "invalid_grant"],
    keyOf: ({ oauth_token }) => (oauth_token as { refresh_token: string }).refresh_token,
    logIn: refreshing(),
  },
  {
    id: "fingerprint",
    type: "FINGERPRINT",
    tokenType: "FINGER_PRINT",
    vouches: true,
    refused: [400, "invalid_grant"],
    register: (server, token) => registerAuthenticator(server, token, "fingerprint"),
    keyOf: ({ refresh_token }) => String(refresh_token),
    logIn: refreshing("fingerprint"),
  },
  scripted("voice"),
  scripted("face"),
];

/** A way to log in that is no authenticator, and that vouches for nothing. */
export const implicit: Pick<Row, "tokenType" | "logIn"> = {
  tokenType: "IMPLICIT_AUTHENTICATION",
  logIn: ({ phone, profileId }) =>
    phone.token({
      grant_type: "urn:gatewright:oauth2:grant_type:implicit_authentication",
      profile_id: profileId,
    }),
};
