// The parts of the bench that are about running scripts.
import { openGatewright } from "../gatewright.ts";
import type { Hostility } from "./hostile.ts";
import { measureHostility } from "./hostile.ts";
import type { WayResults } from "./measure_ways.ts";
import { measureWays } from "./measure_ways.ts";
import type { Waiting } from "./waiting.ts";
import { measureWaiting } from "./waiting.ts";
import { quickjsWays } from "./ways_quickjs.ts";
import { v8Ways } from "./ways_v8.ts";

/** What they came to; absent what was not asked for. */
export interface EngineResults {
  readonly ways?: WayResults;
  readonly waiting?: Waiting;
  readonly hostility?: Hostility;
}

/** Measures what `wants` takes of `scripts`, `waiting` and `hostile`, each for about `seconds`. */
export async function measureEngine(
  wants: (name: string) => boolean,
  seconds: number,
): Promise<EngineResults> {
  const ways = wants("scripts")
    ? await measureWays([...quickjsWays, ...v8Ways], seconds)
    : undefined;
  const waiting = wants("waiting") ? await measureWaiting() : undefined;
  let hostility: Hostility | undefined;
  if (wants("hostile")) {
    await using gatewright = await openGatewright();
    hostility = await measureHostility(gatewright, seconds);
  }
  return {
    ...(ways && { ways }),
    ...(waiting && { waiting }),
    ...(hostility && { hostility }),
  };
}
