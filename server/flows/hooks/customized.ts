// What the web hooks of an application make of tokens and user details, asked only where there are any.
import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import type { World } from "../world.ts";
import type { TokenDraft } from "./customize_token.ts";
import { customizeToken } from "./customize_token.ts";
import { customizeUserDetails } from "./customize_user_details.ts";

/** Tokens for a user that are about to be given. */
export type UserTokenDraft = TokenDraft & { readonly userId: string };

/** What the tokens will say. */
export interface Customized {
  readonly scopes: readonly string[];
  /** Claims for the access token, undefined when there are none. */
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  /** Attributes of the user for the ID token. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** Tells whether the application has a web hook that is asked before tokens are given. */
export const asksHooks = ({ customizeToken, customizeUserDetails }: Application): boolean =>
  customizeToken !== undefined || customizeUserDetails !== undefined;

/** Gives the draft without asking anybody. */
export const asItIs = ({
  scopes,
  userDetails,
}: Pick<UserTokenDraft, "scopes" | "userDetails">): Customized => ({
  scopes,
  claims: undefined,
  details: userDetails,
});

/**
 * Asks the web hooks. Throws SCOPE_INVALID when they leave none of the scopes. The details are asked for
 * only where an ID token will carry them. Source: product 3.9.
 */
export async function customized(world: World, draft: UserTokenDraft): Promise<Customized> {
  const { client, userId, userDetails, contextCustomParams } = draft;
  const { scopes, claims } = await customizeToken(world, draft);
  const user = { client, userId, scopes, claims: userDetails, contextCustomParams };
  const details = scopes.includes("openid") ? await customizeUserDetails(world, user) : userDetails;
  return { scopes, claims, details };
}
