// The services: each method with the flow that serves it.
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { DeviceServiceDefinition } from "../../gen/gatewright/v1/device.ts";
import { RegistrationServiceDefinition } from "../../gen/gatewright/v1/registration.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../core/refusal.ts";
import { applySetup, diffSetup } from "../flows/apply_setup.ts";
import { doors } from "../flows/authenticate.ts";
import { completeRegistration } from "../flows/complete_registration.ts";
import { deleteObject } from "../flows/delete_object.ts";
import { exportSetup } from "../flows/export_setup.ts";
import { getHealth } from "../flows/get_health.ts";
import { getKeys } from "../flows/get_keys.ts";
import { getMetadata } from "../flows/get_metadata.ts";
import { initRegistration } from "../flows/init_registration.ts";
import { introspectToken } from "../flows/introspect_token.ts";
import { issueToken } from "../flows/issue_token.ts";
import { registerDevice } from "../flows/register_device.ts";
import { revokeToken } from "../flows/revoke_token.ts";
import { rotateKeys } from "../flows/rotate_keys.ts";
import { runBackchannel } from "../flows/run_backchannel.ts";
import type { World } from "../flows/world.ts";
import { answering } from "./answer.ts";
import { administrator, credentials } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { scriptAdmin } from "./script_admin.ts";

/** Gives all procedures of the server, each answering by the contract. */
export function procedures(world: World): Procedure[] {
  const registration = implement(RegistrationServiceDefinition, {
    initRegistration: (request, call) =>
      initRegistration(world, doors.registration, request, credentials(call, request), call.signal),
    completeRegistration: (request, call) =>
      completeRegistration(
        world,
        doors.registration,
        request,
        credentials(call, request),
        call.signal,
      ),
    initRegistrationV1: (request, call) =>
      initRegistration(
        world,
        doors.registrationV1,
        request,
        credentials(call, request),
        call.signal,
      ),
    completeRegistrationV1: (request, call) =>
      completeRegistration(
        world,
        doors.registrationV1,
        request,
        credentials(call, request),
        call.signal,
      ),
    runBackchannel: (request, call) =>
      runBackchannel(world, request, credentials(call, request), call.signal),
  });
  const token = implement(TokenServiceDefinition, {
    issueToken: (request, call) => issueToken(world, request, credentials(call, request)),
    introspectToken: (request, call) => introspectToken(world, request, credentials(call, request)),
    revokeToken: (request, call) => revokeToken(world, request, credentials(call, request)),
    getKeys: () => getKeys(world),
    getMetadata: () => getMetadata(world),
  });
  const device = implement(DeviceServiceDefinition, {
    registerDevice: (request, call) => registerDevice(world, request, call.peer),
  });
  const admin = implement(AdminServiceDefinition, {
    async applySetup({ setup }, call) {
      const author = await administrator(world, call);
      if (!setup) throw new Refusal("REQUEST_INVALID", { detail: "setup is missing" });
      return applySetup(world, setup, author);
    },
    async diffSetup({ setup }, call) {
      await administrator(world, call);
      if (!setup) throw new Refusal("REQUEST_INVALID", { detail: "setup is missing" });
      return diffSetup(world, setup);
    },
    async exportSetup(_, call) {
      await administrator(world, call);
      return exportSetup(world);
    },
    deleteObject: async (request, call) =>
      deleteObject(world, request, await administrator(world, call)),
    rotateKeys: async (_, call) => rotateKeys(world, await administrator(world, call)),
    getHealth: () => getHealth(world),
  });
  const all = [...registration, ...token, ...device, ...admin, ...scriptAdmin(world)];
  return all.map((procedure) => answering(procedure, world.log));
}
