// Whether the server can serve.
import type { GetHealthResponse } from "../../gen/gatewright/v1/admin.ts";
import { Refusal } from "../core/refusal.ts";
import type { World } from "./world.ts";

/** Says `serving` when stores and script workers answer, or throws UNAVAILABLE. Source: SEC-87. */
export async function getHealth(world: World): Promise<GetHealthResponse> {
  await world.store.ping();
  if (!world.engine.ping())
    throw new Refusal("UNAVAILABLE", { detail: "no script worker is alive" });
  return { status: "serving" };
}
