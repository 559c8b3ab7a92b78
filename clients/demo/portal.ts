// The portal: a web site where a user is logged in, and which may register users' phones.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basicAuthorization } from "../basic_authorization.ts";
import type { CallbackHandler } from "../portal/callback_handler.ts";
import { callbackHandler } from "../portal/callback_handler.ts";
import type { Answer, Json, Witness } from "./exchange.ts";
import { send } from "./exchange.ts";
import { expectAt, expectStatus, jsonAt, textAt } from "./expectation.ts";
import type { PageFiles } from "./pages/page_files.ts";
import type { PortalPage } from "./pages/portal_page.ts";
import { openPortalPage } from "./pages/portal_page.ts";
import type { Handler, Party } from "./party.ts";
import { openParty } from "./party.ts";
import { openLogins } from "./portal_logins.ts";

/** What the portal was given by whoever set up the token server. */
interface PortalSecrets {
  /** Of its API client, `portal`. */
  readonly client: string;
  /** With which the server's script calls back. */
  readonly callback: string;
  /** With which results of logins are called back. */
  readonly signing: string;
}

/** The portal, open. Its page for the logged-in user is what holds the cookie. */
export interface Portal extends Party {
  /** The session of the user who is logged in. */
  readonly cookie: string;
  /** Names the token server, which is started after the portal since it has to know its address. */
  join(issuer: string, secrets: PortalSecrets): void;
}

/** The user who is logged in at the portal. */
export const user = { id: "alice-7d41", name: "Alice Example" } as const;

/** Another user, whom the page can let in. */
const neighbour = { id: "bob-2c90", name: "Bob Example" } as const;

const callbackPath = "/login-callback";

/**
 * Opens the portal. For a logged-in user `POST /devices` asks the token server for a code to scan
 * and `GET /devices/{transaction}` says what became of it; `GET /devices` shows the user's devices and
 * `DELETE /devices` removes them; `GET /activity` shows what happened; `POST /challenges` trades a
 * challenge for a response; the token server's script calls `POST /callback`. `/logins` is for those who are
 * not logged in. The token server calls `POST /login-callback` when a mobile authentication has ended. With `files`
 * there is a page for people as well. No browser ever sees the secret of the API client.
 */
export async function openPortal(witness: Witness, files?: PageFiles): Promise<Portal> {
  const cookie = `session=${randomBytes(16).toString("base64url")}`;
  const states = new Map<string, "waiting" | "scanned">();
  let joined: { readonly issuer: string; readonly secrets: PortalSecrets } | undefined;

  const backchannel = (provider: string, data: Json): Promise<Answer> => {
    assert(joined, "the portal was asked before it knew the token server");
    const { issuer, secrets } = joined;
    return send(witness, `${issuer}/api/v3/custom-registration/${provider}/backchannel`, {
      headers: basicAuthorization("portal", secrets.client),
      json: { data: JSON.stringify(data) },
    });
  };

  /** Calls an API of the token server about the user who is logged in. */
  const manage = (path: string, method?: "DELETE"): Promise<Answer> => {
    assert(joined, "the portal was asked before it knew the token server");
    const { issuer, secrets } = joined;
    return send(witness, `${issuer}/api/${path}`, {
      headers: basicAuthorization("portal", secrets.client),
      ...(method && { method }),
    });
  };
  const devicesPath = `v4/users/${user.id}/devices`;

  const whenLoggedIn =
    (handler: Handler): Handler =>
    (received) =>
      received.headers.cookie === cookie ? handler(received) : { status: 401 };

  const addDevice: Handler = async ({ from }) => {
    const data = { userId: user.id, displayName: user.name, startedFrom: from };
    const { body } = expectStatus(await backchannel("qr", data), 200);
    expectAt(body, "status", 2000);
    const code = jsonAt(body, "data");
    const transaction = textAt(code, "transaction");
    states.set(transaction, "waiting");
    // What the page draws as a QR code: the identifier alone, which says nothing about anybody.
    const content = JSON.stringify({ identifier: textAt(code, "identifier") });
    return { status: 201, body: { transaction, content, code } };
  };

  const deviceState: Handler = ({ path }) => {
    const state = states.get(path.slice("/devices/".length));
    return state ? { status: 200, body: { state } } : { status: 404 };
  };

  const answerChallenge: Handler = async ({ body }) => {
    const challenge = textAt(body, "challenge");
    const data = { userId: user.id, displayName: user.name, challenge };
    const answer = expectStatus(await backchannel("challenge", data), 200).body;
    expectAt(answer, "status", 2000);
    return { status: 200, body: { response: textAt(jsonAt(answer, "data"), "response") } };
  };

  const callbackStatus = (authorization: string | undefined, body: Json): number => {
    if (!joined || authorization !== `Bearer ${joined.secrets.callback}`) return 401;
    const transaction = textAt(body, "transactionId");
    if (page?.scanned(transaction)) return 204;
    if (!states.has(transaction)) return 404;
    states.set(transaction, "scanned");
    return 204;
  };

  const callbackUri = (): string => party.url + callbackPath;
  const logins = openLogins(witness, callbackUri);
  const page: PortalPage | undefined =
    files &&
    openPortalPage({ files, url: () => party.url, callbackUri, people: [user, neighbour] });
  let callbacks: CallbackHandler | undefined;

  async function other(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const handler = request.url === callbackPath ? callbacks : page?.handle;
    if (handler) await handler(request, response);
    else response.writeHead(404).end();
  }

  const routes: Readonly<Record<string, Handler>> = {
    ...logins.routes,
    "POST /devices": whenLoggedIn(addDevice),
    "GET /devices/*": whenLoggedIn(deviceState),
    "GET /devices": whenLoggedIn(() => manage(devicesPath)),
    "DELETE /devices": whenLoggedIn(() => manage(devicesPath, "DELETE")),
    "GET /activity": whenLoggedIn(() => manage(`v1/events?user_id=${user.id}&size=100`)),
    "POST /challenges": whenLoggedIn(answerChallenge),
    "POST /callback": ({ headers, body }) => {
      const ended = witness("POST", `${party.url}/callback`);
      const status = callbackStatus(headers.authorization, body);
      ended(status);
      return { status };
    },
  };
  const party: Party = await openParty(routes, other);
  return {
    ...party,
    cookie,
    join(issuer, secrets) {
      joined = { issuer, secrets };
      logins.join(issuer, secrets.client);
      page?.join(issuer, secrets.client);
      callbacks = callbackHandler({
        secrets: [secrets.signing],
        async onCallback({ transactionId }) {
          if (!(await logins.calledBack(transactionId))) await page?.calledBack(transactionId);
        },
      });
    },
    async [Symbol.asyncDispose]() {
      page?.close();
      await party[Symbol.asyncDispose]();
    },
  };
}
