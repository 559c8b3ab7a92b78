// Who calls: the credentials of a call, and its administrator.
import type { Credentials } from "../flows/authenticate.ts";
import { authenticate, demandApiScope } from "../flows/authenticate.ts";
import { doors } from "../flows/doors.ts";
import type { World } from "../flows/world.ts";
import type { Call } from "./procedure.ts";

type Sent = Omit<Credentials, "authorization">;

/** Gives the credentials of a call: those in the request, and the Authorization header. */
export const credentials = (call: Call, sent: Sent = {}): Credentials => ({
  authorization: call.header("authorization"),
  clientId: sent.clientId,
  clientSecret: sent.clientSecret,
  clientAssertion: sent.clientAssertion,
  clientAssertionType: sent.clientAssertionType,
});

/** Authenticates an administrator and gives its name. Source: SEC-82. */
export async function administrator(world: World, call: Call): Promise<string> {
  const client = await authenticate(world, doors.administration, credentials(call));
  demandApiScope(world, client, "onegini_api_admin");
  return client.id;
}

/** Notes that an administrator read something. `world` is that of the call. Source: SEC-77. */
export function noteRead(world: World, agent: string, read: string): void {
  world.events.add({ type: "ADMIN_DATA_READ", agent, details: { read } }, world.origin);
}
