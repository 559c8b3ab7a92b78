// RegistrationService: each method with the flow that serves it.
import { RegistrationServiceDefinition } from "../../gen/gatewright/v1/registration.ts";
import { completeRegistration } from "../flows/complete_registration.ts";
import { doors } from "../flows/doors.ts";
import { initRegistration } from "../flows/init_registration.ts";
import { runBackchannel } from "../flows/run_backchannel.ts";
import type { World } from "../flows/world.ts";
import { credentials } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of RegistrationService. */
export function registration(world: World): Procedure[] {
  const { registration: door, registrationV1: doorV1 } = doors;
  return implement(RegistrationServiceDefinition, {
    initRegistration: (request, call) =>
      initRegistration(within(world, call), door, request, credentials(call, request), call.signal),
    completeRegistration: (request, call) =>
      completeRegistration(
        within(world, call),
        door,
        request,
        credentials(call, request),
        call.signal,
      ),
    initRegistrationV1: (request, call) =>
      initRegistration(
        within(world, call),
        doorV1,
        request,
        credentials(call, request),
        call.signal,
      ),
    completeRegistrationV1: (request, call) =>
      completeRegistration(
        within(world, call),
        doorV1,
        request,
        credentials(call, request),
        call.signal,
      ),
    runBackchannel: (request, call) =>
      runBackchannel(within(world, call), request, credentials(call, request), call.signal),
  });
}
