// The part of a world that web hooks are asked in: real keys, the real guarded client, a receiver.
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import type { JSONWebKeySet } from "jose";
import { milliseconds } from "../../../server/core/clock.ts";
import { openEgress } from "../../../server/engine/egress.ts";
import type { Client } from "../../../server/flows/client.ts";
import { installedClient } from "../../../server/flows/client.ts";
import { readConfiguration } from "../../../server/flows/configuration.ts";
import type { NewEvent } from "../../../server/flows/events/event.ts";
import { ownOrigin } from "../../../server/flows/origin.ts";
import type { World } from "../../../server/flows/world.ts";
import { masterKey } from "../../../server/identity/master_key.ts";
import { sealer } from "../../../server/identity/seal.ts";
import { generateSigningKey, openKeyRing } from "../../../server/identity/signing_keys.ts";
import { webHookTokens } from "../../../server/identity/web_hook_token.ts";
import type { Received } from "../../engine/support/receiver.ts";
import { startReceiver } from "../../engine/support/receiver.ts";

/** What a test can do with a hook. */
export interface HookWorld extends AsyncDisposable {
  readonly world: World;
  /** An app installation of the application that names the hook. */
  readonly client: Client;
  readonly url: string;
  readonly received: readonly Received[];
  readonly events: readonly NewEvent[];
  readonly issuer: string;
  jwks(): JSONWebKeySet;
}

/** How the hook answers, and in what its set-up differs from one that works. */
export interface HookOptions {
  readonly answer?: (response: ServerResponse) => void;
  readonly hook?: Readonly<Record<string, unknown>>;
  readonly password?: string;
  /** What is on the egress list; the receiver unless given. */
  readonly allow?: readonly string[];
}

/** Gives the JSON of an answer to `ServerResponse.end`. */
export const json =
  (value: unknown, status = 200) =>
  (response: ServerResponse): void =>
    void response
      .writeHead(status, { "content-type": "application/json" })
      .end(typeof value === "string" ? value : JSON.stringify(value));

const installation = {
  clientId: "phone-1",
  applicationId: "app",
  softwareVersion: "1",
  jwks: "",
  deviceName: null,
  devicePlatform: null,
  deviceModel: null,
  deviceOsVersion: null,
  createdAt: milliseconds(0),
  lastSeenAt: null,
};

/** Starts a receiver and makes a world in which the application's hook is there. */
export async function hookWorld(
  field: "customize_token" | "customize_user_details",
  { answer = json({}), hook = {}, password, allow }: HookOptions = {},
): Promise<HookWorld> {
  const receiver = await startReceiver((_, response) => answer(response));
  const egress = openEgress({ allow: allow ?? [receiver.origin] });
  const type = field === "customize_token" ? "CUSTOMIZE_TOKEN" : "USER_DETAILS_CUSTOMIZATION";
  const object = (kind: string, document: { id: string; [member: string]: unknown }) => ({
    kind,
    id: document.id,
    document: JSON.stringify(document),
    sealed: kind === "web_hooks" && password !== undefined ? "sealed" : null,
  });
  const configuration = readConfiguration(
    1,
    [
      object("applications", { id: "app", [field]: "hook" }),
      object("web_hooks", { id: "hook", type, url: `${receiver.origin}/base`, ...hook }),
    ],
    new Map(),
    () => ({ password: password ?? "" }),
  );
  const application = configuration.applications.get("app");
  assert.ok(application);
  const box = sealer([masterKey(new Uint8Array(32).fill(7))]);
  const now = milliseconds(1_800_000_000_000);
  const ring = await openKeyRing([await generateSigningKey(box, now)], box);
  const events: NewEvent[] = [];
  const issuer = "https://example.com/oauth";
  const world = {
    clock: { now: () => now },
    policy: { issuer },
    egress,
    events: { add: (event: NewEvent) => void events.push(event) },
    origin: ownOrigin,
    identity: { keyRing: () => ring, webHookTokens: webHookTokens() },
    configuration: () => configuration,
  };
  return {
    // A hook has no business with the rest of the world.
    world: world as unknown as World,
    client: installedClient(installation, application).client,
    url: `${receiver.origin}/base`,
    received: receiver.received,
    events,
    issuer,
    jwks: () => ({ keys: ring.jwks(now).keys.map((jwk) => ({ ...jwk, kty: "EC" })) }),
    async [Symbol.asyncDispose]() {
      await egress[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}
