// One connection to PostgreSQL that is never used again after it failed.
import type { CompiledQuery, QueryResult } from "kysely";
import postgres from "postgres";
import { unavailable } from "../unavailable.ts";
import { callDeadlineMs, checkTexts } from "./sql_engine.ts";

/**
 * A connection. postgres.js reconnects by itself, but then forgets that a transaction was open and
 * keeps parts of the broken answer, so a lane ends with its connection and a new one is opened
 * instead.
 */
export class PostgresLane {
  readonly #client: postgres.Sql;
  #ended = false;

  constructor(url: string) {
    this.#client = postgres(url, {
      max: 1,
      connect_timeout: connectSeconds,
      // A query that meets a connection which is just closing itself would be lost.
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      onnotice: () => {},
      onclose: () => this.end(),
      types: { int8: { to: 20, from: [20], serialize: String, parse: Number } },
      connection: {
        statement_timeout: statementTimeoutMs,
        idle_in_transaction_session_timeout: callDeadlineMs,
      },
    });
  }

  /** Whether it must not be used any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Ends it at once; what is still under way on it rejects. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#client.end({ timeout: 0 });
  }

  /** Ends it when what is under way has come back, or soon. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#client.end({ timeout: closeSeconds });
  }

  /** Sends a statement without parameters, such as BEGIN. */
  async control(text: string): Promise<void> {
    await this.#inTime(this.#client.unsafe(text));
  }

  /** Sends a statement, prepared at its first use. Statements sent together travel together. */
  async run<Row>({ sql, parameters }: CompiledQuery<Row>): Promise<QueryResult<Row>> {
    checkTexts(parameters);
    const sent = this.#client.unsafe(sql, parameters as postgres.ParameterOrJSON<never>[], {
      prepare: true,
    });
    const rows = await this.#inTime(sent);
    const count = rows.count ?? 0;
    if (rows.length > 0 && rows.length !== count) {
      throw unavailable(new Error(`an answer of ${count} rows came with ${rows.length}`));
    }
    return { rows: Array.from(rows) as Row[], numAffectedRows: BigInt(count) };
  }

  async #inTime<T>(sent: Promise<T>): Promise<T> {
    if (this.#ended) throw unavailable(new Error("the connection was lost"));
    // A server that does not answer blocks everything behind it on this connection.
    const timer = setTimeout(() => this.end(), callDeadlineMs);
    try {
      return await sent;
    } catch (error) {
      throw unavailable(error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const connectSeconds = 3;
const closeSeconds = 2;
// The server gives up a little before the client does, so that its answer still arrives.
const statementTimeoutMs = callDeadlineMs - 500;
