// A phone of the SDK's tests: a client over a storage and a network, and a user who knows what to answer.
import assert from "node:assert/strict";
import { createClient } from "../../../clients/client.ts";
import { assertionOf } from "../../../clients/sdk/assertion.ts";
import type { SdkErrorName } from "../../../clients/sdk/error.ts";
import { SdkError } from "../../../clients/sdk/error.ts";
import { recordsOf } from "../../../clients/sdk/records.ts";
import { memoryStorage } from "../../../clients/sdk/storage/memory.ts";
import type { DeviceStorage } from "../../../clients/sdk/storage.ts";
import type {
  AuthenticationHandler,
  RegistrationHandler,
  SdkOptions,
  UserClient,
  UserProfile,
} from "../../../clients/sdk/types.ts";
import { openUserClient } from "../../../clients/sdk/user_client.ts";
import { webWire } from "../../../clients/web.ts";
import { DeviceServiceDefinition } from "../../../gen/gatewright/v1/device.ts";
import type { TestServer } from "../../support/server.ts";
import type { UsualSetup } from "../../support/usual_setup.ts";
import { letIn, usualSetup } from "../../support/usual_setup.ts";
import type { Network } from "./network.ts";
import { openNetwork } from "./network.ts";

/** The PIN of every user. */
export const pin = "13758";

/** A PIN that no user has. */
export const wrongPin = "86420";

/** A phone with an app on it. */
export interface Phone {
  readonly client: UserClient;
  readonly storage: DeviceStorage;
  readonly network: Network;
  /** Opens another client over the same storage and network. */
  again(options?: Partial<SdkOptions>): UserClient;
}

/** Gives a phone; what is not said is usual. */
export function openPhone(server: TestServer, options: Partial<SdkOptions> = {}): Phone {
  const storage = options.storage ?? memoryStorage();
  const network = openNetwork();
  const again = (more: Partial<SdkOptions> = {}): UserClient =>
    openUserClient({
      issuer: server.issuer,
      application: "app",
      version: "1.0",
      send: network.send,
      ...options,
      ...more,
      storage,
    });
  return { client: again(), storage, network, again };
}

/** A user who registers at the puppet by these data and chooses the usual PIN. */
export const registering = (data: string = letIn("alice")): RegistrationHandler => ({
  onFinish: (challenge) => challenge.respond(data),
  onCreatePin: (challenge) => challenge.respond(pin),
});

/** Registers a user. */
export const registerUser = async (
  { client }: Pick<Phone, "client">,
  user = "alice",
  scopes: readonly string[] = ["read"],
): Promise<UserProfile> =>
  (await client.registerUser(registering(letIn(user)), { identityProvider: "puppet", scopes }))
    .profile;

/** A user who answers each question for the PIN with the next one of these, then cancels. */
export function typing(...pins: string[]): AuthenticationHandler & { readonly asked: number[] } {
  const left = [...pins];
  const asked: number[] = [];
  return {
    asked,
    onPin(challenge) {
      asked.push(challenge.remainingAttempts ?? -1);
      const next = left.shift();
      if (next === undefined) challenge.cancel();
      else challenge.respond(next);
    },
  };
}

/** Asserts that a verb fails with an error of the SDK of this name, and gives the error. */
export async function fails(action: Promise<unknown>, name: SdkErrorName): Promise<SdkError> {
  const error = await action.then(
    (value) => assert.fail(`it came to ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SdkError, String((error as Error)?.stack ?? error));
  assert.equal(error.reason, name, `${error.message} ${String(error.cause)}`);
  return error;
}

/** Ends the installation of a storage at the server, behind the back of its client. */
export async function endInstallation(server: TestServer, storage: DeviceStorage): Promise<void> {
  const { clientId } = (await recordsOf(storage).installation()) ?? { clientId: "" };
  const about = { clientId, audience: server.issuer, now: Date.now() };
  const assertion = await assertionOf(await storage.signingKey(), about);
  const devices = createClient(DeviceServiceDefinition, webWire(server.http));
  await devices.deleteDevice({}, { headers: { authorization: `Bearer ${assertion}` } });
}

/** The usual set-up, with more applications like its first one. */
export async function setupWith(
  ...more: readonly { readonly id: string; readonly [key: string]: unknown }[]
): Promise<UsualSetup> {
  const usual = await usualSetup();
  const [app, ...others] = usual.setup.applications;
  const applications = [app as object, ...more.map((one) => ({ ...app, ...one })), ...others];
  return { ...usual, setup: { ...usual.setup, applications } };
}
