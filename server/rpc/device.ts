// DeviceService: each method with the flow that serves it.
import { DeviceServiceDefinition } from "../../gen/gatewright/v1/device.ts";
import { deleteDevice } from "../flows/devices/delete_device.ts";
import { deleteProfile } from "../flows/devices/delete_profile.ts";
import { getAppConfiguration } from "../flows/devices/get_app_configuration.ts";
import { updateDevice } from "../flows/devices/update_device.ts";
import { registerDevice } from "../flows/register_device.ts";
import type { World } from "../flows/world.ts";
import { credentials } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of DeviceService. */
export function device(world: World): Procedure[] {
  return implement(DeviceServiceDefinition, {
    registerDevice: (request, call) => registerDevice(within(world, call), request),
    getAppConfiguration: (_, call) => getAppConfiguration(within(world, call), credentials(call)),
    updateDevice: (request, call) =>
      updateDevice(within(world, call), request, credentials(call, request)),
    deleteDevice: (_, call) => deleteDevice(within(world, call), credentials(call)),
    deleteProfile: (request, call) =>
      deleteProfile(within(world, call), request, credentials(call)),
  });
}
