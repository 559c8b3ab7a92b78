// What a profile has of an authenticator: the registration in the store, its data opened.
import type { Holding, Registration, RunStep } from "../../authenticators/authenticator.ts";
import type {
  AuthenticatorHolder,
  AuthenticatorRegistration,
} from "../../store/authenticator_registrations.ts";
import type { Profile } from "../../store/profiles.ts";
import type { Client } from "../client.ts";
import type { Know } from "../events/noted.ts";
import { scriptDetails } from "../events/noted.ts";
import { runScript } from "../run_script.ts";
import type { World } from "../world.ts";

const recordOf = (id: string): string => `authenticator_registration/${id}`;

/** Seals what a script wants to see again for its registration; null stays null. Source: SEC-19. */
export const sealData = (world: World, id: string, data: string | null): string | null =>
  data === null ? null : world.identity.sealer.seal(recordOf(id), data);

const registrationOf = (
  world: World,
  { id, sealedData, createdAt }: AuthenticatorRegistration,
): Registration => ({
  id,
  createdAt,
  data: () => (sealedData === null ? null : world.identity.sealer.open(recordOf(id), sealedData)),
});

/** Names the registration of a profile with an authenticator. */
export const holderOf = (profile: Profile, authenticator: string): AuthenticatorHolder => ({
  clientId: profile.clientId,
  profileId: profile.profileId,
  authenticator,
});

/** Gives what a profile has of an authenticator. `kept`: its registrations, when they were read already. */
export function holdingOf(
  world: World,
  profile: Profile,
  authenticator: string,
  kept?: readonly AuthenticatorRegistration[],
): Holding {
  const { authenticatorRegistrations: registrations, profileTokens } = world.store;
  const holder = holderOf(profile, authenticator);
  return {
    profileSince: profile.createdAt,
    async kept() {
      const found = kept
        ? kept.find((registration) => registration.authenticator === authenticator)
        : await registrations.find(holder);
      return found && registrationOf(world, found);
    },
    async drop(id) {
      if (id === undefined) await registrations.remove(holder);
      else await registrations.removeIf(holder, id);
    },
    refreshTokenSince: (tokenType) =>
      profileTokens.refreshableSince({ ...holder, tokenType }, world.clock.now()),
    async revoke(tokenType) {
      await profileTokens.revoke({ ...holder, tokenType }, "deregistered", world.clock.now());
    },
  };
}

/**
 * Gives what runs the scripts of an authenticator for the user of a profile: what a script sees is that
 * user's alone. Source: Extension Engine, writing scripts; SEC-52.
 */
export const runnerOf =
  (
    world: World,
    client: Client,
    profile: Profile,
    authenticator: string,
    know: Know,
    signal: AbortSignal,
  ): RunStep =>
  (step, data, registrationData) => {
    const slot = `authenticators/${authenticator}/${step}`;
    know({ details: scriptDetails(world, slot) });
    const given = { requestPayload: data, userIdentifier: profile.userId, registrationData };
    return runScript(world, client, slot, step, given, signal);
  };
