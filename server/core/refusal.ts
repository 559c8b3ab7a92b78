// The one thing that is thrown on purpose: a refusal, with a reason of the contract.
import type { ReasonName } from "../../proto/contract.ts";
import { sentenceOf } from "../../proto/contract.ts";

/** Facts about a refusal: flat strings that the caller may see. No secret may be one. */
export type Facts = Readonly<Record<string, string>>;

/**
 * The server says no. `reason` picks the row of errors.proto that says how it is answered; the fact
 * `detail` is appended to the row's sentence. `cause` is for the log and never leaves the process.
 * Source: our decision, one vocabulary of refusals for every door.
 */
export class Refusal extends Error {
  readonly reason: Exclude<ReasonName, "UNSPECIFIED">;
  readonly facts: Facts;

  constructor(
    reason: Exclude<ReasonName, "UNSPECIFIED">,
    facts: Facts = {},
    options: { cause?: unknown } = {},
  ) {
    super(sentenceOf(reason, facts.detail), options);
    this.name = "Refusal";
    this.reason = reason;
    this.facts = facts;
  }
}
