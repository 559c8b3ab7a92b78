// The executions, page by page.
import type {
  ListExecutionsRequest,
  ListExecutionsResponse,
} from "../../../gen/gatewright/v1/script_admin.ts";
import { Refusal } from "../../core/refusal.ts";
import type { ExecutionFilter } from "../../store/executions.ts";
import type { World } from "../world.ts";
import { listedExecution } from "./record.ts";

const usualPage = 50;
const idForm = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Gives the token of the page that follows the one whose last execution this is. */
const tokenOf = (id: string): string => Buffer.from(id).toString("base64url");

function readToken(token: string): string | undefined {
  if (token === "") return undefined;
  const id = Buffer.from(token, "base64url").toString();
  if (idForm.test(id) && tokenOf(id) === token) return id;
  throw new Refusal("REQUEST_INVALID", { detail: "page_token is none that was given out" });
}

/** Gives which executions a request means. */
export const filterOf = ({
  script,
  failed,
}: Pick<ListExecutionsRequest, "script" | "failed">): ExecutionFilter => ({
  ...(script !== "" && { script }),
  ...(failed && { failed }),
});

/**
 * Gives a page of executions, the newest first, and what continues it. Pages stay where they are while
 * new executions come. Throws REQUEST_INVALID for a page token that is none. Source: D-32.
 */
export async function listExecutions(
  world: World,
  request: ListExecutionsRequest,
): Promise<ListExecutionsResponse> {
  const { pageSize, pageToken } = request;
  const limit = pageSize || usualPage;
  const before = readToken(pageToken);
  const found = await world.store.executions.list(filterOf(request), before, limit + 1);
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    executions: page.map(listedExecution),
    nextPageToken: last ? tokenOf(last.id) : "",
  };
}
