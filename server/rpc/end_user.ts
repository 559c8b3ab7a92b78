// EndUserService: each method with the flow that serves it.
import { EndUserServiceDefinition } from "../../gen/gatewright/v1/end_user.ts";
import type { Credentials } from "../flows/authenticate.ts";
import {
  deleteSelectedDevices,
  deleteUserDevice,
  deleteUserDevices,
} from "../flows/end_user/delete_devices.ts";
import {
  disableFingerprint,
  disableMobileAuthentication,
  disablePushAuthentication,
} from "../flows/end_user/disable.ts";
import { listDevices } from "../flows/end_user/list_devices.ts";
import { deleteToken, listTokens } from "../flows/end_user/tokens.ts";
import type { World } from "../flows/world.ts";
import { credentials } from "./caller.ts";
import type { Call, Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of EndUserService. */
export function endUser(world: World): Procedure[] {
  const serve =
    <Request, Response>(
      flow: (world: World, request: Request, credentials: Credentials) => Promise<Response>,
    ) =>
    (request: Request, call: Call): Promise<Response> =>
      flow(within(world, call), request, credentials(call));
  return implement(EndUserServiceDefinition, {
    listDevices: serve(listDevices),
    deleteUserDevice: serve(deleteUserDevice),
    deleteUserDevices: serve(deleteUserDevices),
    deleteSelectedDevices: serve(deleteSelectedDevices),
    disableFingerprint: serve(disableFingerprint),
    disableMobileAuthentication: serve(disableMobileAuthentication),
    disablePushAuthentication: serve(disablePushAuthentication),
    listTokens: serve(listTokens),
    deleteToken: serve(deleteToken),
  });
}
