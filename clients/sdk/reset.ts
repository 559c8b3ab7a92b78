// The device forgets everything.
import type { App } from "./app.ts";
import { SdkError } from "./error.ts";

/**
 * Ends the installation at the server, as far as that is reached, and forgets everything on the device whatever the
 * server said and whatever was damaged there. Throws what the storage throws when it cannot be cleared.
 */
export async function reset(
  { device, connection, storage }: App,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { clientAssertion } = await device.prove();
    const headers = { authorization: `Bearer ${clientAssertion}` };
    await connection.call(signal, (call) =>
      connection.services.devices.deleteDevice({}, { ...call, headers }),
    );
  } catch (error) {
    // The server will miss an installation that nobody can prove any more, and nothing else.
    if (!(error instanceof SdkError)) throw error;
  }
  await device.idle();
  await storage.exclusively(() => storage.clear());
  device.forget();
}
