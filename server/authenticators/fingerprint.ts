// The fingerprint: the phone gives its refresh token to the app when it knows the finger.
import type { Authenticator } from "./authenticator.ts";

const tokenType = "FINGER_PRINT";

/** The fingerprint, which is a refresh token of its own. Source: D-43. */
export const fingerprint: Authenticator = {
  type: "FINGERPRINT",
  tokenType,
  vouches: true,
  onWrongToken: "remove",
  nameOf: () => "Fingerprint",
  isUsable: ({ application }) => application.refreshTokens === true,
  async registration(holding) {
    const createdAt = await holding.refreshTokenSince(tokenType);
    return createdAt === undefined ? undefined : { id: undefined, data: () => null, createdAt };
  },
  register: async (ports) => ({
    status: 2000,
    refreshToken: await ports.issueRefreshToken(tokenType),
  }),
  authenticate: {
    refusal: "REQUEST_INVALID",
    facts: { detail: "log in with the grant refresh_token" },
  },
  deregister: (holding) => holding.revoke(tokenType),
};
