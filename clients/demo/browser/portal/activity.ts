// What happened about the user, as the events of the token server tell it.
import { button, fill, make, row, time } from "../elements.ts";
import { calls } from "./calls.ts";
import type { Attempt, Section } from "./section.ts";

/** Makes the section. */
export function activitySection(attempt: Attempt): Section {
  const list = make("ol", { class: "list events" });
  const refresh = async (): Promise<void> => {
    fill(list, await calls.activity(), "Nothing yet.", ({ name, at }) =>
      make("li", {}, make("span", {}, name), make("span", { class: "hint" }, time(at))),
    );
  };
  const element = make(
    "section",
    { class: "card wide", "aria-labelledby": "activity" },
    make("h2", { id: "activity" }, "Activity"),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Activity" }, list),
    row(button("Look again", () => void attempt(async () => undefined))),
  );
  return { element, refresh, close: () => undefined };
}
