// What a grant of the token endpoint is.
import type { IssueTokenRequest, IssueTokenResponse } from "../../../gen/gatewright/v1/token.ts";
import type { Client } from "../client.ts";
import type { World } from "../world.ts";

/** Gives the tokens of a grant to an authenticated client, or refuses. */
export type Grant = (
  world: World,
  client: Client,
  request: IssueTokenRequest,
) => Promise<IssueTokenResponse>;
