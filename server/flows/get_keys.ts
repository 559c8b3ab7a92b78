// The public keys with which our tokens are verified.
import type { GetKeysResponse, Jwk } from "../../gen/gatewright/v1/token.ts";
import type { World } from "./world.ts";

/** Gives the keys that sign now, will sign next, or signed what may still live. Source: RFC 7517, SEC-18. */
export const getKeys = (world: World): GetKeysResponse => ({
  keys: world.identity.keyRing().jwks(world.clock.now()).keys as unknown as Jwk[],
});
