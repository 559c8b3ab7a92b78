// Callbacks that were given up long ago go.
import { milliseconds } from "../../core/clock.ts";
import { sweepAll } from "../../store/sweep.ts";
import type { World } from "../world.ts";

/** Removes the callbacks that were given up longer ago than the settings say, and gives how many. Source: D-56, SEC-85. */
export async function sweepCallbacks({ store, policy, clock, log }: World): Promise<number> {
  const until = milliseconds(clock.now() - policy.callbacksAge);
  const swept = await sweepAll(() => store.callbacks.sweepStep(until));
  if (swept > 0) log.debug("callbacks swept", { callbacks: swept });
  return swept;
}
