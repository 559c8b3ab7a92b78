// The guarded way out of callbacks: to the set-up's callback URLs and nowhere else.
import type { Egress } from "../../engine/egress.ts";
import { openEgress } from "../../engine/egress.ts";
import { isHttp } from "../../engine/egress_policy.ts";
import type { Configuration } from "../configuration.ts";
import type { World } from "../world.ts";

/** A client for the destinations of one revision of the set-up. */
interface Door {
  readonly revision: number;
  readonly egress: Egress;
  underWay: number;
}

/** Gives the destination of a callback URL, or none for one that was stored before it was checked. */
function originOf(text: string): string[] {
  const url = URL.parse(text);
  return url && isHttp(url) ? [url.origin] : [];
}

const openDoor = ({ revision, callbacks, egress }: Configuration): Door => ({
  revision,
  egress: openEgress({ allow: [...callbacks.keys()].flatMap(originOf), networks: egress.networks }),
  underWay: 0,
});

/**
 * Opens a guarded client that reaches the origins of the callback URLs that are set up at the moment of a
 * request. Listing a URL there allows it, without an entry of the egress list; all else of the guard stays:
 * private addresses only where the URL is written as one or lies in an egress network, no redirects,
 * bounded answers. What is under way when the set-up changes may end. Source: D-56, SEC-57 to SEC-60.
 */
export function openWayOut({ configuration }: Pick<World, "configuration">): Egress {
  let current: Door | undefined;

  async function close(door: Door | undefined): Promise<void> {
    if (door?.underWay === 0) await door.egress[Symbol.asyncDispose]();
  }

  return {
    async request(request) {
      const present = configuration();
      if (current?.revision !== present.revision) {
        const former = current;
        current = openDoor(present);
        await close(former);
      }
      const door = current;
      door.underWay += 1;
      try {
        return await door.egress.request(request);
      } finally {
        door.underWay -= 1;
        if (door !== current) await close(door);
      }
    },
    async [Symbol.asyncDispose]() {
      await current?.egress[Symbol.asyncDispose]();
    },
  };
}
