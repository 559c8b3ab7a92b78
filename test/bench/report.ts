// What the bench prints: a table of cases, and the goals of the design page held against it.
import { statfs } from "node:fs/promises";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import type { EngineResults } from "./engine/measure_engine.ts";
import { atOnce, waitMs } from "./engine/waiting.ts";
import { quickjsWays } from "./engine/ways_quickjs.ts";
import { v8Ways } from "./engine/ways_v8.ts";
import type { OpenPgpResults } from "./open_pgp.ts";
import type { Round } from "./round.ts";
import { median } from "./round.ts";

/** The rounds of each case by its name, and the milliseconds of each start of a fresh server. */
export interface Results {
  readonly rounds: ReadonlyMap<string, readonly Round[]>;
  readonly starts: readonly number[];
  /** What running scripts came to. */
  readonly engine: EngineResults;
  /** What messages to phones came to; absent when it was not asked for. */
  readonly openPgp?: OpenPgpResults;
}

/** A goal: what was measured is to be at most `atMost`. */
interface Goal {
  readonly id: string;
  readonly says: string;
  readonly atMost: number;
  /** NaN when a case that it needs was not measured. */
  readonly measured: (results: Results) => number;
}

const timesFloor = ({ rounds }: Results, name: string): number =>
  median((rounds.get(name) ?? []).map(({ cost, floor }) => cost / floor));

const against =
  (ours: string, peers: string) =>
  (results: Results): number =>
    timesFloor(results, ours) / timesFloor(results, peers);

// The two cases of a round stand beside each other, so that the difference is taken within the
// round.
function difference({ rounds }: Results, one: string, other: string): number {
  const others = rounds.get(other) ?? [];
  const both = (rounds.get(one) ?? []).slice(0, others.length);
  const ratio = ({ cost, floor }: Round) => cost / floor;
  return median(both.map((round, index) => ratio(round) - ratio(others[index] as Round)));
}

/** What a clean state costs: the middle of the ratios of neighbouring slices. */
function cleanliness({ ways }: EngineResults, cache: string): number {
  const [clean = [], reused = []] = ["clean state", "context reused"].map((name) =>
    ways?.get(name + cache),
  );
  return median(clean.map((cost, round) => cost / (reused[round] ?? Number.NaN)));
}

const registration = "registration, static client";
const refresh = "refresh, rotated";

/** The goals that this bench measures. Source: design page on performance. */
const goals: readonly Goal[] = [
  {
    id: "P-1",
    says: "complete registration, x floor",
    atMost: 3.5,
    measured: (results) => timesFloor(results, registration),
  },
  {
    id: "P-1",
    says: "complete registration / the peer's refresh",
    atMost: 1,
    measured: against(registration, "peer: refresh"),
  },
  {
    id: "P-2",
    says: "a script from a clean state / in a reused context, as deployed",
    atMost: 1.3,
    measured: ({ engine }) => cleanliness(engine, ", cache in SQLite"),
  },
  {
    id: "P-2",
    says: "the same with a cache in a map, which costs nothing",
    atMost: 1.3,
    measured: ({ engine }) => cleanliness(engine, ""),
  },
  {
    id: "P-3",
    says: "refresh with rotation, x floor",
    atMost: 3,
    measured: (results) => timesFloor(results, refresh),
  },
  {
    id: "P-3",
    says: "refresh with rotation / the peer's",
    atMost: 0.5,
    measured: against(refresh, "peer: refresh, rotated"),
  },
  {
    id: "P-4",
    says: "refused for its alg, above being refused as no assertion, x floor",
    atMost: 0.1,
    measured: (results) => difference(results, "refused for its alg", "refused as no assertion"),
  },
  {
    id: "P-5",
    says: "a message of 1 KB to a phone / bare openpgp.js with kept keys",
    atMost: 1.2,
    measured: ({ openPgp }) =>
      median(
        (openPgp?.ours ?? []).map((cost, round) => cost / (openPgp?.bare[round] ?? Number.NaN)),
      ),
  },
  {
    id: "P-6",
    says: `possible / reached runs a second, ${atOnce} at once that wait ${waitMs} ms for HTTP`,
    atMost: 1.1,
    measured: ({ engine }) =>
      ((atOnce / waitMs) * 1000) / (engine.waiting?.perSecond ?? Number.NaN),
  },
  {
    id: "P-6",
    says: "MB of resident memory for each run that waits",
    atMost: 2,
    measured: ({ engine }) => (engine.waiting?.bytes ?? Number.NaN) / 1e6,
  },
  {
    id: "P-7",
    says: "p99 of registrations at half load, beside hostile scripts / alone",
    atMost: 2,
    measured: ({ engine: { hostility } }) =>
      (hostility?.beside.p99 ?? Number.NaN) / (hostility?.alone.p99 ?? Number.NaN),
  },
  {
    id: "P-10",
    says: "seconds from start to listening, fresh folder",
    atMost: 1.5,
    measured: ({ starts }) => median(starts) / 1000,
  },
];

const fileSystems: Readonly<Record<number, string>> = {
  61267: "ext4",
  1481003842: "xfs",
  2435016766: "btrfs",
  2035054128: "overlay",
  16914836: "tmpfs, on which a sync costs nothing",
};

/** Gives the line that says when and on what it was measured. */
export async function machineLine(): Promise<string> {
  const { type } = await statfs(tmpdir());
  return [
    new Date().toISOString().slice(0, 16).replace("T", " "),
    `${availableParallelism()} x ${cpus()[0]?.model ?? "unknown processor"}`,
    `Node ${process.versions.node}`,
    `data on ${fileSystems[type] ?? `file system 0x${type.toString(16)}`}`,
    `load ${loadavg()[0]?.toFixed(1)}`,
  ].join(", ");
}

const rowOf = (cells: readonly (string | number)[]): string =>
  cells
    .map((cell, at) => (at === 0 ? String(cell).padEnd(34) : String(cell).padStart(13)))
    .join("");

function caseRow([name, rounds]: readonly [string, readonly Round[]]): string {
  const middle = (value: (round: Round) => number) => median(rounds.map(value));
  const ratios = rounds.map(({ cost, floor }) => cost / floor).toSorted((a, b) => a - b);
  const quartile = (part: number) => ratios[Math.floor((ratios.length - 1) * part)]?.toFixed(1);
  const cost = middle((round) => round.cost);
  return rowOf([
    name,
    cost.toFixed(0),
    middle(({ cost: all, floor }) => all / floor).toFixed(2),
    `${quartile(0.25)}-${quartile(0.75)}`,
    middle(({ main, floor }) => main / floor).toFixed(2),
    middle(({ rate }) => rate).toFixed(0),
    (1e6 / cost).toFixed(0),
  ]);
}

const verdict = (measured: number, atMost: number): string => {
  if (Number.isNaN(measured)) return "not measured";
  return measured <= atMost ? "met" : "not met";
};

function goalRow({ id, says, atMost }: Goal, value: number): string {
  const shown = Number.isNaN(value) ? "-" : value.toFixed(2);
  const text = `${id.padEnd(5)} ${verdict(value, atMost).padEnd(13)}`;
  return `${text}${shown.padStart(6)}, goal ${atMost.toFixed(1)}: ${says}`;
}

/** The table of ways to run a script; nothing when none was measured. */
function wayPage({ ways }: EngineResults): string[] {
  if (ways === undefined) return [];
  const isolations = new Map([...quickjsWays, ...v8Ways].map((way) => [way.name, way.isolation]));
  const floors = ways.get("context reused") ?? [];
  const row = ([name, costs]: readonly [string, readonly number[]]): string => {
    const ratio = median(costs.map((cost, round) => cost / (floors[round] ?? Number.NaN)));
    const cells = [
      name.padEnd(40),
      median(costs).toFixed(0).padStart(7),
      ratio.toFixed(2).padStart(9),
    ];
    return `${cells.join("")}  ${isolations.get(name)}`;
  };
  return [
    `${"a script with 7 host calls".padEnd(40)} µs CPU  x reused  what keeps runs apart`,
    ...[...ways].map(row),
    "",
  ];
}

/** What came of hostile scripts; nothing when it was not measured. */
function hostilePage({ hostility }: EngineResults): string[] {
  if (hostility === undefined) return [];
  const { perSecond, alone, beside } = hostility;
  const shown = ({ p99, wrong, count }: typeof alone): string =>
    `p99 ${p99.toFixed(1)} ms, ${wrong} of ${count} refused`;
  return [
    `${perSecond.toFixed(0)} registrations a second, alone: ${shown(alone)};`,
    `beside one hostile run a second: ${shown(beside)}`,
    "",
  ];
}

/** What messages to phones cost; nothing when it was not measured. */
function openPgpPage({ openPgp }: Results): string[] {
  if (openPgp === undefined) return [];
  const [ours, bare] = [median(openPgp.ours), median(openPgp.bare)];
  const shown = `${ours.toFixed(0)} µs; by bare openpgp.js ${bare.toFixed(0)} µs`;
  return [`a message of 1 KB to a phone, encrypted and signed in its thread: ${shown}`, ""];
}

/** Gives the pages that are printed at the end. */
export function report(results: Results): string {
  return [
    ...requestPage(results),
    ...wayPage(results.engine),
    ...hostilePage(results.engine),
    ...openPgpPage(results),
    ...goals.map((goal) => goalRow(goal, goal.measured(results))),
    "",
    "µs CPU: user and system time of all threads of the process, for one request over 8 connections",
    "or one run. Middle half: between which ratios half of the rounds lie. Per core: 1 s / µs CPU.",
    "The peer is oidc-provider 9, in memory, without a script. The complete script of our",
    "registrations does not POST to the portal. P-8 and P-9 are not measured here.",
  ].join("\n");
}

/** The table of requests; nothing when none was measured. */
function requestPage(results: Results): string[] {
  const rounds = [...results.rounds.values()].flat();
  if (rounds.length === 0) return [];
  const floor = median(rounds.map((round) => round.floor)).toFixed(0);
  const busyFloor = median(rounds.map((round) => round.busyFloor)).toFixed(0);
  return [
    `floor (1 ES256 verify, 1 sign, 3 SHA-256, 1 random value): ${floor} µs;`,
    `${busyFloor} µs while another core works too, as it does during a round`,
    "",
    rowOf(["request", "µs CPU", "x floor", "middle half", "main thread", "requests/s", "per core"]),
    ...[...results.rounds].map(caseRow),
    "",
  ];
}
