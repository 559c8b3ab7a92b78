// The backchannel: a portal talks to the script of an identity provider.
import type {
  RunBackchannelRequest,
  RunBackchannelResponse,
} from "../../gen/gatewright/v1/registration.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate, demandApiScope } from "./authenticate.ts";
import { clientOf } from "./client.ts";
import { doors } from "./doors.ts";
import { noted, scriptDetails } from "./events/noted.ts";
import { registrationEnds } from "./registration_events.ts";
import { enabledProvider } from "./registration_step.ts";
import { runScript } from "./run_script.ts";
import type { World } from "./world.ts";

/**
 * Runs the backchannel script of an identity provider for an API client that may register users, and
 * gives its status and data. It has no transaction and never issues tokens.
 * Source: Backchannel custom registration, D-08, D-10, D-16.
 */
export async function runBackchannel(
  world: World,
  request: RunBackchannelRequest,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<RunBackchannelResponse> {
  const asked = { details: { identity_provider: request.idp } };
  return noted(world, registrationEnds.backchannel, asked, async (know) => {
    const client = await authenticate(world, doors.backchannel, credentials);
    know({ ...clientOf(client), agent: client.id });
    demandApiScope(world, client, "onegini_api_user_registration");
    const provider = enabledProvider(world, request.idp);
    const slot = `identity_providers/${provider.id}/backchannel`;
    know({ details: scriptDetails(world, slot) });
    const { status, responsePayload: data } = await runScript(
      world,
      client,
      slot,
      "backchannel",
      { requestPayload: request.data ?? null },
      signal,
    );
    know({ details: { status } });
    return { status, data };
  });
}
