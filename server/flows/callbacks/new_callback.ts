// The callback that tells a portal of the end of a mobile authentication.
import type { Milliseconds } from "../../core/clock.ts";
import { randomId } from "../../core/id.ts";
import type { NewCallback } from "../../store/callbacks.ts";

/**
 * Gives the callback that tells `url` that a transaction ended. Its body says which and not how: the portal
 * fetches the result itself. The id and the body stay the same at every try, so that a receiver knows a
 * repetition; the id has no dot, which parts what is signed. `url`: an entry of the set-up list as it is
 * written there; `now`: when the transaction ended. Source: product 5.2, D-56, SEC-62, SEC-63.
 */
export const newCallback = (
  url: string,
  transactionId: string,
  now: Milliseconds,
): NewCallback => ({
  id: `msg_${randomId()}`,
  url,
  transactionId,
  body: JSON.stringify({ callback_uri: url, transaction_id: transactionId }),
  createdAt: now,
});
