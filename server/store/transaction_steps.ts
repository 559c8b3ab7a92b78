// Compiled statements as steps of a transaction.
import type { CompiledQuery, Transaction } from "kysely";
import type { Durable } from "./durable.ts";
import { rowsTouched } from "./engines/sql_engine.ts";
import type { DurableTables } from "./schema.ts";

/** Runs compiled statements inside a transaction, one after the other. */
export interface Steps {
  /** Gives the rows of a statement. */
  rows<Row>(query: CompiledQuery<Row>): Promise<readonly Row[]>;
  /** Gives the number of rows that a statement touched. */
  touched(query: CompiledQuery<unknown>): Promise<number>;
}

const stepsOf = (transaction: Transaction<DurableTables>): Steps => ({
  rows: async (query) => (await transaction.executeQuery(query)).rows,
  touched: async (query) => rowsTouched(await transaction.executeQuery(query)),
});

/**
 * Runs `work` in a transaction, whose steps are all that it may await; what it throws undoes them. See
 * `transaction` of the durable store.
 */
export const inSteps = <T>(durable: Durable, work: (steps: Steps) => Promise<T>): Promise<T> =>
  durable.transaction((transaction) => work(stepsOf(transaction)));
