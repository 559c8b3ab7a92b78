// The executions of all processes as they end.
import { setTimeout as sleep } from "node:timers/promises";
import type {
  TailExecutionsRequest,
  TailExecutionsResponse,
} from "../../../gen/gatewright/v1/script_admin.ts";
import type { Milliseconds } from "../../core/clock.ts";
import type { ExecutionFilter, ExecutionMark } from "../../store/executions.ts";
import type { World } from "../world.ts";
import { filterOf } from "./list_executions.ts";
import { fullExecution } from "./record.ts";

const pollMs = 250;
/** An idle stream gives a sign of life this often, for whatever is between here and its reader. */
const aliveMs = 15_000;
/**
 * How far behind what was read already a record may turn up: a write takes up to 5 s to be seen, and
 * the clocks of two processes differ a little. Source: our decision.
 */
const overlapMs = 6_000;
/** How many marks are read at once, and how many records. */
const marksAtOnce = 500;
const recordsAtOnce = 25;
/** How many marks are remembered; beyond it the older half goes, and what is as old is passed over. */
const remembered = 50_000;

/** What a tail stands on. */
type Ports = Pick<World, "clock"> & { readonly store: Pick<World["store"], "executions"> };

/** The marks that were seen and may be read again. */
interface Seen {
  /** What is behind this mark is looked at next. */
  readonly from: ExecutionMark;
  /** Tells whether a mark is new, and remembers it. */
  isNew(mark: ExecutionMark): boolean;
  /** Forgets the marks of this instant and before. */
  forgetUntil(instant: number): void;
}

function openSeen(start: number): Seen {
  const marks = new Map<string, number>();
  let floor = start;
  return {
    get from() {
      // Behind every id of that instant: in no collation is anything above z in these.
      return { recordedAt: floor as Milliseconds, id: "z" };
    },
    isNew({ id, recordedAt }) {
      if (recordedAt <= floor || marks.has(id)) return false;
      marks.set(id, recordedAt);
      if (marks.size > remembered) this.forgetUntil([...marks.values()][remembered / 2] as number);
      return true;
    },
    forgetUntil(instant) {
      floor = Math.max(floor, instant);
      for (const [id, recordedAt] of marks) if (recordedAt <= floor) marks.delete(id);
    },
  };
}

/** Gives the marks that were not seen before, in the order of writing. */
async function* newMarks(
  world: Ports,
  filter: ExecutionFilter,
  seen: Seen,
): AsyncGenerator<readonly ExecutionMark[]> {
  for (let from = seen.from; ; ) {
    const marks = await world.store.executions.since(from, filter, marksAtOnce);
    yield marks.filter((mark) => seen.isNew(mark));
    const last = marks.at(-1);
    if (!last || marks.length < marksAtOnce) return;
    from = last;
  }
}

/** Gives the executions of these marks, in the order of writing. */
async function* executionsOf(
  world: Ports,
  marks: readonly ExecutionMark[],
): AsyncGenerator<TailExecutionsResponse> {
  for (let first = 0; first < marks.length; first += recordsAtOnce) {
    const ids = marks.slice(first, first + recordsAtOnce).map(({ id }) => id);
    const records = new Map((await world.store.executions.get(ids)).map((row) => [row.id, row]));
    for (const id of ids) {
      const record = records.get(id);
      // One that was swept meanwhile is not told.
      if (record) yield { execution: fullExecution(record) };
    }
  }
}

/**
 * Gives the executions that are recorded from now on, by whatever process of the deployment, each once,
 * until `signal` aborts; then it ends. The first answer, without an execution, comes at once. Throws
 * UNAVAILABLE when the store fails: what comes afterwards would have a gap. Source: D-32.
 */
export async function* tailExecutions(
  world: Ports,
  request: TailExecutionsRequest,
  signal: AbortSignal,
): AsyncGenerator<TailExecutionsResponse> {
  const filter = filterOf(request);
  const seen = openSeen(world.clock.now() - overlapMs);
  // What is there already is none of what is to come.
  for await (const marks of newMarks(world, filter, seen)) void marks;
  yield { execution: undefined };
  let toldAt = performance.now();
  while (!signal.aborted) {
    // The window follows the moment of reading, however long the reader takes over what was read.
    const readAt = world.clock.now();
    for await (const marks of newMarks(world, filter, seen)) {
      for await (const answer of executionsOf(world, marks)) {
        yield answer;
        toldAt = performance.now();
        if (signal.aborted) return;
      }
    }
    seen.forgetUntil(readAt - overlapMs);
    if (performance.now() - toldAt > aliveMs) {
      yield { execution: undefined };
      toldAt = performance.now();
    }
    await sleep(pollMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
