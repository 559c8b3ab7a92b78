// The server rejects the installation: is it the clock, the network, or the end?
import { SdkError } from "./error.ts";
import type { Installation } from "./installation.ts";
import { askConfiguration } from "./installation.ts";
import { reasonOf, sdkErrorOf } from "./refusals.ts";

// Source: D-66.
const skewLimitMs = 60_000;

const rejections: ReadonlySet<string | undefined> = new Set([
  "CLIENT_AUTHENTICATION_FAILED",
  "CLIENT_CREDENTIALS_REJECTED",
]);

/** Whether an error says that the server rejected the installation. */
export const isRejection = (error: SdkError): boolean => rejections.has(reasonOf(error));

/** Gives the error of a clock that is wrong by the last answer; undefined when it is not, or nobody knows. */
const wrongClock = ({ connection }: Installation, cause: unknown): SdkError | undefined =>
  Math.abs(connection.aheadMs() ?? 0) > skewLimitMs
    ? new SdkError("INVALID_DATETIME", "The clock of the device is wrong.", { cause })
    : undefined;

/** Gives how it fails when the installation is to prove itself once more; undefined when it does not. */
async function failureNow(installation: Installation): Promise<SdkError | undefined> {
  try {
    await askConfiguration(installation);
    return undefined;
  } catch (error) {
    return sdkErrorOf(error);
  }
}

/**
 * Gives what a rejection comes to. A clock that is more than a minute off is INVALID_DATETIME. Otherwise the server is
 * asked once more, since a request that a network sent twice is rejected, too; and only when it rejects again
 * everything on the device is forgotten: DEVICE_DEREGISTERED. Not to be called in `exclusively`. Source: D-66.
 */
export async function judgeRejection(
  installation: Installation,
  rejection: SdkError,
): Promise<SdkError> {
  const { records, options } = installation;
  const isClock = wrongClock(installation, rejection);
  if (isClock) return isClock;
  const rejected = await records.installation();
  const again = await failureNow(installation);
  if (!again) {
    return new SdkError("SERVER_NOT_REACHABLE", "The answer was lost.", { cause: rejection });
  }
  if (!isRejection(again)) return again;
  const isClockNow = wrongClock(installation, again);
  if (isClockNow) return isClockNow;
  await options.storage.exclusively(async () => {
    // Another process of the app may have begun anew meanwhile.
    const present = await records.installation();
    if (present?.clientId === rejected?.clientId) await options.storage.clear();
  });
  return again;
}
