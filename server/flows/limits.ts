// Limits on failures and cost, by client, user and address.
import type { Budget } from "../core/buckets.ts";
import { openBuckets } from "../core/buckets.ts";
import type { Clock } from "../core/clock.ts";
import { networkOf } from "../core/network.ts";
import { Refusal } from "../core/refusal.ts";
import type { Client } from "./client.ts";

const minute = 1 / 60;

/**
 * The limits: what each allows at once, and what comes back. Only failures and dear work are counted, so
 * traffic that succeeds meets none of them. Source: SEC-75.
 */
export const budgets = {
  /** Failed authentications by address and claimed client. */
  client_failures: { capacity: 1_000, perSecond: 10 },
  /** Secrets that have to be hashed slowly, by address: those under way, and those that were wrong. */
  secret_attempts: { capacity: 60, perSecond: 30 * minute },
  /** Processor milliseconds of heavy script runs, by client. */
  script_cost: { capacity: 10_000, perSecond: 10_000 * minute },
  /** The same by address. */
  script_cost_of_address: { capacity: 30_000, perSecond: 30_000 * minute },
  /** Failed authentications of a user with an authenticator. */
  authenticator_failures: { capacity: 20, perSecond: minute },
  /** Wrong PINs where the application sets no limit. */
  pin_failures: { capacity: 10, perSecond: minute },
  /** Keys that a profile enrols: checking one may cost as much as a thousand messages. */
  enrolments: { capacity: 20, perSecond: minute },
  /** Wrong one-time passwords of a profile. */
  otp_failures: { capacity: 20, perSecond: minute },
  /** Transactions that a profile denied or that ended by an invalid answer. */
  denials: { capacity: 20, perSecond: minute },
  /** Events that say of a failure, by address. */
  failure_events: { capacity: 300, perSecond: 1 },
} as const satisfies Record<string, Budget>;

/** What is limited. */
export type LimitName = keyof typeof budgets;

/**
 * Budgets that fill up again with time, one for each limit and key, in bounded memory. Source: SEC-75,
 * SEC-76.
 */
export interface Limits {
  /** Throws RATE_LIMITED with `retry_after` (seconds) while the budget is used up. */
  demand(limit: LimitName, key: readonly string[]): void;
  /**
   * Takes `cost`, 1 by default, from the budget; it may go below nothing. A negative cost gives back
   * what was taken.
   */
  spend(limit: LimitName, key: readonly string[], cost?: number): void;
}

/** Limits that are switched off. */
export const noLimits: Limits = { demand() {}, spend() {} };

/**
 * Opens the limits of a process, every budget full. Each has a table of its own, so that a flood against
 * one leaves the others alone.
 */
export function openLimits(clock: Clock): Limits {
  const names = Object.keys(budgets) as LimitName[];
  const tables = Object.fromEntries(
    names.map((name) => [name, openBuckets(budgets[name], clock)]),
  ) as Record<LimitName, ReturnType<typeof openBuckets>>;
  return {
    demand(limit, key) {
      const wait = tables[limit].wait(key);
      if (wait === 0) return;
      throw new Refusal("RATE_LIMITED", { retry_after: String(Math.ceil(wait / 1000)) });
    },
    spend: (limit, key, cost = 1) => tables[limit].spend(key, cost),
  };
}

/**
 * Does work that may fail, where only failures count: one is taken from the budget before the work begins
 * and given back unless the work says that it failed, so that many at once are not more than one after the
 * other. Throws RATE_LIMITED while the budget is used up. Source: SEC-75.
 */
export async function countingFailures<T>(
  limits: Limits,
  limit: LimitName,
  key: readonly string[],
  work: (failed: () => void) => Promise<T>,
): Promise<T> {
  limits.demand(limit, key);
  limits.spend(limit, key);
  let hasFailed = false;
  try {
    return await work(() => {
      hasFailed = true;
    });
  } finally {
    if (!hasFailed) limits.spend(limit, key, -1);
  }
}

/** What knows from where a call came. */
interface Called {
  readonly origin: { readonly address: string };
}

/** Gives the key of limits by address. */
export const addressKey = ({ origin }: Called): string => networkOf(origin.address);

/** A limit with its key. */
type LimitKey = readonly [limit: LimitName, key: readonly string[]];

/**
 * Gives the limits on the cost of scripts that a client runs. An app installation and an API client
 * have a budget of their own. A web application serves many users from few machines: its budget is by
 * machine, so that neither an overloaded one nor a stranger with its credentials stops the others.
 */
export const scriptLimits = (called: Called, { id, kind }: Client): readonly LimitKey[] => [
  ["script_cost", kind === "static" ? [id, addressKey(called)] : [id]],
  ["script_cost_of_address", [addressKey(called)]],
];
