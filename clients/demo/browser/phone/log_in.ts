// A registered user logs in, and a way to log in is added.
import type { Authenticator, UserProfile } from "../../../sdk/types.ts";
import { say } from "../screen.ts";
import type { Phone } from "./phone.ts";
import { busy } from "./phone.ts";
import { askCard, askFinger } from "./ways_in.ts";

/** Logs a user in, with the preferred authenticator unless another is named. */
export async function logIn(
  { client, pins }: Phone,
  profile: UserProfile,
  authenticator?: string,
): Promise<void> {
  busy("Logging in");
  const handler = {
    onPin: pins.onPin,
    onBiometric: (challenge: Parameters<typeof askFinger>[0]) => askFinger(challenge, true),
    onCustom: (challenge: Parameters<typeof askCard>[0]) => askCard(challenge, true),
  };
  await client.authenticateUser(profile, handler, { authenticator });
  say("You are logged in.");
}

/** Adds a way to log in for the user who is logged in. */
export async function addWay({ client, pins }: Phone, { id, name }: Authenticator): Promise<void> {
  busy(`Adding ${name}`);
  await client.registerAuthenticator(id, {
    onPin: pins.onPin,
    onBiometric: (challenge) => askFinger(challenge, false),
    onCustom: (challenge) => askCard(challenge, false),
  });
  say(`You can log in with ${name} now.`);
}
