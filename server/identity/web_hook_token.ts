// The tokens with which the server proves itself to web hooks.

import { LRUCache } from "lru-cache";
import type { Milliseconds } from "../core/clock.ts";
import { toSeconds } from "../core/clock.ts";
import { uuid } from "../core/id.ts";
import { signJwt } from "./signed_jwt.ts";
import type { SigningKey } from "./signing_keys.ts";

/** Whom a token is for, and who gives it. */
export interface WebHookTokenRequest {
  readonly issuer: string;
  /** Base URL of the hook. */
  readonly url: string;
  /** Type of the hook, such as CUSTOMIZE_TOKEN. */
  readonly type: string;
  readonly now: Milliseconds;
}

/** Gives a token for a hook, signed with this key. */
export type WebHookTokens = (key: SigningKey, request: WebHookTokenRequest) => string;

interface Kept {
  readonly token: string;
  readonly from: Milliseconds;
  /** From this instant on it is too near its end to be used again. */
  readonly until: number;
}

const clientId = "onewelcomeAccessWebHookClient";
const lifetimeSeconds = 15 * 60;
const marginMs = 60_000;
const keptTokens = 1_000;

/**
 * Gives the maker of tokens for web hooks: `aud` the hook's base URL, `sub` and `cid` the documented
 * client, `scope` the one of all hooks and the one of its type, `iss`, `jti`, `iat`, and `exp` in 15
 * minutes. A token serves its hook again until a minute before its end, as long as the key signs and
 * the clock is not set back before it; at most 1,000 are remembered. Source: Customize Access Token
 * Web Hook, Web Hooks API.
 */
export const webHookTokens = (): WebHookTokens => {
  const kept = new LRUCache<string, Kept>({ max: keptTokens });
  return (key, { issuer, url, type, now }) => {
    const name = JSON.stringify([key.kid, issuer, url, type]);
    const known = kept.get(name);
    if (known !== undefined && now >= known.from && now < known.until) return known.token;
    const issuedAt = toSeconds(now);
    const token = signJwt(key, {
      iss: issuer,
      sub: clientId,
      cid: clientId,
      aud: url,
      scope: `onewelcome_webhooks onewelcome_webhook_${type.toLowerCase()}`,
      jti: uuid(),
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
    });
    kept.set(name, { token, from: now, until: now + lifetimeSeconds * 1000 - marginMs });
    return token;
  };
};
