// A run of the bench: starts what is measured, warms it up, and sweeps over the cases in turn.
import type { Case } from "./case.ts";
import { makeClientKey } from "./client_key.ts";
import { measureEngine } from "./engine/measure_engine.ts";
import { makeFolder, openGatewright, startGatewright } from "./gatewright.ts";
import { gatewrightCases } from "./gatewright_cases.ts";
import { measureOpenPgp } from "./open_pgp.ts";
import { openPeer } from "./peer_cases.ts";
import type { Results } from "./report.ts";
import type { Round } from "./round.ts";
import { runRound } from "./round.ts";

/** How long a run lasts and in what portions. */
export interface Extent {
  /** Starts of a fresh server that are timed. */
  readonly starts: number;
  /** Requests of each case before any is measured, as far as a third of the time reaches. */
  readonly warmUp: number;
  /** Requests of a round. */
  readonly requests: number;
  /** No further sweep over the cases begins when so much has passed; one always does. */
  readonly seconds: number;
  /** How long running scripts is measured, in each of its three parts, and messages to phones. */
  readonly scriptSeconds: number;
}

async function timeStarts(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let start = 0; start < count; start++) {
    using folder = makeFolder(makeClientKey());
    await using server = await startGatewright(folder.path);
    times.push(server.startMs);
  }
  return times;
}

// On a slow or busy machine warming up ends early, so that there is time left to measure in.
async function warmUp({ prepare, target }: Case, extent: Extent, until: number): Promise<void> {
  for (let done = 0; done < extent.warmUp; done += extent.requests) {
    await target.load.run(await prepare(Math.min(extent.requests, extent.warmUp - done)));
    if (performance.now() > until) return;
  }
}

// A round of each case and then of each again: what is compared meets the same moods of the
// machine. Every other time in reverse, so that no case always comes after the same one.
async function sweep(
  cases: readonly Case[],
  extent: Extent,
  end: number,
): Promise<Map<string, Round[]>> {
  const start = performance.now();
  const share = (end - start) / 3 / cases.length;
  for (const [index, each] of cases.entries()) {
    await warmUp(each, extent, start + (index + 1) * share);
  }
  const rounds = new Map(cases.map(({ name }) => [name, [] as Round[]]));
  let order = cases;
  do {
    for (const each of order) rounds.get(each.name)?.push(await runRound(each, extent.requests));
    order = order.toReversed();
  } while (performance.now() < end);
  return rounds;
}

/**
 * Measures every case that `wants` takes by its name; starts are timed under the name `start`, scripts
 * under `scripts`, `waiting` and `hostile`, and messages to phones under `openpgp`.
 * Rejects at the first wrong answer, and when something does not start.
 */
export async function measure(wants: (name: string) => boolean, extent: Extent): Promise<Results> {
  const starts = await timeStarts(wants("start") ? extent.starts : 0);
  const engine = await measureEngine(wants, extent.scriptSeconds);
  const openPgp = wants("openpgp") ? await measureOpenPgp(extent.scriptSeconds) : undefined;
  const end = performance.now() + extent.seconds * 1000;
  await using gatewright = await openGatewright();
  await using peer = await openPeer();
  const cases = [...gatewrightCases(gatewright), ...peer.cases].filter(({ name }) => wants(name));
  const rounds = cases.length === 0 ? new Map() : await sweep(cases, extent, end);
  return { starts, rounds, engine, ...(openPgp && { openPgp }) };
}
