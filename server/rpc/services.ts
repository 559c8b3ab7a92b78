// The services: each method with the flow that serves it.
import { AdminServiceDefinition } from "../../gen/gatewright/v1/admin.ts";
import { TokenServiceDefinition } from "../../gen/gatewright/v1/token.ts";
import { Refusal } from "../core/refusal.ts";
import { applySetup, diffSetup } from "../flows/apply_setup.ts";
import { deleteObject } from "../flows/delete_object.ts";
import { exportSetup } from "../flows/export_setup.ts";
import { getHealth } from "../flows/get_health.ts";
import { getKeys } from "../flows/get_keys.ts";
import { getMetadata } from "../flows/get_metadata.ts";
import { getUserInfo } from "../flows/get_user_info.ts";
import { introspectToken } from "../flows/introspect_token.ts";
import { issueToken } from "../flows/issue_token.ts";
import { revokeToken } from "../flows/revoke_token.ts";
import { rotateKeys } from "../flows/rotate_keys.ts";
import type { World } from "../flows/world.ts";
import { answering } from "./answer.ts";
import { audit } from "./audit.ts";
import { authenticator } from "./authenticator.ts";
import { noteBadRequest } from "./bad_request.ts";
import { callback } from "./callback.ts";
import { administrator, credentials, noteRead } from "./caller.ts";
import { device } from "./device.ts";
import { endUser } from "./end_user.ts";
import { event } from "./event.ts";
import { mobileAuth } from "./mobile_auth.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { registration } from "./registration.ts";
import { scriptAdmin } from "./script_admin.ts";
import { within } from "./within.ts";

/** Gives all procedures of the server, each answering by the contract. */
export function procedures(world: World): Procedure[] {
  const token = implement(TokenServiceDefinition, {
    issueToken: (request, call) =>
      issueToken(within(world, call), request, credentials(call, request)),
    introspectToken: (request, call) =>
      introspectToken(within(world, call), request, credentials(call, request)),
    revokeToken: (request, call) =>
      revokeToken(within(world, call), request, credentials(call, request)),
    getUserInfo: (_, call) => getUserInfo(within(world, call), call.header("authorization")),
    getKeys: () => getKeys(world),
    getMetadata: () => getMetadata(world),
  });
  const admin = implement(AdminServiceDefinition, {
    async applySetup({ setup }, call) {
      const here = within(world, call);
      const author = await administrator(here, call);
      if (!setup) throw new Refusal("REQUEST_INVALID", { detail: "setup is missing" });
      return applySetup(here, setup, author);
    },
    async diffSetup({ setup }, call) {
      const here = within(world, call);
      const agent = await administrator(here, call);
      if (!setup) throw new Refusal("REQUEST_INVALID", { detail: "setup is missing" });
      const changes = await diffSetup(here, setup);
      // It tells whether a secret is the one that somebody guessed.
      noteRead(here, agent, diffSetup.name);
      return changes;
    },
    async exportSetup(_, call) {
      const here = within(world, call);
      const agent = await administrator(here, call);
      const setup = await exportSetup(here);
      noteRead(here, agent, exportSetup.name);
      return setup;
    },
    async deleteObject(request, call) {
      const here = within(world, call);
      return deleteObject(here, request, await administrator(here, call));
    },
    async rotateKeys(_, call) {
      const here = within(world, call);
      return rotateKeys(here, await administrator(here, call));
    },
    getHealth: () => getHealth(world),
  });
  return [
    ...registration(world),
    ...token,
    ...device(world),
    ...authenticator(world),
    ...endUser(world),
    ...event(world),
    ...mobileAuth(world),
    ...admin,
    ...audit(world),
    ...scriptAdmin(world),
    ...callback(world),
  ].map((procedure) =>
    answering(procedure, world.log, (call) => noteBadRequest(world, procedure, call)),
  );
}
