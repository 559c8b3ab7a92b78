// What a portal asks, and the user's answer.
import type { MobileAuthRequest } from "../../../sdk/types.ts";
import { button, make, row } from "../elements.ts";
import { say, show, warn } from "../screen.ts";
import { nameOf } from "./names.ts";
import type { Phone } from "./phone.ts";
import { busy } from "./phone.ts";

const titles: Readonly<Record<string, string>> = {
  "portal-login": "Is it you who logs in?",
  transfer: "Do you approve this transfer?",
};

function answer({ type, message, profile }: MobileAuthRequest): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const end = (isConfirmed: boolean): void => {
    busy("Sending your answer");
    resolve(isConfirmed);
  };
  show(
    titles[type] ?? "Do you approve this?",
    make("p", { class: "message" }, message),
    make(
      "p",
      { class: "hint" },
      `You answer as ${nameOf(profile.profileId)}. The message was signed by the server for this phone alone.`,
    ),
    row(
      button("Approve", () => end(true), "main"),
      button("Deny", () => end(false), "danger"),
    ),
  );
  warn("");
  return promise;
}

/** Fetches what the code of a portal asks, shows it, and sends the answer. */
export async function confirmRequest({ client }: Phone, text: string): Promise<void> {
  busy("Fetching the message");
  const { isConfirmed } = await client.handleOtpMobileAuthRequest(text, {
    onConfirmation: async ({ request, respond }) => respond(await answer(request)),
  });
  say(isConfirmed ? "You approved. The portal knows." : "You denied. The portal knows.");
}
