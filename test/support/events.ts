// Events as an API client reads them.
import assert from "node:assert/strict";
import { portal } from "./client.ts";
import type { HttpAnswer } from "./http.ts";
import { get } from "./http.ts";
import type { Json } from "./script_administrator.ts";
import { secrets } from "./usual_setup.ts";

interface Place {
  readonly http: string;
  readonly issuer: string;
}

/** Sends a request for events as the API client that may read them, or with another header. */
export function getEvents(
  server: Place,
  query: string,
  { authorization } = portal(server, "viewer", secrets.viewer),
): Promise<HttpAnswer> {
  return get(`${server.http}/oauth/api/v1/events?${query}`, { authorization });
}

/** Gives the events that a query finds, newest first; fails when it is refused. */
export async function listedEvents(server: Place, query: string): Promise<readonly Json[]> {
  const answer = await getEvents(server, query);
  assert.equal(answer.status, 200, answer.text);
  return (answer.json.result_set ?? []) as Json[];
}

/** Gives the events that `work` causes, oldest first, without those of reading events. */
export async function eventsOf(
  server: Place,
  work: () => Promise<unknown>,
): Promise<readonly Json[]> {
  const quiet = "exclude_event_type=API_EVENTS_LISTED&size=1000";
  const before = new Set(
    (await listedEvents(server, quiet)).map((event) => event.event_identifier),
  );
  await work();
  const all = await listedEvents(server, quiet);
  return all.filter((event) => !before.has(event.event_identifier)).reverse();
}
