// The PIN: it decrypts the refresh token of the profile and never leaves the app.
import type { Authenticator } from "./authenticator.ts";

/** The PIN, which comes and goes with the profile. Source: D-42. */
export const pin: Authenticator = {
  type: "PIN",
  tokenType: "DEFAULT",
  vouches: true,
  onWrongToken: "count",
  nameOf: () => "PIN",
  isUsable: () => true,
  registration: async ({ profileSince }) => ({
    id: undefined,
    data: () => null,
    createdAt: profileSince,
  }),
  register: { refusal: "AUTHENTICATOR_FIXED" },
  authenticate: {
    refusal: "REQUEST_INVALID",
    facts: { detail: "log in with the grant refresh_token" },
  },
  deregister: { refusal: "AUTHENTICATOR_FIXED" },
};
