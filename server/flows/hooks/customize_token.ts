// Asks the web hook of type CUSTOMIZE_TOKEN before tokens are given.
import { Refusal } from "../../core/refusal.ts";
import type { Json, JsonObject, Refuse } from "../../identity/strict_json.ts";
import { isJsonObject } from "../../identity/strict_json.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import type { World } from "../world.ts";
import { askWebHook, hookOf } from "./ask_web_hook.ts";
import { isAccessTokenClaim, plainClaims } from "./claims.ts";

/** What tokens are about to be given. */
export interface TokenDraft {
  readonly client: Client;
  readonly userId: string | undefined;
  readonly scopes: readonly string[];
  readonly userDetails: Readonly<Record<string, unknown>>;
  readonly contextCustomParams: Readonly<Record<string, readonly string[]>> | null;
}

/** What the hook made of it. */
export interface CustomizedToken {
  readonly scopes: readonly string[];
  /** Claims for the access token, undefined when there are none. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
}

/** What the hook answered: both absent or null where it has nothing to change. */
interface Wishes {
  readonly removeScopes: readonly string[];
  readonly additionalClaims: JsonObject;
}

const claimsLimitBytes = 16 * 1024;
const shownNames = 512;

const isText = (value: Json): value is string => typeof value === "string";

function readWishes(answer: JsonObject, refuse: Refuse): Wishes {
  const removeScopes = answer.removeScopes ?? [];
  const additionalClaims = answer.additionalClaims ?? {};
  if (!Array.isArray(removeScopes) || !removeScopes.every(isText)) {
    return refuse("removeScopes is no list of texts");
  }
  if (!isJsonObject(additionalClaims)) return refuse("additionalClaims is no object");
  if (Buffer.byteLength(JSON.stringify(additionalClaims)) > claimsLimitBytes) {
    return refuse(`additionalClaims has more than ${claimsLimitBytes} bytes`);
  }
  return { removeScopes, additionalClaims };
}

/**
 * Gives scopes and claims as the application's hook wants them; those of the draft without a hook.
 * Scopes to remove that the draft has not are passed over, and so are claims that are the server's to
 * make, with the event TOKEN_REQUEST_CLAIM_REJECTED. Throws SCOPE_INVALID when the hook removes every
 * scope, and UNAVAILABLE when it cannot be asked, does not answer as documented, or gives claims of more
 * than 16 KiB. Source: Customize Access Token Web Hook, SEC-24, SEC-83.
 */
export async function customizeToken(world: World, draft: TokenDraft): Promise<CustomizedToken> {
  const { client, userId, contextCustomParams } = draft;
  const hook = hookOf(world, client, "customizeToken");
  if (!hook) return { scopes: draft.scopes, claims: undefined };
  const { removeScopes, additionalClaims } = await askWebHook(world, hook, {
    path: "v1/customize-access-token",
    subject: draft,
    body: {
      ...(userId === undefined ? {} : { user: { id: userId } }),
      client: { id: client.id },
      scopes: draft.scopes,
      userClaims: draft.userDetails,
      contextCustomParams,
    },
    read: readWishes,
  });
  const scopes = draft.scopes.filter((scope) => !removeScopes.includes(scope));
  if (scopes.length === 0 && draft.scopes.length > 0) throw new Refusal("SCOPE_INVALID");
  const rejected = Object.keys(additionalClaims).filter(isAccessTokenClaim);
  if (rejected.length > 0) {
    const details = { hook: hook.id, claims: rejected.join(" ").slice(0, shownNames) };
    const type = "TOKEN_REQUEST_CLAIM_REJECTED";
    world.events.add({ type, ...clientOf(client), userId, details }, world.origin);
  }
  const claims = plainClaims(additionalClaims, (name) => !isAccessTokenClaim(name));
  return { scopes, claims: Object.keys(claims).length > 0 ? claims : undefined };
}
