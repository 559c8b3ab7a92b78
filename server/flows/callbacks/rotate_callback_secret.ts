// A new signing secret for a callback URL.
import type {
  RotateCallbackSecretRequest,
  RotateCallbackSecretResponse,
} from "../../../gen/gatewright/v1/callback.ts";
import { Refusal } from "../../core/refusal.ts";
import { newSigningSecret } from "../../identity/webhook_signature.ts";
import { overtaken } from "../apply_setup.ts";
import { presentSetup, storedAs } from "../setup/present.ts";
import type { World } from "../world.ts";

const kind = "callbacks";

/**
 * Makes a new signing secret for a callback URL and gives it; nothing gives it again. The one before becomes
 * the previous one, with which callbacks are signed as well until receivers know the new one; what was the
 * previous one is forgotten. Throws OBJECT_NOT_FOUND for a URL that is not set up, and OBJECT_CONFLICT when
 * somebody else changed the set-up meanwhile. Source: SEC-62, Standard Webhooks 1.0.
 */
export async function rotateCallbackSecret(
  world: World,
  { url }: RotateCallbackSecretRequest,
  agent: string,
): Promise<RotateCallbackSecretResponse> {
  const { revision, objects } = await presentSetup(world);
  const object = objects.find((one) => one.kind === kind && one.id === url);
  if (!object) throw new Refusal("OBJECT_NOT_FOUND", { kind, id: url });
  const { signing_secret: former, ...others } = object.secrets;
  const signingSecret = newSigningSecret();
  const secrets = {
    ...others,
    signing_secret: signingSecret,
    ...(former !== undefined && { previous_signing_secret: former }),
  };
  const event = { type: "ADMIN_CALLBACK_SECRET_ROTATED", agent, details: { url } } as const;
  const applied = await world.store.configuration.apply(
    revision,
    [storedAs(world, object, secrets)],
    [],
    [],
    world.clock.now(),
    world.events.carried(event, world.origin),
  );
  if (applied === "conflict") throw overtaken();
  await world.refreshConfiguration();
  world.log.info("callback secret made", { author: agent, url });
  return { signingSecret };
}
