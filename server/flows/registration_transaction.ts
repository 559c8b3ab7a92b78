// Registration transactions: what ties the second step of a two-step registration to its first.
import { hash } from "node:crypto";
import type { Milliseconds } from "../core/clock.ts";
import { after } from "../core/clock.ts";
import { randomId } from "../core/id.ts";
import { Refusal } from "../core/refusal.ts";
import type { World } from "./world.ts";

/** A transaction in the hands of the one call that took it. */
export interface RegistrationTransaction {
  readonly id: string;
  readonly clientId: string;
  readonly provider: string;
  readonly expiresAt: Milliseconds;
  /** How many complete calls took it, this one included. */
  readonly tries: number;
}

const space = "registration_transaction";

// The name under which it is stored holds client and provider, so that to anybody else it does not
// exist: a foreign call can neither use it up nor learn of it.
const nameOf = (id: string, clientId: string, provider: string): string =>
  hash("sha256", JSON.stringify([id, clientId, provider]), "base64url");

const put = async (world: World, transaction: RegistrationTransaction): Promise<boolean> => {
  const { id, clientId, provider, expiresAt, tries } = transaction;
  const ttl = (expiresAt - world.clock.now()) as Milliseconds;
  if (ttl <= 0) return false;
  const value = JSON.stringify({ expiresAt, tries });
  return world.store.ephemeral.putIfAbsent(space, nameOf(id, clientId, provider), value, ttl);
};

/**
 * Opens a transaction for a client at an identity provider and gives its id: 22 characters of base64url,
 * 128 random bits. It lives as long as the setting says. Source: D-11, SEC-33.
 */
export async function openTransaction(
  world: World,
  clientId: string,
  provider: string,
): Promise<string> {
  const expiresAt = after(world.clock.now(), world.policy.transactionTtl);
  const id = randomId();
  await put(world, { id, clientId, provider, expiresAt, tries: 0 });
  return id;
}

/**
 * Takes a transaction: reads and removes it in one step, so that of several concurrent callers exactly
 * one receives it. Throws TRANSACTION_INVALID when it is absent, unknown, used, expired, or of another
 * client or identity provider. Source: Custom Registration v2, parameter transaction_id; D-11, SEC-33.
 */
export async function takeTransaction(
  world: World,
  id: string | undefined,
  clientId: string,
  provider: string,
): Promise<RegistrationTransaction> {
  if (id === undefined) throw new Refusal("TRANSACTION_INVALID");
  const value = await world.store.ephemeral.take(space, nameOf(id, clientId, provider));
  if (value === undefined) throw new Refusal("TRANSACTION_INVALID");
  const { expiresAt, tries } = JSON.parse(value) as RegistrationTransaction;
  return { id, clientId, provider, expiresAt, tries: tries + 1 };
}

/**
 * Gives a taken transaction back with its remaining life, so that the user can repeat the step; not
 * when its tries or its life are over. Source: D-11, SEC-34.
 */
export async function giveBack(world: World, transaction: RegistrationTransaction): Promise<void> {
  if (transaction.tries < world.policy.transactionTries) await put(world, transaction);
}
