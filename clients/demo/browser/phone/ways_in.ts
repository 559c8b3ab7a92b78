// How the phone answers the SDK's questions for a finger and for a card.
import type { BiometricChallenge, CustomAuthenticatorChallenge } from "../../../sdk/types.ts";
import { button, make, row } from "../elements.ts";
import { show, warn } from "../screen.ts";
import { wordsFor } from "./words.ts";

/** The cards that lie about; the number is written on a card, the key comes out of its chip. */
const cards = [
  { name: "Blue card", card: "40712233", seal: "Yk4tQ0dBbHVlY2FyZHNlYQ" },
  { name: "Red card", card: "58190064", seal: "UmVkY2FyZHNlYWxvZmRlbQ" },
] as const;

/** Asks for the finger. The first time at once; after a wrong one the user chooses how to go on. */
export function askFinger(challenge: BiometricChallenge, hasPin: boolean): void {
  if (!challenge.error) {
    challenge.respond();
    return;
  }
  show(
    "Your finger",
    make("p", { class: "lead" }, "Only a finger that this phone knows unlocks your login."),
    row(
      button("Try again", () => challenge.respond(), "main"),
      hasPin ? button("Use the PIN", () => challenge.fallBackToPin()) : undefined,
      button("Cancel", () => challenge.cancel(), "quiet"),
    ),
  );
  warn(wordsFor(challenge.error) ?? "");
}

/** Asks for a card. `hasPin`: whether the PIN may be used in its place. */
export function askCard(challenge: CustomAuthenticatorChallenge, hasPin: boolean): void {
  const hold = (card: (typeof cards)[number]): void =>
    challenge.respond(JSON.stringify({ card: card.card, seal: card.seal }));
  show(
    `Hold your ${challenge.authenticator.name} to the phone`,
    make("p", { class: "lead" }, "This phone only plays a reader: choose the card that you hold."),
    make(
      "div",
      { class: "cards" },
      ...cards.map((card) =>
        make(
          "button",
          {
            type: "button",
            class: `chip ${card.name.split(" ")[0]?.toLowerCase()}`,
            onclick: () => hold(card),
          },
          make("strong", {}, card.name),
          make("span", {}, card.card),
        ),
      ),
    ),
    row(
      hasPin ? button("Use the PIN", () => challenge.fallBackToPin()) : undefined,
      button("Cancel", () => challenge.cancel(), "quiet"),
    ),
  );
  warn(
    challenge.error
      ? "This is not the card that you registered. Hold the right one to the phone."
      : "",
  );
}
