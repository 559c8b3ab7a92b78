// MobileAuthenticationService and MobileDeviceService: each method with the flow that serves it.
import {
  MobileAuthenticationServiceDefinition,
  MobileDeviceServiceDefinition,
} from "../../gen/gatewright/v1/mobile_auth.ts";
import { disenrol } from "../flows/mobile_authentication/disenrol.ts";
import { enrol } from "../flows/mobile_authentication/enrol.ts";
import { fetchMessage } from "../flows/mobile_authentication/fetch_message.ts";
import { getEnrolment } from "../flows/mobile_authentication/get_enrolment.ts";
import { getMobileAuthentication } from "../flows/mobile_authentication/get_result.ts";
import {
  listDeviceAuthenticationTypes,
  listUserAuthenticationTypes,
} from "../flows/mobile_authentication/list_types.ts";
import { respond } from "../flows/mobile_authentication/respond.ts";
import { startMobileAuthentication } from "../flows/mobile_authentication/start.ts";
import { watchTransaction } from "../flows/mobile_authentication/watch_transaction.ts";
import type { World } from "../flows/world.ts";
import { credentials } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of portals and phones. */
export const mobileAuth = (world: World): Procedure[] => [
  ...implement(MobileAuthenticationServiceDefinition, {
    listDeviceAuthenticationTypes: (request, call) =>
      listDeviceAuthenticationTypes(within(world, call), request, credentials(call)),
    listUserAuthenticationTypes: (request, call) =>
      listUserAuthenticationTypes(within(world, call), request, credentials(call)),
    startMobileAuthentication: (request, call) =>
      startMobileAuthentication(within(world, call), request, credentials(call, request)),
    getMobileAuthentication: (request, call) =>
      getMobileAuthentication(within(world, call), request, credentials(call), call),
    watchTransaction: (request, call) =>
      watchTransaction(within(world, call), request, credentials(call), call.signal),
  }),
  ...implement(MobileDeviceServiceDefinition, {
    enrol: (request, call) => enrol(within(world, call), request, call.header("authorization")),
    disenrol: (request, call) =>
      disenrol(within(world, call), request, call.header("authorization")),
    getEnrolment: (request, call) =>
      getEnrolment(within(world, call), request, call.header("authorization")),
    fetchMessage: (request, call) =>
      fetchMessage(within(world, call), request, call.header("authorization")),
    respond: (request, call) => respond(within(world, call), request, call.header("authorization")),
  }),
];
