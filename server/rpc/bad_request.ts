// The events of requests that the contract does not allow, which no flow ever sees.
import type { EventType } from "../flows/events/event_types.ts";
import type { World } from "../flows/world.ts";
import type { Call, Procedure } from "./procedure.ts";
import { within } from "./within.ts";

/** By service or, before that, by method; others leave no event. Source: Access audit events. */
const types: Readonly<Record<string, EventType>> = {
  RegistrationService: "CUSTOM_REGISTRATION_BAD_REQUEST",
  AuthenticatorService: "CUSTOM_AUTHENTICATOR_BAD_REQUEST",
  IssueToken: "TOKEN_REQUEST_INVALID",
  RevokeToken: "TOKEN_REVOKE_INVALID_REQUEST",
  IntrospectToken: "TOKEN_INTROSPECTION_FAILED",
  RegisterDevice: "DYNAMIC_REG_INVALID_REQUEST",
  StartMobileAuthentication: "MOBILE_AUTH_INIT_FAILURE_INVALID_REQ",
};

/** Notes a request that the contract does not allow, within the budget of its address. */
export function noteBadRequest(world: World, { method }: Procedure, call: Call): void {
  const type = types[method.name] ?? types[method.parent.name];
  if (!type) return;
  const details = { reason: "REQUEST_INVALID", method: method.name };
  world.events.addFailure({ type, details }, within(world, call).origin, world.limits);
}
