// Events: what happened, for whom, from where.
import type { Append } from "../../store/event_chain.ts";
import type { Limits } from "../limits.ts";
import type { Origin } from "../origin.ts";
import type { EventType } from "./event_types.ts";

/** What happened, as a flow says it. */
export interface NewEvent {
  readonly type: EventType;
  readonly clientId?: string | undefined;
  readonly userId?: string | undefined;
  /** The name of the application. */
  readonly application?: string | undefined;
  /** What ties events of one flow together; the recorder puts `ONEGINI-` before it. */
  readonly transactionId?: string | undefined;
  /** The administrator or API client who did it. */
  readonly agent?: string | undefined;
  /** Whatever else is worth knowing; no secret, no token, no payload. Undefined values are left out. */
  readonly details?: EventDetails | undefined;
}

/** Whatever else is worth knowing of an event. */
export type EventDetails = Readonly<Record<string, string | number | undefined>>;

/** Where flows say what happened. Source: D-63, SEC-77. */
export interface Events {
  /**
   * Notes an event. It is written behind the call, in the order of noting, and is lost only when the
   * process dies before. Never throws.
   */
  add(event: NewEvent, origin: Origin): void;
  /**
   * Notes a failure that anybody can cause, as long as the caller's address has a budget for them; the
   * next one that is noted says in its detail `skipped` how many were not. Never throws.
   */
  addFailure(event: NewEvent, origin: Origin, limits: Limits): void;
  /** Gives an event for the change to write with itself: there is never one without the other. */
  carried(event: NewEvent, origin: Origin): Append;
  /** Resolves when all that was noted before is written. Throws UNAVAILABLE while it cannot be. */
  drain(): Promise<void>;
}

/** Events that nobody keeps, for tools and tests. */
export const noEvents: Events = {
  add() {},
  addFailure() {},
  carried: () => ({ events: [], chain: { mac: () => "", seal: () => "" } }),
  async drain() {},
};
