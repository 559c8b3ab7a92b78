// CallbackAdminService: each method with the flow that serves it, for administrators only.
import { CallbackAdminServiceDefinition } from "../../gen/gatewright/v1/callback.ts";
import { listCallbacks } from "../flows/callbacks/list_callbacks.ts";
import { resendCallback, resendCallbacks } from "../flows/callbacks/resend_callbacks.ts";
import { rotateCallbackSecret } from "../flows/callbacks/rotate_callback_secret.ts";
import type { World } from "../flows/world.ts";
import { administrator } from "./caller.ts";
import type { Call, Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of CallbackAdminService. */
export function callback(world: World): Procedure[] {
  const admitted =
    <Request, Response>(
      flow: (world: World, request: Request, agent: string) => Promise<Response>,
    ) =>
    async (request: Request, call: Call): Promise<Response> => {
      const here = within(world, call);
      return flow(here, request, await administrator(here, call));
    };
  return implement(CallbackAdminServiceDefinition, {
    listCallbacks: admitted(listCallbacks),
    resendCallback: admitted(resendCallback),
    resendCallbacks: admitted(resendCallbacks),
    rotateCallbackSecret: admitted(rotateCallbackSecret),
  });
}
