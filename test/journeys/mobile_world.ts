// A server that is set up for mobile authentication, a portal that is called back, and a home of GnuPG.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KeyClient } from "../support/client.ts";
import { registerPhone } from "../support/client.ts";
import { openGpg } from "../support/gpg.ts";
import type { Received, Receiver } from "../support/receiver.ts";
import { startReceiver } from "../support/receiver.ts";
import type { TestServer } from "../support/server.ts";
import { startServer } from "../support/server.ts";
import type { StorePlace, StoreRow } from "../support/stores.ts";
import { openOrSkip, storeRows } from "../support/stores.ts";
import { usualSetup } from "../support/usual_setup.ts";
import type { KeyHome } from "./mobile_phone.ts";

/** What the stories of mobile authentication share. */
export interface MobileWorld {
  readonly server: TestServer;
  readonly portal: Receiver;
  /** The one URL that is called back to. */
  readonly callbackUri: string;
  /** With which callbacks are signed. */
  readonly secret: string;
  /** An app installation. */
  readonly client: KeyClient;
  readonly home: KeyHome;
}

const secret = `whsec_${randomBytes(32).toString("base64")}`;

async function startMobileServer(place: StorePlace, callbackUri: string): Promise<TestServer> {
  const { setup, files } = await usualSetup();
  const single = setup.applications.find((one) => "id" in one && one.id === "single");
  return startServer({
    setup: {
      ...setup,
      applications: [
        ...setup.applications,
        { ...single, id: "override", mobile_enrolment: "OVERRIDE" },
      ],
      mobile_authentication: {
        ...setup.mobile_authentication,
        callbacks: [{ url: callbackUri, signing_secret: secret }],
      },
    },
    files,
    env: {
      GATEWRIGHT_DURABLE: place.durable,
      GATEWRIGHT_EPHEMERAL: place.ephemeral,
      GATEWRIGHT_SECRET: randomBytes(32).toString("base64"),
    },
  });
}

/** Gives each story of a description the same world: made before them, ended after them. */
export function mobileWorldFor(row: StoreRow | undefined = storeRows()[0]): () => MobileWorld {
  let world: MobileWorld | undefined;
  const opened = new AsyncDisposableStack();
  before(async function () {
    assert(row, "there is no way to keep data");
    const place = await openOrSkip(row, this);
    opened.defer(() => place.cleanup());
    const portal = opened.use(await startReceiver());
    const callbackUri = `${portal.url}/done`;
    const server = opened.use(await startMobileServer(place, callbackUri));
    const home = { gpg: opened.use(openGpg()), server: "" };
    const client = await registerPhone(server);
    world = { server, portal, callbackUri, secret, client, home };
  });
  after(() => opened.disposeAsync());
  return () => {
    assert(world, "the world is not made yet");
    return world;
  };
}

/** Gives the callbacks of a transaction, as soon as there is one. */
export async function callbacksOf({ portal }: MobileWorld, id: string): Promise<Received[]> {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = portal.received.filter(({ body }) => body.includes(id));
    if (found.length > 0) return found;
    await sleep(25);
  }
  throw new Error(`the portal was not called back for ${id}`);
}
