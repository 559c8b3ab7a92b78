// Use cases whose ends are events: one place that notes how they came out.
import { hash } from "node:crypto";
import { uuid } from "../../core/id.ts";
import { Refusal } from "../../core/refusal.ts";
import type { World } from "../world.ts";
import type { EventDetails, NewEvent } from "./event.ts";
import type { EventType } from "./event_types.ts";

/** What is known of an event so far. */
export type Known = Partial<Omit<NewEvent, "type">>;

/** Adds to what is known; a later value of the same name wins, details are joined. */
export type Know = (more: Known) => void;

/** Which event each end of a use case is. */
export interface Ends<Answer> {
  /** By the reason of the refusal; others leave no event here. */
  readonly refused: Readonly<
    Partial<Record<Refusal["reason"], EventType | ((refusal: Refusal) => EventType)>>
  >;
  /** That of a fault of ours; undefined for none. */
  readonly faulted?: EventType;
  /** Gives that of an answer; undefined for none. */
  readonly answered: (answer: Answer) => EventType | undefined;
}

/** Gives the parts of a refusal that are worth knowing: its reason, and the execution that it is about. */
const refusalDetails = ({ reason, facts }: Refusal): EventDetails => ({
  reason,
  error_id: facts.error_id,
});

/**
 * Does a use case, notes how it ended, and gives its answer or rethrows its refusal. `work` says what it
 * learns meanwhile. A refusal before the client is known may be caused by anybody, and is noted within
 * its address's budget.
 */
export async function noted<Answer>(
  world: World,
  ends: Ends<Answer>,
  known: Known,
  work: (know: Know) => Promise<Answer>,
): Promise<Answer> {
  let all: Known = { transactionId: uuid(), ...known };
  const know: Know = (more) => {
    all = { ...all, ...more, details: { ...all.details, ...more.details } };
  };
  try {
    const answer = await work(know);
    const type = ends.answered(answer);
    if (type) world.events.add({ ...all, type }, world.origin);
    return answer;
  } catch (error) {
    const isRefusal = error instanceof Refusal;
    const end = isRefusal ? ends.refused[error.reason] : ends.faulted;
    const type = typeof end === "function" ? end(error as Refusal) : end;
    if (type) {
      if (isRefusal) know({ details: refusalDetails(error) });
      const event = { ...all, type };
      if (all.clientId === undefined) {
        world.events.addFailure(event, world.origin, world.limits);
      } else world.events.add(event, world.origin);
    }
    throw error;
  }
}

/** Gives what events say of the live script of a slot. Source: SEC-77. */
export function scriptDetails(world: World, slot: string): EventDetails {
  const script = world.configuration().scripts.get(slot);
  return { script: slot, script_version: script?.version, script_sha256: script?.sha256 };
}

/**
 * Gives the name under which events of both steps of a registration are found: whoever may read events
 * is not thereby to be able to complete one, so it is a digest in the shape of a UUID of version 8.
 */
export function transactionName(id: string): string {
  const hex = hash("sha256", `event transaction ${id}`, "hex");
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`];
  return [...parts, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join("-");
}
