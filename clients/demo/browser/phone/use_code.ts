// What a scanned code is for: a registration, or something to confirm.
import { part } from "../elements.ts";
import { hush, warn } from "../screen.ts";
import { confirmRequest } from "./confirm.ts";
import { logIn } from "./log_in.ts";
import type { Phone } from "./phone.ts";
import { isRegistrationCode, registerByCode } from "./register.ts";
import { scan } from "./scan.ts";

/** Scans a code and does what it is for. Whoever is not logged in yet does that first, where it is clear who. */
export async function useCode(phone: Phone): Promise<void> {
  hush();
  part("aside").replaceChildren();
  const text = await scan();
  if (text === undefined) return phone.attempt(async () => undefined);
  if (isRegistrationCode(text)) return phone.attempt(() => registerByCode(phone, text));
  if (!phone.client.canHandleOtpMobileAuthRequest(text)) {
    await phone.goHome();
    return warn(
      "This is no code of the portal. Copy the whole text, or take a picture of the code.",
    );
  }
  const [profile, ...others] = await phone.client.userProfiles();
  if (!phone.user && (!profile || others.length > 0)) {
    await phone.goHome();
    return warn(profile ? "Log in first, then scan the code again." : "Register this phone first.");
  }
  return phone.attempt(async () => {
    if (!phone.user && profile) await logIn(phone, profile);
    await confirmRequest(phone, text);
  });
}
