// The records of executions: written once, in batches, read by administrators, swept when old.
import { sql } from "kysely";
import type { Milliseconds } from "../core/clock.ts";
import type { Durable } from "./durable.ts";
import { sweepExecutionsIn } from "./execution_sweep.ts";
import { compileOnce } from "./statement.ts";

/** What a list shows of an execution. */
export interface ExecutionSummary {
  /** UUID of version 7, so that ids sort by the time at which the executions began. */
  readonly id: string;
  /** The slot of the script. */
  readonly script: string;
  /** 0 when there was no script. */
  readonly version: number;
  /** When the record was handed to the store. */
  readonly recordedAt: Milliseconds;
  readonly failed: boolean;
  /** JSON text of what a list shows beside all that. */
  readonly summary: string;
}

/** The record of one execution. Source: D-32. */
export interface ExecutionRecord extends ExecutionSummary {
  /** JSON text of what only a look at this execution shows: its log, its host calls. */
  readonly detail: string;
  /** What a replay needs, sealed by the caller; null when there is nothing. Source: SEC-19. */
  readonly recording: string | null;
}

/** Which executions are meant; an absent member takes all. */
export interface ExecutionFilter {
  readonly script?: string | undefined;
  readonly failed?: true | undefined;
}

/** A record in the order of writing. */
export interface ExecutionMark {
  readonly recordedAt: Milliseconds;
  readonly id: string;
}

/** The executions. Source: D-32. */
export interface Executions {
  /** Writes records in one atomic step. One whose id is there already changes nothing. */
  add(records: readonly ExecutionRecord[]): Promise<void>;
  /** Gives up to `limit` executions whose ids are below `before`, the highest ids first. */
  list(
    filter: ExecutionFilter,
    before: string | undefined,
    limit: number,
  ): Promise<readonly ExecutionSummary[]>;
  /** Gives those records that there are, in no order; unknown ids are left out. */
  get(ids: readonly string[]): Promise<readonly ExecutionRecord[]>;
  /**
   * Gives up to `limit` marks behind `mark` in the order of writing. Processes commit in an order of
   * their own, so that a record may turn up behind marks that were seen.
   */
  since(
    mark: ExecutionMark,
    filter: ExecutionFilter,
    limit: number,
  ): Promise<readonly ExecutionMark[]>;
  /**
   * Deletes what was recorded more than `age` before `now`, and the oldest beyond the newest `kept`,
   * in steps of at most 100 records, so that no other caller waits long. Gives how many. Any process
   * may, at any time. Source: D-32, SEC-85.
   */
  sweep(now: Milliseconds, age: Milliseconds, kept: number): Promise<number>;
}

/** Gives the executions in the durable store. */
export function executionsIn(durable: Durable): Executions {
  const { db } = durable;
  const insert = compileOnce<Row>((slots) =>
    db
      .insertInto("execution")
      .values({
        id: slots.id,
        script: slots.script,
        version: slots.version,
        recorded_at: slots.recorded_at,
        failed: slots.failed,
        summary: slots.summary,
        detail: slots.detail,
        recording: slots.recording,
      })
      .onConflict((conflict) => conflict.column("id").doNothing()),
  );
  const filtered = ({ script, failed }: ExecutionFilter) =>
    db
      .selectFrom("execution")
      .$if(script !== undefined, (query) => query.where("script", "=", script as string))
      // As a literal it is seen to be the condition of an index.
      .$if(failed === true, (query) => query.where("failed", "=", sql.lit(1)));
  return {
    async add(records) {
      await durable.unit(records.map((record) => ({ query: insert(rowOf(record)) })));
    },
    async list(filter, before, limit) {
      const query = filtered(filter)
        .select(["id", "script", "version", "recorded_at", "failed", "summary"])
        .$if(before !== undefined, (rows) => rows.where("id", "<", before as string))
        .orderBy("id", "desc")
        .limit(limit);
      return (await durable.rows(query.compile())).map(summaryOf);
    },
    async get(ids) {
      if (ids.length === 0) return [];
      const query = db.selectFrom("execution").selectAll().where("id", "in", ids);
      return (await durable.rows(query.compile())).map((row) => ({
        ...summaryOf(row),
        detail: row.detail,
        recording: row.recording,
      }));
    },
    async since(mark, filter, limit) {
      const query = filtered(filter)
        .select(["recorded_at", "id"])
        .where((row) =>
          row(row.refTuple("recorded_at", "id"), ">", row.tuple(mark.recordedAt, mark.id)),
        )
        .orderBy("recorded_at")
        .orderBy("id")
        .limit(limit);
      return (await durable.rows(query.compile())).map(({ recorded_at, id }) => ({
        recordedAt: recorded_at as Milliseconds,
        id,
      }));
    },
    sweep: sweepExecutionsIn(durable),
  };
}

interface SummaryRow {
  readonly id: string;
  readonly script: string;
  readonly version: number;
  readonly recorded_at: number;
  readonly failed: number;
  readonly summary: string;
}

interface Row extends SummaryRow {
  readonly detail: string;
  readonly recording: string | null;
}

const summaryOf = ({ recorded_at, failed, ...row }: SummaryRow): ExecutionSummary => ({
  id: row.id,
  script: row.script,
  version: row.version,
  recordedAt: recorded_at as Milliseconds,
  failed: failed === 1,
  summary: row.summary,
});

const rowOf = ({ recordedAt, failed, ...record }: ExecutionRecord): Row => ({
  ...record,
  recorded_at: recordedAt,
  failed: failed ? 1 : 0,
});
