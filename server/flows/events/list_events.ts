// Events as API clients search for them.
import type {
  Event,
  ListEventsRequest,
  ListEventsResponse,
} from "../../../gen/gatewright/v1/event.ts";
import type { EventRow } from "../../store/event_chain.ts";
import type { EventFilter } from "../../store/events.ts";
import type { Credentials } from "../authenticate.ts";
import { authenticate, demandApiScope } from "../authenticate.ts";
import { doors } from "../doors.ts";
import type { World } from "../world.ts";
import { readBody, storable, userKeyOf } from "./event_body.ts";
import type { Ends } from "./noted.ts";
import { noted } from "./noted.ts";
import { paginationOf } from "./pagination.ts";

const usualSize = 20;

const ends: Ends<unknown> = {
  // Who was turned away was noted where that was decided.
  refused: {},
  answered: () => "API_EVENTS_LISTED",
};

/** Gives `Dynamic reg success` for `DYNAMIC_REG_SUCCESS`. */
const nameOf = (type: string): string =>
  type.slice(0, 1) + type.slice(1).replaceAll("_", " ").toLowerCase();

/** Gives the first whole millisecond that is not before an instant, or, with `exclusive`, not at it. */
const wholeFrom = (instant: number, exclusive = false): number =>
  exclusive ? Math.floor(instant) + 1 : Math.ceil(instant);

function filterOf(request: ListEventsRequest): EventFilter {
  const { userId, clientId, transactionId, startDate, endDate, endDateExclusive } = request;
  const text = (given: string | undefined) => (given === undefined ? given : storable(given));
  return {
    userKey: userId === undefined ? undefined : userKeyOf(userId),
    clientId: text(clientId),
    transactionId: text(transactionId),
    types: request.eventType.map((type) => storable(type)),
    otherTypes: request.excludeEventType.map((type) => storable(type)),
    from: startDate === undefined ? undefined : wholeFrom(startDate),
    before: endDate === undefined ? undefined : wholeFrom(endDate, endDateExclusive !== true),
  };
}

/** Gives an event as it is shown. One whose text was destroyed shows what its columns still say. */
function shown({ seq, type, occurredAt, body }: EventRow): Event {
  const read = readBody(body);
  return {
    eventIdentifier: read?.event_identifier ?? String(seq),
    eventName: nameOf(type),
    eventType: type,
    clientId: read?.client_id,
    appName: read?.app_name,
    transactionId: read?.transaction_id,
    userId: read?.user_id,
    clientIp: read?.client_ip,
    userAgent: read?.user_agent,
    eventAgentUser: read?.event_agent_user,
    occurred: occurredAt,
    details: new Map(Object.entries(read?.details ?? {})),
  };
}

/**
 * Finds events for an API client, the newest first, everything included that happened before the call.
 * Throws API_CREDENTIALS_REJECTED, PERMISSION_MISSING. Source: Events API, D-63.
 */
export async function listEvents(
  world: World,
  request: ListEventsRequest,
  credentials: Credentials,
): Promise<ListEventsResponse> {
  return noted(world, ends, {}, async (know) => {
    const client = await authenticate(world, doors.api, credentials);
    know({ clientId: client.id, agent: client.id });
    demandApiScope(world, client, "onegini_api_events");
    const { page = 0, size = usualSize } = request;
    await world.events.drain();
    const { total, rows } = await world.store.events.list(filterOf(request), page * size, size);
    know({ details: { events: rows.length } });
    return { resultSet: rows.map(shown), pagination: paginationOf(page, size, total) };
  });
}
