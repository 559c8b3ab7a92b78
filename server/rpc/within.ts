// A flow's world as one call sees it.
import type { World } from "../flows/world.ts";
import type { Call } from "./procedure.ts";

const userAgentLimit = 512;
const printable = /^[\x20-\x7e]+$/;

function userAgentOf(call: Call): string | undefined {
  const given = call.header("user-agent");
  return given !== undefined && printable.test(given) ? given.slice(0, userAgentLimit) : undefined;
}

/**
 * Gives the world of a call, which knows from where the call came: its address, and 512 characters of
 * its user agent when it is printable ASCII.
 */
export const within = (world: World, call: Call): World => ({
  ...world,
  origin: { address: call.peer, userAgent: userAgentOf(call) },
});
