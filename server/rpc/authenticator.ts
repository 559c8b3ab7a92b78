// AuthenticatorService: each method with the flow that serves it.
import { AuthenticatorServiceDefinition } from "../../gen/gatewright/v1/authenticator.ts";
import { authenticateUser } from "../flows/authenticators/authenticate_user.ts";
import { deregisterAuthenticator } from "../flows/authenticators/deregister_authenticator.ts";
import { listAuthenticators } from "../flows/authenticators/list_authenticators.ts";
import { registerAuthenticator } from "../flows/authenticators/register_authenticator.ts";
import type { World } from "../flows/world.ts";
import { credentials } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of AuthenticatorService. */
export const authenticator = (world: World): Procedure[] =>
  implement(AuthenticatorServiceDefinition, {
    listAuthenticators: (_, call) =>
      listAuthenticators(within(world, call), call.header("authorization")),
    registerAuthenticator: (request, call) =>
      registerAuthenticator(
        within(world, call),
        request,
        call.header("authorization"),
        call.signal,
      ),
    authenticate: (request, call) =>
      authenticateUser(within(world, call), request, credentials(call, request), call.signal),
    deregisterAuthenticator: (request, call) =>
      deregisterAuthenticator(within(world, call), request, call.header("authorization")),
  });
