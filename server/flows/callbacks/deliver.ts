// A claimed callback is tried, and what came of it is written down.
import { Refusal } from "../../core/refusal.ts";
import type { Egress } from "../../engine/egress.ts";
import type { Callback } from "../../store/callbacks.ts";
import { ownOrigin } from "../origin.ts";
import type { World } from "../world.ts";
import type { Tried } from "./attempt.ts";
import { attempt } from "./attempt.ts";
import { nextTry } from "./schedule.ts";

/** Makes a try; a fault of ours counts as one that failed, so that no callback is tried for ever. */
async function tryOnce(
  world: World,
  wayOut: Pick<Egress, "request">,
  callback: Callback,
): Promise<Tried> {
  try {
    return await attempt(world, wayOut, callback);
  } catch (error) {
    // While the store is down nothing was tried.
    if (error instanceof Refusal) throw error;
    world.log.error("callback not tried", { callback_id: callback.id, error });
    return { end: "failed", problem: "an unexpected error occurred; the log has it" };
  }
}

async function settle(
  world: World,
  wayOut: Pick<Egress, "request">,
  callback: Callback,
): Promise<void> {
  const { id, url, transactionId, attempts } = callback;
  const tried = await tryOnce(world, wayOut, callback);
  const details = { callback_id: id, url, attempt: attempts };
  if (tried.end === "delivered") {
    if (!(await world.store.callbacks.delivered(id, attempts))) return;
    world.events.add({ type: "PUSH_AUTH_CALLBACK_SENT", transactionId, details }, ownOrigin);
    return;
  }
  const { problem } = tried;
  const nextAt = tried.end === "hopeless" ? null : nextTry(attempts, world.clock.now());
  if (!(await world.store.callbacks.failed(id, attempts, problem, nextAt))) return;
  const failure = { ...details, problem, next_at: nextAt ?? undefined };
  const event = { type: "PUSH_AUTH_CALLBACK_FAILED", transactionId, details: failure } as const;
  world.events.add(event, ownOrigin);
  if (nextAt === null) world.log.warn("callback given up", { ...details, problem });
}

/**
 * Tries a claimed callback, and notes in the outbox and as event what came of it, unless somebody else has
 * claimed it meanwhile. What cannot be noted is claimed anew when its lease is over: a receiver may get it
 * again, with the same id, rather than not at all. Never throws. Source: D-56, SEC-61.
 */
export async function deliver(
  world: World,
  wayOut: Pick<Egress, "request">,
  callback: Callback,
): Promise<void> {
  try {
    await settle(world, wayOut, callback);
  } catch (error) {
    world.log.warn("callback not settled", { callback_id: callback.id, error });
  }
}
