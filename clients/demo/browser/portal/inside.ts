// The portal for a user who is logged in: devices, a transfer, the activity.
import { button, make, part } from "../elements.ts";
import { hush, say, show, warn } from "../screen.ts";
import { activitySection } from "./activity.ts";
import type { Person } from "./calls.ts";
import { calls, Problem } from "./calls.ts";
import { devicesSection } from "./devices.ts";
import type { Attempt } from "./section.ts";
import { transferSection } from "./transfer.ts";

/** Shows the inside. Resolves when the user is logged out. */
export function stayInside(person: Person): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();

  const end = (): void => {
    for (const section of sections) section.close();
    globalThis.removeEventListener("focus", look);
    resolve();
  };
  const told = (error: unknown): void => {
    if (error instanceof Problem && error.status === 401) end();
    const isSaid = error instanceof Problem;
    warn(isSaid ? error.message : "That did not work. Load the page again.");
  };
  const refresh = (): Promise<void> =>
    Promise.all(sections.map((section) => section.refresh())).then(() => undefined, told);
  const attempt: Attempt = async (work) => {
    hush();
    try {
      await work();
    } catch (error) {
      told(error);
    }
    await refresh();
  };
  const sections = [devicesSection, transferSection, activitySection].map((make) => make(attempt));
  const look = (): void => void refresh();
  const leave = async (): Promise<void> => {
    await calls.leave().catch(told);
    say("You are logged out.");
    end();
  };

  part("aside").replaceChildren(
    make("span", { class: "person" }, person.name),
    button("Log out", () => void leave()),
  );
  show(
    `Good day, ${person.name.split(" ")[0]}`,
    make("div", { class: "columns" }, ...sections.map(({ element }) => element)),
  );
  globalThis.addEventListener("focus", look);
  look();
  return promise;
}
