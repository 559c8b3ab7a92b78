// One round of one case: requests in slices, with the floor measured in the same process between
// them.
import type { Case } from "./case.ts";
import { openFloor } from "./floor.ts";

/** What a round came to. All times are processor time of the measured process in microseconds. */
export interface Round {
  /** Per request, all threads. */
  readonly cost: number;
  /** Per request, the main thread alone. */
  readonly main: number;
  /** Per operation of the floor. */
  readonly floor: number;
  /** The same while this process is at work as well, as the generator is during a round. */
  readonly busyFloor: number;
  /** Requests per second, with the generator on the same machine. */
  readonly rate: number;
}

// Short enough that a slice and the floor beside it meet the machine in the same mood.
const sliceRequests = 80;
const floorOperations = 50;

const ownFloor = openFloor();

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** Gives the middle of the numbers, of an even number the mean of both; NaN when there are none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted.length >> 1;
  return mean(sorted.slice(sorted.length % 2 === 0 ? upper - 1 : upper, upper + 1));
}

/**
 * Runs a round of `count` requests. What prepares it is not measured. The floor is measured before
 * each slice and after the last, while no request is under way. Rejects at the first wrong answer.
 */
export async function runRound({ target, prepare }: Case, count: number): Promise<Round> {
  const { process, load } = target;
  const requests = await prepare(count);
  const floors = [await process.floor(floorOperations)];
  const sums = { cost: 0, main: 0, seconds: 0 };
  for (let at = 0; at < requests.length; at += sliceRequests) {
    const before = await process.spent();
    sums.seconds += await load.run(requests.slice(at, at + sliceRequests));
    const after = await process.spent();
    sums.cost += after.all - before.all;
    sums.main += after.main - before.main;
    floors.push(await process.floor(floorOperations));
  }
  const busyFloor = process.floor(floorOperations);
  ownFloor(2 * floorOperations);
  return {
    cost: sums.cost / count,
    main: sums.main / count,
    floor: mean(floors),
    busyFloor: await busyFloor,
    rate: count / sums.seconds,
  };
}
