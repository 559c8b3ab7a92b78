// How an installation proves itself: a statement signed for one call (private_key_jwt).
import { toBase64Url } from "./base64.ts";
import type { SigningKey } from "./storage.ts";

/** The one type of client assertion. Source: RFC 7523 section 2.2. */
export const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// Between the bounds of servers (300 s where they are strict) with room for a clock that is a minute fast, and long
// enough that a slow request does not make it old. So whoever is refused for the time is over a minute off (D-66).
const lifeSeconds = 180;

const encoder = new TextEncoder();
const part = (value: object): string => toBase64Url(encoder.encode(JSON.stringify(value)));

/** Gives the name of a key: its thumbprint. Source: RFC 7638 section 3. */
export async function keyIdOf({ publicJwk: { crv, kty, x, y } }: SigningKey): Promise<string> {
  const members = encoder.encode(JSON.stringify({ crv, kty, x, y }));
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", members)));
}

/**
 * Signs that the caller is the client, for one call. `audience`: the issuer; `now`: milliseconds since the epoch.
 * Source: RFC 7523 section 3, D-01 to D-05.
 */
export async function assertionOf(
  key: SigningKey,
  { clientId, audience, now }: { clientId: string; audience: string; now: number },
): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const head = part({ alg: "ES256", typ: "client-authentication+jwt", kid: await keyIdOf(key) });
  const body = part({
    iss: clientId,
    sub: clientId,
    aud: audience,
    jti: crypto.randomUUID(),
    iat: seconds,
    exp: seconds + lifeSeconds,
  });
  const signature = await key.sign(encoder.encode(`${head}.${body}`));
  return `${head}.${body}.${toBase64Url(signature)}`;
}
