// The event of a client that did not prove who it is.
import { Refusal } from "../../core/refusal.ts";
import { readAssertion } from "../../identity/assertion.ts";
import { readAuthorization } from "../../identity/basic.ts";
import type { World } from "../world.ts";
import type { EventType } from "./event_types.ts";

/** What a request may name its client in. */
interface Claims {
  readonly authorization: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientAssertion?: string | undefined;
}

/** Gives the client that a request says it is from, which nobody is to believe. */
function claimedClient(credentials: Claims): string | undefined {
  const { authorization, clientAssertion, clientId } = credentials;
  try {
    const header = readAuthorization(authorization);
    if (header?.scheme === "basic") return header.clientId;
    const assertion = clientAssertion ?? header?.token;
    return assertion === undefined ? clientId : readAssertion(assertion).clientId;
  } catch (error) {
    if (error instanceof Refusal) return clientId;
    throw error;
  }
}

const installationForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Gives a claimed id as far as it can be one: who swaps id and secret sends a secret. Source: SEC-78. */
function shown(world: World, claimed: string | undefined): string | undefined {
  if (claimed === undefined || installationForm.test(claimed)) return claimed;
  return world.configuration().clients.has(claimed) ? claimed : "unknown";
}

/**
 * Notes that a client failed to authenticate, within the budget of its address. The client that it said it
 * is goes into the details: what happened to a client itself is not for strangers to write.
 */
export function noteRejectedClient(
  world: World,
  type: EventType,
  credentials: Claims,
  refusal: Refusal,
): void {
  const details = {
    claimed_client_id: shown(world, claimedClient(credentials)),
    reason: refusal.reason,
  };
  world.events.addFailure({ type, details }, world.origin, world.limits);
}
