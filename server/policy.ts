// What the settings decide: in the flows, and in the engine.
import { availableParallelism } from "node:os";
import type { Settings } from "../gen/gatewright/v1/settings.ts";
import { durationMs, milliseconds } from "./core/clock.ts";
import { defaultLimits } from "./engine/limits.ts";
import type { EngineSettings } from "./engine/message.ts";
import type { Configuration } from "./flows/configuration.ts";
import type { Policy } from "./flows/world.ts";

/** What the policy is read from. */
interface Decided {
  readonly settings: Settings;
  /** Gives the issuer, which is known only once the public listener has its port. */
  readonly issuer: () => string;
}

const hour = 3_600_000;

/** Gives what decides in the flows. */
export const policyOf = ({ settings, issuer }: Decided): Policy => ({
  get issuer() {
    return issuer();
  },
  transactionTtl: settings.transactionTtl ? durationMs(settings.transactionTtl) : milliseconds(0),
  transactionTries: settings.transactionTries,
  registrationsPerHour: settings.rateLimits ? settings.registrationsPerHour : undefined,
  // As long as answers of the key set may be cached, and a day beyond the longest ID token.
  keyAnnouncement: milliseconds(5 * 60_000),
  keyRetention: milliseconds(48 * hour),
  executionsAge: settings.executionsAge ? durationMs(settings.executionsAge) : milliseconds(0),
  executionsKept: settings.executionsKept,
  eventsAge: settings.eventsAge ? durationMs(settings.eventsAge) : milliseconds(0),
  secureMessageBytes: settings.secureMessage,
  resultAge: settings.resultAge ? durationMs(settings.resultAge) : milliseconds(0),
  callbacksAge: settings.callbacksAge ? durationMs(settings.callbacksAge) : milliseconds(0),
});

/** Gives how many workers the engine has, what runs may cost, and whether they are recorded. */
export const engineSettings = (settings: Settings) => ({
  workers: settings.workers || availableParallelism(),
  recording: settings.recording,
  limits: {
    ...defaultLimits,
    ...(settings.scriptCpu && { cpuMs: durationMs(settings.scriptCpu) }),
    ...(settings.scriptDeadline && { deadlineMs: durationMs(settings.scriptDeadline) }),
    memoryBytes: settings.scriptMemory * 1024 * 1024,
  },
});

/** Gives what of a configuration the scripts see, under what they may cost. */
export const scriptSettings = (
  { limits, recording }: Pick<EngineSettings, "limits" | "recording">,
  { properties, egress }: Configuration,
): EngineSettings => ({
  limits,
  recording,
  properties: new Map(
    [...properties.values()].map(({ id, value = "", sensitive = false }) => [
      id,
      { value, sensitive },
    ]),
  ),
  egress,
});
