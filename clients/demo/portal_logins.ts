// The portal's login page: whoever shows its code to a phone on which somebody is logged in is that user.
import assert from "node:assert/strict";
import { basicAuthorization } from "../basic_authorization.ts";
import type { Json, Outgoing, Witness } from "./exchange.ts";
import { send } from "./exchange.ts";
import { at, expectStatus, textAt } from "./expectation.ts";
import type { Handler } from "./party.ts";

/** The login page. */
export interface Logins {
  readonly routes: Readonly<Record<string, Handler>>;
  /** The token server called back about a transaction; false when it is none of these. */
  calledBack(transactionId: string): Promise<boolean>;
  /** Names the token server. `clientSecret`: of the API client `portal`. */
  join(issuer: string, clientSecret: string): void;
}

/**
 * Opens the login page. `POST /logins` starts a login and gives the content of the code to scan; it may
 * bring a `message` for the phone. `GET /logins/{transaction}` waits for the end: 200 with the user, or
 * 403. A callback says nothing but which result to fetch. `callbackUri`: where the token server calls back.
 * Source: Mobile authentication API v4.
 */
export function openLogins(witness: Witness, callbackUri: () => string): Logins {
  const ends = new Map<string, PromiseWithResolvers<Json>>();
  let joined: { readonly issuer: string; readonly clientSecret: string } | undefined;

  const ask = (path: string, form?: Outgoing["form"]) => {
    assert(joined, "the portal was asked before it knew the token server");
    const { issuer, clientSecret } = joined;
    return send(witness, `${issuer}/api/v4/authenticate/${path}`, {
      headers: basicAuthorization("portal", clientSecret),
      ...(form && { form }),
    });
  };

  const begin: Handler = async ({ body }) => {
    const message = at(body, "message");
    const answer = await ask("user", {
      type: "portal-login",
      callback_uri: callbackUri(),
      ...(typeof message === "string" && { secure_message: message }),
    });
    const { body: started } = expectStatus(answer, 200);
    const transaction = textAt(started, "transaction_id");
    ends.set(transaction, Promise.withResolvers());
    const seconds = Number(at(started, "time_to_live")) / 1000;
    return { status: 201, body: { transaction, content: textAt(started, "otp"), seconds } };
  };

  const show: Handler = async ({ path }) => {
    const end = ends.get(path.slice("/logins/".length));
    if (!end) return { status: 404 };
    const result = await end.promise;
    const isIn = at(result, "is_authenticated") === true;
    const reason = at(result, "not_authenticated_reason.reason") ?? null;
    const body = isIn ? { user: textAt(result, "user_id") } : { reason };
    return { status: isIn ? 200 : 403, body };
  };

  return {
    routes: {
      "POST /logins": begin,
      "GET /logins/*": show,
    },
    async calledBack(transaction) {
      const end = ends.get(transaction);
      if (!end) return false;
      const ended = witness("POST", callbackUri());
      const { body } = expectStatus(await ask(`transaction/${transaction}`), 200);
      ended(204);
      end.resolve(body);
      return true;
    },
    join(issuer, clientSecret) {
      joined = { issuer, clientSecret };
    },
  };
}
