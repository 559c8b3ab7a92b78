// AuditService: each method with the flow that serves it, for administrators only.
import { AuditServiceDefinition } from "../../gen/gatewright/v1/audit.ts";
import { auditCheckpoint } from "../flows/events/checkpoint.ts";
import { verifyAudit } from "../flows/events/verify_audit.ts";
import type { World } from "../flows/world.ts";
import { administrator, noteRead } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of AuditService. Source: SEC-77, SEC-82. */
export const audit = (world: World): Procedure[] =>
  implement(AuditServiceDefinition, {
    async verifyAudit(request, call) {
      const here = within(world, call);
      const agent = await administrator(here, call);
      const verified = await verifyAudit(here, request);
      // A walk is noted where it begins: an event for each stretch would give it ever more to walk.
      if (!request.first) noteRead(here, agent, verifyAudit.name);
      return verified;
    },
    async getAuditCheckpoint(_, call) {
      const here = within(world, call);
      const agent = await administrator(here, call);
      const checkpoint = await auditCheckpoint(here);
      noteRead(here, agent, auditCheckpoint.name);
      return checkpoint;
    },
  });
