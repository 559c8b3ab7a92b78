// Users whom the server may know and this device does not: it is told as soon as it can be.
import type { App } from "./app.ts";
import { SdkError } from "./error.ts";

/** Notes that the server is still to be told that a user is gone. Not to be called in `exclusively`. */
export const noteLeftover = ({ storage, records }: App, profileId: string): Promise<void> =>
  storage.exclusively(async () => {
    const others = (await records.leftovers()).filter((id) => id !== profileId);
    await records.putLeftovers([...others, profileId]);
  });

/** Tells the server that a user is gone, and forgets to do so. Throws what the call throws. */
export async function removeAtServer(
  { device, connection, storage, records }: App,
  profileId: string,
  signal: AbortSignal,
): Promise<void> {
  const { clientAssertion } = await device.prove();
  const headers = { authorization: `Bearer ${clientAssertion}` };
  await connection.call(signal, (call) =>
    connection.services.devices.deleteProfile({ profileId }, { ...call, headers }),
  );
  await storage.exclusively(async () => {
    const ids = await records.leftovers();
    await records.putLeftovers(ids.filter((id) => id !== profileId));
  });
}

/** Tells the server of everybody who is gone. Nothing of it is worth a failure: it is tried again at the next start. */
export async function sweepLeftovers(app: App): Promise<void> {
  try {
    for (const id of await app.records.leftovers()) await removeAtServer(app, id, app.life);
  } catch (error) {
    // The action that is about to begin will meet it, too, if it matters.
    if (!(error instanceof SdkError)) throw error;
  }
}

/**
 * Gives up a user whom this device will not keep and the server has registered, or may have (`isSure` false): then it
 * is told at the next start, since now it may be at work on it. Nothing is thrown: why the user was given up is what
 * the app is to be told.
 */
export async function giveUp(app: App, profileId: string, isSure: boolean): Promise<void> {
  // A note that cannot be kept makes it the more urgent to tell the server now.
  await quietly(noteLeftover(app, profileId));
  if (isSure) await quietly(removeAtServer(app, profileId, app.life));
}

const quietly = (work: Promise<void>): Promise<void> =>
  work.catch((error: unknown) => {
    if (!(error instanceof SdkError)) throw error;
  });
