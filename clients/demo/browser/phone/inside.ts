// The phone of a user who is logged in.
import type { Authenticator, UserProfile } from "../../../sdk/types.ts";
import { button, make, part, row } from "../elements.ts";
import { confirmed, say, show } from "../screen.ts";
import { addWay } from "./log_in.ts";
import { nameOf } from "./names.ts";
import type { Phone } from "./phone.ts";
import { useCode } from "./use_code.ts";

function wayLine(phone: Phone, profile: UserProfile, way: Authenticator): HTMLLIElement {
  const { client, pins } = phone;
  const { id, name, type, isRegistered, isPreferred } = way;
  const attempt = (work: () => Promise<unknown>) => () => void phone.attempt(work);
  const add = attempt(() => addWay(phone, way));
  const change = attempt(async () => {
    await client.changePin(pins);
    say("Your PIN is changed.");
  });
  const remove = attempt(async () => {
    await client.deregisterAuthenticator(id);
    say(`${name} is removed.`);
  });
  const prefer = attempt(async () => {
    await client.setPreferredAuthenticator(profile, id);
    say(`${name} is asked first from now on.`);
  });
  const mayPrefer = isRegistered && !isPreferred;
  return make(
    "li",
    {},
    make(
      "div",
      {},
      make("strong", {}, name),
      isPreferred ? make("span", { class: "badge" }, "asked first") : undefined,
    ),
    row(
      mayPrefer ? button("Ask first", prefer, "quiet", `Ask first: ${name}`) : undefined,
      type === "PIN" ? button("Change", change, "plain", `Change ${name}`) : undefined,
      type !== "PIN" && isRegistered
        ? button("Remove", remove, "plain", `Remove ${name}`)
        : undefined,
      isRegistered ? undefined : button("Add", add, "plain", `Add ${name}`),
    ),
  );
}

function confirmations(phone: Phone, isEnrolled: boolean): HTMLElement {
  const turnOn = (): void =>
    void phone.attempt(async () => {
      await phone.client.enrollForMobileAuth();
      say("Portals can ask you here now.");
    });
  return make(
    "section",
    { class: "card", "aria-labelledby": "confirmations" },
    make("h2", { id: "confirmations" }, "Confirmations"),
    make("p", {}, isEnrolled ? "On: portals can ask you at this phone." : "Off on this phone."),
    isEnrolled ? undefined : row(button("Turn on", turnOn, "plain", "Turn on confirmations")),
  );
}

/** Shows the home screen of a user. */
export async function showInside(phone: Phone, profile: UserProfile): Promise<void> {
  const { client } = phone;
  const name = nameOf(profile.profileId);
  const [ways, isEnrolled] = await Promise.all([
    client.authenticators(profile),
    client.isUserEnrolledForMobileAuth(profile),
  ]);
  const leave = (): void =>
    void phone.attempt(async () => {
      await client.logoutUser();
      say("You are logged out.");
    });
  const remove = async (): Promise<void> => {
    const text = "The profile, its PIN and its keys are removed, here and at the server.";
    if (!(await confirmed(`Remove ${name}?`, text, "Remove"))) return;
    await phone.attempt(async () => {
      await client.deregisterUser(profile);
      say(`${name} is removed from this phone.`);
    });
  };
  part("aside").replaceChildren(button("Log out", leave));
  show(
    name,
    make("p", { class: "hint" }, `Profile ${profile.profileId}, logged in`),
    row(button("Scan a code", () => void useCode(phone), "main")),
    make(
      "section",
      { class: "card", "aria-labelledby": "ways" },
      make("h2", { id: "ways" }, "Ways to log in"),
      make("ul", { class: "list" }, ...ways.map((way) => wayLine(phone, profile, way))),
    ),
    confirmations(phone, isEnrolled),
    row(button("Remove from this phone", () => void remove(), "danger")),
  );
}
