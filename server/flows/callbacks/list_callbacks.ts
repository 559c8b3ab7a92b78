// Callbacks that were not delivered yet, page by page.
import type {
  ListCallbacksRequest,
  ListCallbacksResponse,
  PendingCallback,
} from "../../../gen/gatewright/v1/callback.ts";
import { milliseconds } from "../../core/clock.ts";
import { Refusal } from "../../core/refusal.ts";
import type { Callback, CallbackFilter } from "../../store/callbacks.ts";
import type { World } from "../world.ts";

const usualPage = 100;
const placeForm = /^(\d{1,16})\.([\w-]{1,64})$/;

/** Gives the token of the page that follows the one whose last callback this is. */
const tokenOf = ({ createdAt, id }: Pick<Callback, "createdAt" | "id">): string =>
  Buffer.from(`${createdAt}.${id}`).toString("base64url");

function readToken(token: string | undefined): CallbackFilter["after"] {
  if (!token) return undefined;
  const [, createdAt, id] = placeForm.exec(Buffer.from(token, "base64url").toString()) ?? [];
  const place = id === undefined ? undefined : { createdAt: milliseconds(Number(createdAt)), id };
  if (place && tokenOf(place) === token) return place;
  throw new Refusal("REQUEST_INVALID", { detail: "page_token is none that was given out" });
}

const listed = ({ nextAt, lastError, ...callback }: Callback): PendingCallback => ({
  id: callback.id,
  url: callback.url,
  transactionId: callback.transactionId,
  state: callback.state,
  attempts: callback.attempts,
  lastError: lastError ?? undefined,
  createdAt: callback.createdAt,
  nextAt: nextAt ?? undefined,
});

/**
 * Gives a page of callbacks, the newest first, and what continues it. Pages stay where they are while new
 * callbacks come. Throws REQUEST_INVALID for a page token that is none. Source: D-56, SEC-61.
 */
export async function listCallbacks(
  world: World,
  { state, url, pageSize, pageToken }: ListCallbacksRequest,
): Promise<ListCallbacksResponse> {
  const limit = pageSize ?? usualPage;
  const filter: CallbackFilter = {
    state: state as CallbackFilter["state"],
    url,
    after: readToken(pageToken),
  };
  const found = await world.store.callbacks.list(filter, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { callbacks: page.map(listed), nextPageToken: last && tokenOf(last) };
}
