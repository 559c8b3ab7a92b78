// A portal follows a mobile authentication to its end.
import type {
  WatchTransactionRequest,
  WatchTransactionResponse,
} from "../../../gen/gatewright/v1/mobile_auth.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import type { Client } from "../client.ts";
import { clientOf } from "../client.ts";
import type { Ends } from "../events/noted.ts";
import { noted } from "../events/noted.ts";
import type { World } from "../world.ts";
import { portalCaller, portalRefused } from "./portal_caller.ts";
import type { PortalView } from "./portal_view.ts";
import { portalView } from "./portal_view.ts";

/** An idle stream gives a sign of life this often, for whatever is between here and its reader. */
const aliveMs = 20_000;

const ends: Ends<unknown> = {
  refused: {
    ...portalRefused,
    MOBILE_AUTHENTICATION_NOT_FOUND: "PUSH_AUTH_TRANSACTION_NOT_RETRIEVED",
  },
  answered: () => undefined,
};

/** What a stream is about. */
interface Watched {
  readonly id: string;
  readonly client: Client;
}

/** Notes that a portal was given the result. */
function noteRetrieved(world: World, { id, client }: Watched, userId: string): void {
  const type = "PUSH_AUTH_TRANSACTION_RETRIEVED";
  const who = { ...clientOf(client), agent: client.id, userId };
  world.events.add({ type, transactionId: id, ...who }, world.origin);
}

/** Lets a portal in and gives what it watches, as it stands. */
async function admit(
  world: World,
  id: string,
  credentials: Credentials,
): Promise<Watched & { readonly view: PortalView }> {
  return noted(world, ends, { transactionId: id }, async (know) => {
    const client = await portalCaller(world, credentials, know);
    const view = await portalView(world, client, id);
    if (view) return { id, client, view };
    throw new Refusal("MOBILE_AUTHENTICATION_NOT_FOUND");
  });
}

/** Gives what a transaction is once it is no more in the state that was told, or when it is time to tell again. */
async function viewAfter(
  world: World,
  { id, client }: Watched,
  told: PortalView["state"],
  signal: AbortSignal,
): Promise<PortalView> {
  const toldAt = performance.now();
  for (;;) {
    // One that was swept meanwhile had expired: its reader was too slow to be told.
    const view = (await portalView(world, client, id)) ?? { state: "expired" };
    if (view.state === "answered" || view.state === "expired" || view.state !== told) return view;
    const left = aliveMs - (performance.now() - toldAt);
    if (left <= 0 || signal.aborted) return view;
    const until = Math.min(world.clock.now() + left, view.expiresAt);
    const wait = { id, state: view.state, until, caller: client.id };
    await world.transactionWaits.change(wait, signal);
  }
}

/**
 * Gives the state of a transaction, then each that it comes to, until it is answered, with its result, or has
 * expired; then it ends. Every 20 seconds without a change the state is told again. It ends as well when
 * `signal` aborts. Throws CLIENT_CREDENTIALS_REJECTED, MOBILE_AUTHENTICATION_FORBIDDEN,
 * MOBILE_AUTHENTICATION_DISABLED; MOBILE_AUTHENTICATION_NOT_FOUND for a transaction that is unknown, or another
 * API client's; RATE_LIMITED when too many wait; UNAVAILABLE when the store fails. Source: D-57.
 */
export async function* watchTransaction(
  world: World,
  { transactionId }: WatchTransactionRequest,
  credentials: Credentials,
  signal: AbortSignal,
): AsyncGenerator<WatchTransactionResponse> {
  const { view: first, ...watched } = await admit(world, transactionId, credentials);
  let view = first;
  while (!signal.aborted) {
    if (view.state === "answered") {
      noteRetrieved(world, watched, view.result.userId);
      yield view;
      return;
    }
    yield { state: view.state };
    if (view.state === "expired") return;
    view = await viewAfter(world, watched, view.state, signal);
  }
}
