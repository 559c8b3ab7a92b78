// Outcomes as they may be kept: bounded, and without the values of sensitive properties.
import { guestTextLength } from "./answer.ts";
import type { Mask } from "./mask.ts";
import type { ScriptOutcome } from "./script.ts";
import { withoutPosition } from "./transcript.ts";

const messageLength = 4_000;
const stackLength = 8_000;

/**
 * Masks the texts of a failure and cuts them afterwards, so that no part of a secret is left at the
 * edge. What a script returns is its own business and stays as it is. Source: D-26, SEC-73.
 */
export const maskedOutcome = (outcome: ScriptOutcome, mask: Mask): ScriptOutcome => {
  if (outcome.kind === "returned") return outcome;
  const { message, stack } = outcome;
  // The guest has cut what is as long as this.
  const safe = message.length < guestTextLength ? mask(message) : mask.beginning(message);
  return {
    ...outcome,
    message: safe.slice(0, messageLength),
    ...(stack === undefined ? {} : { stack: mask(stack).slice(0, stackLength) }),
  };
};

/** What came of a run in one masked text, for people and for comparing; positions are left out. */
export const shownOutcome = (outcome: ScriptOutcome, mask: Mask): string =>
  outcome.kind === "returned"
    ? mask(JSON.stringify(outcome))
    : JSON.stringify(maskedOutcome(withoutPosition(outcome), mask));
