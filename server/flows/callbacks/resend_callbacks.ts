// Callbacks are sent again.
import type {
  ResendCallbackRequest,
  ResendCallbackResponse,
  ResendCallbacksRequest,
  ResendCallbacksResponse,
} from "../../../gen/gatewright/v1/callback.ts";
import { Refusal } from "../../core/refusal.ts";
import type { World } from "../world.ts";

/**
 * Makes a callback due now, with all its tries before it; one that waits for its next try too. Throws
 * OBJECT_NOT_FOUND when it was delivered, deleted or never there. Source: D-56, SEC-61.
 */
export async function resendCallback(
  world: World,
  { id }: ResendCallbackRequest,
  agent: string,
): Promise<ResendCallbackResponse> {
  if (!(await world.store.callbacks.resend(id, world.clock.now()))) {
    throw new Refusal("OBJECT_NOT_FOUND");
  }
  world.callbacks.wake();
  const details = { callback_id: id };
  world.events.add({ type: "ADMIN_CALLBACK_RESENT", agent, details }, world.origin);
  return {};
}

/** Does so with all that were given up, perhaps only those to one URL. Source: D-56, SEC-61. */
export async function resendCallbacks(
  world: World,
  { url }: ResendCallbacksRequest,
  agent: string,
): Promise<ResendCallbacksResponse> {
  const resent = await world.store.callbacks.resendDead(url, world.clock.now());
  if (resent > 0) world.callbacks.wake();
  world.events.add(
    { type: "ADMIN_CALLBACK_RESENT", agent, details: { url, resent } },
    world.origin,
  );
  return { resent };
}
