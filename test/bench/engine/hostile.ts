// P-7: what honest registrations feel of hostile scripts beside them.
import { setTimeout as sleep } from "node:timers/promises";
import type { Gatewright } from "../gatewright.ts";
import { onStaticClient } from "../gatewright_cases.ts";
import { hostileScripts } from "../qr_scripts.ts";

/** The 99th percentile of honest registrations in milliseconds, and how many went wrong. */
export interface Latency {
  readonly p99: number;
  readonly wrong: number;
  readonly count: number;
}

/** Honest registrations without and with hostile runs beside them. */
export interface Hostility {
  /** Registrations a second: half of what the server manages on this machine. */
  readonly perSecond: number;
  readonly alone: Latency;
  readonly beside: Latency;
}

const capacityRequests = 800;

const latencyOf = (latencies: readonly number[]): Latency => {
  const right = latencies.filter(Number.isFinite).toSorted((a, b) => a - b);
  return {
    p99: right[Math.floor(right.length * 0.99)] ?? Number.NaN,
    wrong: latencies.length - right.length,
    count: latencies.length,
  };
};

/** Calls one hostile script a second, in turns, until it is stopped. */
function beHostile({ hostileCall, load }: Gatewright): () => Promise<void> {
  const stopping = new AbortController();
  const names = Object.keys(hostileScripts) as (keyof typeof hostileScripts)[];
  const calls: Promise<unknown>[] = [];
  const done = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      calls.push(load.pace([hostileCall(names[turn % names.length] ?? "spin")], 1));
      await sleep(1000, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return async () => {
    stopping.abort();
    await done;
    await Promise.all(calls);
  };
}

/**
 * Measures a running server for about three times `seconds`: its capacity first, then half of that as
 * a steady pace, alone and beside one hostile run a second, in turns.
 */
export async function measureHostility(
  gatewright: Gatewright,
  seconds: number,
): Promise<Hostility> {
  const { load } = gatewright;
  for (let warm = 0; warm < 2; warm++) {
    await load.run(await onStaticClient(gatewright, capacityRequests));
  }
  const took = await load.run(await onStaticClient(gatewright, capacityRequests));
  const perSecond = capacityRequests / took / 2;
  const part = async (): Promise<number[]> =>
    load.pace(await onStaticClient(gatewright, Math.ceil((perSecond * seconds) / 2)), perSecond);
  const alone: number[] = [];
  const beside: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    alone.push(...(await part()));
    const stop = beHostile(gatewright);
    beside.push(...(await part()));
    await stop();
  }
  return { perSecond, alone: latencyOf(alone), beside: latencyOf(beside) };
}
