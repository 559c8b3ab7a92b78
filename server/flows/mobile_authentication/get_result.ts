// A portal learns the result of a mobile authentication.
import type {
  GetMobileAuthenticationRequest,
  GetMobileAuthenticationResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import type { Client } from "../client.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { portalCaller, portalRefused } from "./portal_caller.ts";
import { portalView } from "./portal_view.ts";

const ends: Ends<GetMobileAuthenticationResponse> = {
  refused: {
    ...portalRefused,
    MOBILE_AUTHENTICATION_NOT_FOUND: "PUSH_AUTH_TRANSACTION_NOT_RETRIEVED",
  },
  answered: () => "PUSH_AUTH_TRANSACTION_RETRIEVED",
};

/** What is left of the deadline for the answer on its way back. */
const slackMs = 500;

/** What of a call decides how long it may wait. */
interface Call {
  readonly signal: AbortSignal;
  readonly deadline: number | undefined;
}

/** Looks for the result until there is one or none can come any more, at the longest until an instant. */
async function resultBy(
  world: World,
  client: Client,
  id: string,
  { until, call }: { readonly until: number; readonly call: Call },
): Promise<GetMobileAuthenticationResponse> {
  for (;;) {
    const view = await portalView(world, client, id);
    if (view?.state === "answered") return view.result;
    if (view === undefined || view.state === "expired") {
      throw new Refusal("MOBILE_AUTHENTICATION_NOT_FOUND");
    }
    if (world.clock.now() >= until || call.signal.aborted) {
      throw new Refusal("MOBILE_AUTHENTICATION_NOT_ANSWERED");
    }
    const { state, expiresAt } = view;
    const wait = { id, state, until: Math.min(until, expiresAt), caller: client.id };
    await world.transactionWaits.change(wait, call.signal);
  }
}

/**
 * Gives the result of a transaction that its API client started, as often as it asks while the result is
 * kept. With `wait` (seconds) it comes as soon as there is one, or, half a second before the deadline of the
 * call at the latest, what would have come without. Throws CLIENT_CREDENTIALS_REJECTED,
 * MOBILE_AUTHENTICATION_FORBIDDEN, MOBILE_AUTHENTICATION_DISABLED; MOBILE_AUTHENTICATION_NOT_FOUND for one
 * that is unknown, another's or expired, all alike; MOBILE_AUTHENTICATION_NOT_ANSWERED; RATE_LIMITED when too
 * many wait. Source: Mobile authentication API version 4, Fetch authentication result; D-50, D-55, D-57.
 */
export async function getMobileAuthentication(
  world: World,
  { transactionId, wait = 0 }: GetMobileAuthenticationRequest,
  credentials: Credentials,
  call: Call,
): Promise<GetMobileAuthenticationResponse> {
  return noted(world, ends, { transactionId }, async (know) => {
    const client = await portalCaller(world, credentials, know);
    const latest = (call.deadline ?? Number.POSITIVE_INFINITY) - slackMs;
    const until = Math.min(world.clock.now() + wait * 1000, latest);
    const result = await resultBy(world, client, transactionId, { until, call });
    know({ userId: result.userId });
    return result;
  });
}
