// Which authenticators there are, and which of them users of an application may have.

import type { Application } from "../../../gen/gatewright/v1/setup.ts";
import type { Authenticator, Place } from "../../authenticators/authenticator.ts";
import { rowOf } from "../../authenticators/table.ts";
import { Refusal } from "../../core/refusal.ts";
import type { World } from "../world.ts";

/** Gives what is set up at this moment, as users of an application meet it. */
export function placeOf(world: World, application: Application): Place {
  const { authenticators, features } = world.configuration();
  return { application, authenticators, hasCustom: features.customAuthenticators === true };
}

/**
 * Gives the row of an authenticator that users of the application may have. Throws
 * AUTHENTICATOR_NOT_FOUND, and AUTHENTICATOR_DISABLED when it is disabled, not one of the application's,
 * or the feature is off. Source: Custom authenticators configuration.
 */
export function usableRow(place: Place, id: string): Authenticator {
  const row = rowOf(id);
  if (row.nameOf(place, id) === undefined) throw new Refusal("AUTHENTICATOR_NOT_FOUND");
  if (!row.isUsable(place, id)) throw new Refusal("AUTHENTICATOR_DISABLED");
  return row;
}
