// An event as it is stored: everything in one JSON text, and the columns that are parts of it.
import type { Milliseconds } from "../../core/clock.ts";
import { uuid } from "../../core/id.ts";
import type { EventDraft } from "../../store/event_chain.ts";
import type { Origin } from "../origin.ts";
import type { NewEvent } from "./event.ts";

/** The text of an event, read. Its members are in this order in the text; absent ones are left out. */
export interface EventBody {
  /** UUID of version 7. */
  readonly event_identifier: string;
  readonly event_type: string;
  /** Milliseconds since the epoch. */
  readonly occurred: number;
  readonly client_id?: string;
  readonly app_name?: string;
  readonly transaction_id?: string;
  readonly user_id?: string;
  readonly client_ip?: string;
  readonly user_agent?: string;
  readonly event_agent_user?: string;
  readonly details?: Readonly<Record<string, string>>;
}

/** What a text may be at most, in UTF-16 units: names as the contract bounds them, and all others. */
const nameLimit = 256;
const textLimit = 512;
const detailsLimit = 24;
const transactionPrefix = "ONEGINI-";

/**
 * Gives a text as the store takes it: bounded, well-formed Unicode without NUL, which becomes U+FFFD.
 * What is searched for goes through it as well.
 */
export const storable = (text: string, limit = nameLimit): string =>
  text.slice(0, limit).toWellFormed().replaceAll("\0", "\ufffd");

/** Gives the form of a user's id in which users are searched for. */
export const userKeyOf = (userId: string): string => storable(userId).toLowerCase();

const present = (text: string | undefined, limit?: number): string | undefined =>
  text === undefined || text === "" ? undefined : storable(text, limit);

function detailsOf({ details = {} }: NewEvent): Record<string, string> | undefined {
  const given = Object.entries(details).filter(([, value]) => value !== undefined);
  if (given.length === 0) return undefined;
  return Object.fromEntries(
    given
      .slice(0, detailsLimit)
      .map(([name, value]) => [storable(name), storable(String(value), textLimit)]),
  );
}

/** Gives an event that happens now, ready to be written. */
export function draftOf(event: NewEvent, origin: Origin, now: Milliseconds): EventDraft {
  const { type, clientId, application, transactionId, userId, agent } = event;
  // JSON leaves out what is undefined.
  const body: { [Name in keyof EventBody]: EventBody[Name] | undefined } = {
    event_identifier: uuid(),
    event_type: type,
    occurred: now,
    client_id: present(clientId),
    app_name: present(application),
    transaction_id: transactionId ? storable(transactionPrefix + transactionId) : undefined,
    user_id: present(userId),
    client_ip: present(origin.address),
    user_agent: present(origin.userAgent, textLimit),
    event_agent_user: present(agent),
    details: detailsOf(event),
  };
  return { ...columnsOf(body as EventBody), body: JSON.stringify(body) };
}

/** Gives the columns that belong to a text. */
export const columnsOf = (body: EventBody): Omit<EventDraft, "body"> => ({
  occurredAt: body.occurred as Milliseconds,
  type: body.event_type,
  userKey: body.user_id === undefined ? null : userKeyOf(body.user_id),
  clientId: body.client_id ?? null,
  transactionId: body.transaction_id ?? null,
});

const isTexts = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((one) => typeof one === "string");

/** Tells whether a value has the form of an event: somebody may have written it by hand. */
function isBody(value: unknown): value is EventBody {
  if (typeof value !== "object" || value === null) return false;
  const { occurred, details = {}, ...texts } = value as Partial<EventBody>;
  const isNamed = texts.event_identifier !== undefined && texts.event_type !== undefined;
  return typeof occurred === "number" && isNamed && isTexts(texts) && isTexts(details);
}

/** Reads the text of an event; undefined when it is none. */
export function readBody(text: string): EventBody | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return isBody(body) ? body : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
