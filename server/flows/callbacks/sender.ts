// Sends the callbacks of the outbox: at once when there is a new one, else looking every second.
import { milliseconds } from "../../core/clock.ts";
import type { World } from "../world.ts";
import { deliver } from "./deliver.ts";
import { openUnderWay } from "./under_way.ts";
import { openWayOut } from "./way_out.ts";

/** What sends callbacks. */
export interface CallbackSender extends AsyncDisposable {
  /** Says that a callback was put into the outbox, so that it is looked into at once. Never throws. */
  wake(): void;
}

// Far more than the 5 seconds of a try, so that nobody claims what is still under way.
const lease = milliseconds(30_000);
const bounds = { perUrl: 4, inAll: 32 };
const everyMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Opens the sender of a server. Of several processes each takes callbacks that no other has, and sends at
 * most 4 to one URL at a time and 32 in all, about half of them at most to receivers that are slow. While the
 * store fails it is asked less and less often, down to every 30 seconds, or at once when woken. Disposing
 * takes up nothing new and lets what is under way end, which is within 5 seconds. Source: D-56, SEC-61.
 */
export function openCallbackSender(world: World): CallbackSender {
  const wayOut = openWayOut(world);
  const underWay = openUnderWay(bounds);
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isWanted = false;
  let isHeldUp = false;
  let isClosed = false;
  let failures = 0;

  const ended = (): void => {
    if (isHeldUp) look();
  };

  /** Claims and begins until nothing is due, or there is no room. */
  async function take(): Promise<void> {
    while (!isClosed) {
      const { limit, except } = underWay.room();
      isHeldUp = limit === 0 || except.length > 0;
      if (limit === 0) return;
      const claim = { lease, limit, except };
      const claimed = await world.store.callbacks.claim(world.clock.now(), claim);
      if (claimed.length === 0) return;
      for (const callback of claimed) {
        underWay.hold(callback.url, deliver(world, wayOut, callback), ended);
      }
    }
  }

  async function takeAll(): Promise<void> {
    let pauseMs = everyMs;
    try {
      while (isWanted) {
        isWanted = false;
        await take();
      }
      failures = 0;
    } catch (error) {
      failures += 1;
      pauseMs = Math.min(longestPauseMs, everyMs * 2 ** failures);
      if (failures === 1) world.log.warn("callbacks wait for the store", { error });
    }
    looking = undefined;
    if (!isClosed) timer = setTimeout(look, pauseMs).unref();
  }

  function look(): void {
    if (isClosed) return;
    isWanted = true;
    clearTimeout(timer);
    looking ??= takeAll();
  }

  look();
  return {
    wake: look,
    async [Symbol.asyncDispose]() {
      isClosed = true;
      clearTimeout(timer);
      await looking;
      await underWay.drained();
      await wayOut[Symbol.asyncDispose]();
    },
  };
}
