// The first administrator.
import { randomId } from "../core/id.ts";
import { applySetup } from "./apply_setup.ts";
import type { World } from "./world.ts";

const adminScope = "onegini_api_admin";

/**
 * Makes the API client `admin` when no client may administrate, and gives its secret, which is shown
 * once and stored only hashed; undefined when there is an administrator. Throws OBJECT_CONFLICT when the
 * set-up changed since it was looked at. There is no default password.
 * Source: SEC-82, our decision.
 */
export async function firstAdmin(world: World): Promise<string | undefined> {
  const { clients, revision } = world.configuration();
  if ([...clients.values()].some(({ client }) => client.apiScopes.includes(adminScope)))
    return undefined;
  const secret = randomId(24);
  const admin = { id: "admin", kind: "api", secret, apiScopes: [adminScope] };
  await applySetup(
    world,
    {
      applications: [],
      clients: [admin],
      identityProviders: [],
      authenticators: [],
      properties: [],
      pinPolicies: [],
      webHooks: [],
      files: new Map(),
    },
    "first start",
    revision,
    "ADMIN_FIRST_CREATED",
  );
  return secret;
}
