// EventService: each method with the flow that serves it.
import { EventServiceDefinition } from "../../gen/gatewright/v1/event.ts";
import { listEvents } from "../flows/events/list_events.ts";
import type { World } from "../flows/world.ts";
import { credentials } from "./caller.ts";
import type { Procedure } from "./procedure.ts";
import { implement } from "./procedure.ts";
import { within } from "./within.ts";

/** Gives the procedures of EventService. */
export const event = (world: World): Procedure[] =>
  implement(EventServiceDefinition, {
    listEvents: (request, call) => listEvents(within(world, call), request, credentials(call)),
  });
