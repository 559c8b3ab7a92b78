// The phone when nobody is logged in: its users, and how to become one.
import type { Authenticator, UserProfile } from "../../../sdk/types.ts";
import { button, make, part, row } from "../elements.ts";
import { confirmed, say, show } from "../screen.ts";
import { logIn } from "./log_in.ts";
import { nameOf } from "./names.ts";
import type { Phone } from "./phone.ts";
import { registerByChallenge } from "./register.ts";
import { useCode } from "./use_code.ts";

const usualWay: readonly Pick<Authenticator, "id" | "name" | "isPreferred" | "isRegistered">[] = [
  { id: "pin", name: "PIN", isPreferred: true, isRegistered: true },
];

async function userLine(phone: Phone, profile: UserProfile): Promise<HTMLLIElement> {
  const name = nameOf(profile.profileId);
  // Without the server the PIN can still be offered; the login will say what is wrong.
  const all = await phone.client.authenticators(profile).catch(() => usualWay);
  const ways = all
    .filter(({ isRegistered }) => isRegistered)
    .toSorted((one, other) => Number(other.isPreferred) - Number(one.isPreferred));
  const log = (way: string) => () => void phone.attempt(() => logIn(phone, profile, way));
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, name),
      make("p", { class: "hint" }, `Profile ${profile.profileId}`),
    ),
    row(
      ...ways.map((way, at) =>
        button(
          at === 0 ? `Log in with ${way.name}` : way.name,
          log(way.id),
          at === 0 ? "main" : "plain",
          `${name}: log in with ${way.name}`,
        ),
      ),
    ),
  );
}

/** Shows the users of this phone. */
export async function showOutside(phone: Phone): Promise<void> {
  const { client } = phone;
  const profiles = await client.userProfiles();
  const lines = await Promise.all(profiles.map((profile) => userLine(phone, profile)));
  const isEmpty = lines.length === 0;
  const forget = async (): Promise<void> => {
    const text = "All users and keys of this phone are removed, here and at the server.";
    if (!(await confirmed("Forget everything?", text, "Forget everything"))) return;
    await phone.attempt(async () => {
      await client.reset();
      say("This phone is as new.");
    });
  };
  part("aside").replaceChildren();
  show(
    isEmpty ? "A new phone" : "Who are you?",
    isEmpty
      ? make(
          "p",
          { class: "lead" },
          "Nobody is registered here yet. Open the portal, and register this phone.",
        )
      : make("div", { class: "card" }, make("ul", { class: "list" }, ...lines)),
    make(
      "section",
      { class: "card", "aria-labelledby": "register" },
      make("h2", { id: "register" }, isEmpty ? "Register" : "Register another user"),
      row(
        button("Scan a code", () => void useCode(phone), isEmpty ? "main" : "plain"),
        button("Use a challenge", () => void phone.attempt(() => registerByChallenge(phone))),
      ),
    ),
    isEmpty ? undefined : row(button("Forget everything", () => void forget(), "quiet")),
  );
}
