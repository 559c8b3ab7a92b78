// Who takes part in the walk, and what a phone has once its user is in.
import type { Answer } from "./exchange.ts";
import { send } from "./exchange.ts";
import { expectAt, expectStatus, textAt } from "./expectation.ts";
import type { Phone } from "./phone.ts";
import type { Portal } from "./portal.ts";
import type { ResourceServer } from "./resource_server.ts";
import type { Stage } from "./stage.ts";

/** Who takes part in the walk, beside the phones, which come and go. */
export interface Cast {
  readonly stage: Stage;
  readonly issuer: string;
  readonly portal: Portal;
  readonly resourceServer: ResourceServer;
}

/** What a phone has after a registration. */
export interface Login {
  readonly phone: Phone;
  readonly profileId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly idToken: string;
}

/** The form of access and refresh tokens. */
export const opaque = /^[0-9A-F]{64}$/;
const jwtForm = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Reads the tokens of a completed registration, and expects them in the documented form. */
export function loginOf(phone: Phone, profileId: string, answer: Answer): Login {
  const { body } = expectStatus(answer, 200);
  expectAt(body, "status", 2000);
  expectAt(body, "oauth_token.token_type", "bearer");
  expectAt(body, "oauth_token.expires_in", 3600);
  return {
    phone,
    profileId,
    accessToken: textAt(body, "oauth_token.access_token", opaque),
    refreshToken: textAt(body, "oauth_token.refresh_token", opaque),
    idToken: textAt(body, "oauth_token.id_token", jwtForm),
  };
}

/** Presses a button on the portal's page in the browser of the user who is logged in. */
export const press = (
  cast: Cast,
  path: string,
  json?: Readonly<Record<string, string>>,
  method?: "DELETE",
) =>
  send(cast.stage.witness, `${cast.portal.url}${path}`, {
    headers: { cookie: cast.portal.cookie },
    ...(json && { json }),
    ...(method && { method }),
  });
