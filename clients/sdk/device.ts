// The device of an app: started once for everybody who needs it, and forgotten when the server does not know it.
import { demandGoing, orCanceled } from "./challenge.ts";
import { SdkError } from "./error.ts";
import type { Configuration, Installation, Proof } from "./installation.ts";
import { askConfiguration, establish, prove } from "./installation.ts";
import { isRejection, judgeRejection } from "./rejection.ts";

/** The device of an app. */
export interface Device {
  /**
   * Registers the installation at the first start, tells the server what changed at later ones, and gets what it
   * offers. Starts that are asked for at the same time are one, which goes on when one of them is cancelled. Throws
   * OUTDATED_APP for a version that is disabled, DEVICE_REGISTRATION_ERROR when the server does not take it.
   */
  start(signal: AbortSignal): Promise<Configuration>;
  /** Gives what the last start got; starts when there was none. */
  configuration(signal: AbortSignal): Promise<Configuration>;
  /** Gives a proof of the installation for one call. Throws DEVICE_DEREGISTERED when there is none. */
  prove(): Promise<Proof>;
  /**
   * Has the last word on how an action failed: a rejected installation is what `judgeRejection` makes of it. Not to be
   * called in `exclusively`.
   */
  judge(error: SdkError): Promise<SdkError>;
  /** Forgets what is kept in memory. */
  forget(): void;
  /** Resolves when no start is under way. */
  idle(): Promise<void>;
}

/** Whom a device tells what happens to it. */
export interface Witness {
  /** At the end of each start. */
  onStart(): Promise<void>;
  /** When everything is forgotten. */
  onWipe(): void;
}

/** Gives the device of an installation. */
export function openDevice(installation: Installation, { onStart, onWipe }: Witness): Device {
  let configuration: Configuration | undefined;
  let starting: Promise<Configuration> | undefined;

  async function begin(): Promise<Configuration> {
    configuration = undefined;
    await establish(installation);
    const got = await askConfiguration(installation);
    if (got.versionStatus === "DISABLED") {
      throw new SdkError("OUTDATED_APP", "This version of the app may no longer be used.");
    }
    configuration = got;
    await onStart();
    return got;
  }

  async function start(signal: AbortSignal): Promise<Configuration> {
    demandGoing(signal);
    starting ??= begin().finally(() => {
      starting = undefined;
    });
    return orCanceled(starting, signal);
  }

  function forget(): void {
    configuration = undefined;
    onWipe();
  }

  return {
    start,
    configuration: async (signal) => configuration ?? start(signal),
    prove: () => prove(installation),
    async judge(error) {
      const judged = isRejection(error) ? await judgeRejection(installation, error) : error;
      // It may be another process's doing, and known to this one only now.
      if (judged.reason === "DEVICE_DEREGISTERED") forget();
      return judged;
    },
    forget,
    async idle() {
      await starting?.catch(() => undefined);
    },
  };
}
