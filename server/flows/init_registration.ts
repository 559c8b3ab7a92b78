// The first step of a two-step registration.
import type {
  InitRegistrationRequest,
  InitRegistrationResponse,
  InitRegistrationV1Request,
} from "../../gen/gatewright/v1/registration.ts";
import { outcomeOf } from "../core/outcome.ts";
import { Refusal } from "../core/refusal.ts";
import type { Credentials } from "./authenticate.ts";
import { authenticate } from "./authenticate.ts";
import { clientOf } from "./client.ts";
import type { Door } from "./doors.ts";
import { noted, scriptDetails, transactionName } from "./events/noted.ts";
import { registrationEnds } from "./registration_events.ts";
import { readHookParameters, registrationPlace } from "./registration_step.ts";
import { openTransaction } from "./registration_transaction.ts";
import { runScript } from "./run_script.ts";
import type { World } from "./world.ts";

/**
 * Runs the init script of a two-step identity provider and, when it succeeds, opens a transaction for
 * the complete step. The script's no is an answer: its status and data, without a transaction.
 * Source: Custom Registration v2, Init Step; D-10, D-12, D-17.
 */
export async function initRegistration(
  world: World,
  door: Door,
  request: InitRegistrationRequest | InitRegistrationV1Request,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<InitRegistrationResponse> {
  const asked = { details: { identity_provider: request.idp } };
  return noted(world, registrationEnds.init, asked, async (know) => {
    const hookContextCustomParams = readHookParameters(request.hookContextCustomParams);
    const client = await authenticate(world, door, credentials);
    know(clientOf(client));
    const { provider } = registrationPlace(world, client, request.idp);
    if (provider.type !== "CUSTOM_API_TWO_STEP") {
      throw new Refusal("REQUEST_INVALID", { detail: "this identity provider has no init step" });
    }
    const slot = `identity_providers/${provider.id}/init`;
    know({ details: scriptDetails(world, slot) });
    const { status, responsePayload: data } = await runScript(
      world,
      client,
      slot,
      "init",
      { requestPayload: request.data ?? null, hookContextCustomParams },
      signal,
    );
    know({ details: { status } });
    if (outcomeOf(status) !== "success") return { status, data };
    const transactionId = await openTransaction(world, client.id, provider.id);
    know({ transactionId: transactionName(transactionId) });
    return { status, data, transactionId };
  });
}
