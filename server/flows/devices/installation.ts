// An app installation at its own door.
import { Refusal } from "../../core/refusal.ts";
import type { Credentials } from "../authenticate.ts";
import { authenticate } from "../authenticate.ts";
import type { Client } from "../client.ts";
import { doors } from "../doors.ts";
import type { World } from "../world.ts";

/** Authenticates an app installation. Throws CLIENT_CREDENTIALS_REJECTED. Source: D-65. */
export const installationOf = (world: World, credentials: Credentials): Promise<Client> =>
  authenticate(world, doors.device, credentials);

/** The refusal of an installation that was ended while it called. */
export const installationEnded = (): Refusal =>
  new Refusal("CLIENT_CREDENTIALS_REJECTED", {}, { cause: "the installation was ended meanwhile" });
