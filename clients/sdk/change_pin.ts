// A user chooses another PIN.
import type { App } from "./app.ts";
import { recordOf } from "./app.ts";
import { demandGoing } from "./challenge.ts";
import { createPin } from "./create_pin.ts";
import { lock } from "./pin_lock.ts";
import type { ChangePinHandler, UserProfile } from "./types.ts";
import type { Proven } from "./unlock.ts";
import { askPin, logInWithPin } from "./unlock.ts";

/**
 * Changes the PIN of the user who is logged in: the old one has to prove itself by a login, then the refresh token that
 * came of it is locked by the new one. The old PIN counts until the record with the new one is written, in one step, so
 * an action that ends anywhere leaves one of both. Throws USER_NOT_AUTHENTICATED, STATELESS_USER_NOT_ALLOWED,
 * INVALID_PIN when another process of the app changed the PIN meanwhile, and what a login with the PIN throws.
 * Source: D-42, D-62.
 */
export async function changePin(
  app: App,
  handler: ChangePinHandler,
  signal: AbortSignal,
): Promise<void> {
  const { profile } = app.session.demand();
  const configuration = await app.device.configuration(signal);
  const { pin, proven } = await askPin(app, profile, handler, signal);
  const chosen = await createPin(profile, configuration, signal, (challenge) =>
    handler.onCreatePin(challenge),
  );
  let held = proven;
  while (!(await relock(app, profile, held, chosen, signal))) {
    // Another process of the app logged in meanwhile; whether the old PIN still holds is for the server to say.
    held = await logInWithPin(app, profile, pin, signal);
  }
}

/** Locks the refresh token by another PIN. False, and nothing is done, when the record has another one by now. */
const relock = (
  app: App,
  { profileId }: UserProfile,
  held: Proven,
  pin: string,
  signal: AbortSignal,
): Promise<boolean> =>
  app.storage.exclusively(async () => {
    demandGoing(signal);
    const record = await recordOf(app, profileId);
    if (record.pin !== held.locked) return false;
    const locked = await lock(app.storage, held.refreshToken, pin);
    await app.records.putProfile({ ...record, pin: locked });
    return true;
  });
