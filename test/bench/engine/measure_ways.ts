// What running a script costs in each way, in turns within one process.
import type { Guest, Way } from "./guest.ts";

/** Microseconds of processor time per run, a number for each round, by the name of the way. */
export type WayResults = ReadonlyMap<string, readonly number[]>;

const warmUpSlices = 6;

const spentMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

async function slice(guest: Guest, runs: number): Promise<number> {
  const before = spentMicros();
  for (let done = 0; done < runs; done++) {
    const answer = await guest.run();
    if (!answer.includes('"status":2000')) throw new Error(`a script answered wrong: ${answer}`);
  }
  return (spentMicros() - before) / runs;
}

/**
 * Measures the ways for about `seconds`, at least one round. Every other round goes in reverse, so that
 * no way always comes after the same one. Rejects at the first wrong answer.
 */
export async function measureWays(ways: readonly Way[], seconds: number): Promise<WayResults> {
  const end = performance.now() + seconds * 1000;
  const opened = await Promise.all(ways.map(async (way) => ({ way, guest: await way.open() })));
  const results = new Map(ways.map(({ name }) => [name, [] as number[]]));
  for (const { way, guest } of opened) {
    for (let done = 0; done < warmUpSlices; done++) await slice(guest, way.slice);
  }
  let order = opened;
  do {
    for (const { way, guest } of order) {
      results.get(way.name)?.push(await slice(guest, way.slice));
    }
    order = order.toReversed();
  } while (performance.now() < end);
  for (const { guest } of opened) await guest.close();
  return results;
}
