// The world of flows that run no script: a real store, real secrets and keys, and the events that the
// flows noted.
import type { StoredObject } from "../../server/flows/configuration.ts";
import { readConfiguration } from "../../server/flows/configuration.ts";
import type { NewEvent } from "../../server/flows/events/event.ts";
import type { World } from "../../server/flows/world.ts";
import { hashSecret } from "../../server/identity/secret.ts";
import type { Store } from "../../server/store/store.ts";
import { bareWorld, eventsInto, pepper } from "./bare_world.ts";

/** Objects of a set-up by kind, each in its JSON form with its id. */
export type Objects = Readonly<Record<string, readonly (object & { id: string })[]>>;

/** A world, and what it was told that happened, in order. */
export interface FlowWorld {
  readonly world: World;
  readonly events: NewEvent[];
}

/** Gives a world over a store. `secrets` are those of the clients, by id. */
export async function flowWorld(
  store: Store,
  objects: Objects,
  secrets: Readonly<Record<string, string>> = {},
): Promise<FlowWorld> {
  const events: NewEvent[] = [];
  const hashes = new Map<string, string>();
  for (const [id, secret] of Object.entries(secrets)) {
    hashes.set(id, await hashSecret(secret, pepper));
  }
  const stored = Object.entries(objects).flatMap(([kind, all]): StoredObject[] =>
    all.map((object) => ({
      kind,
      id: object.id,
      document: JSON.stringify(object),
      sealed: hashes.has(object.id) ? "sealed" : null,
    })),
  );
  const configuration = readConfiguration(1, stored, new Map(), ({ id }) => ({
    secret: hashes.get(id) ?? "",
  }));
  const world: World = {
    ...bareWorld(store, configuration),
    events: eventsInto(events),
    origin: { address: "192.0.2.7", userAgent: "test" },
  };
  return { world, events };
}
