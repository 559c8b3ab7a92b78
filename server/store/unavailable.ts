// The wall between this room and its drivers: what a driver throws leaves as a refusal.
import { AssertionError } from "node:assert/strict";
import { Refusal } from "../core/refusal.ts";
import { Unmet } from "./statement.ts";

/**
 * Gives what a failed call throws instead of `error`: UNAVAILABLE with the driver's error as its
 * cause. Our own refusals, unmet expectations and assertions pass as they are.
 * The law: a store that fails is never a store that has nothing. Source: SEC-87.
 */
export const unavailable = (error: unknown): Error =>
  error instanceof Refusal || error instanceof Unmet || error instanceof AssertionError
    ? error
    : new Refusal("UNAVAILABLE", {}, { cause: error });
