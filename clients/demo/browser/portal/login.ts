// Where visitors come in: with their phone, or, the first time, as one of the demo's users.
import { button, make, part, row } from "../elements.ts";
import { hush, show, warn } from "../screen.ts";
import type { Person } from "./calls.ts";
import { calls, Problem } from "./calls.ts";
import type { StateWords } from "./code_panel.ts";
import { codePanel } from "./code_panel.ts";

const words: StateWords = {
  waiting: "Scan the code with the phone on which you are logged in.",
  scanned: "The phone has it. Approve there.",
  approved: "",
  denied: "The phone said no, so nobody was let in. Ask for a new code if that was a slip.",
  stranger: "The phone belongs to somebody whom the portal does not know.",
  expired: "The code is too old. Ask for a new one.",
  failed: "The portal lost sight of the code. Ask for a new one.",
};

/** Shows the way in. Resolves with who came in. */
export function letIn(people: readonly Person[]): Promise<Person> {
  const { promise, resolve } = Promise.withResolvers<Person>();
  const panel = codePanel("log in at the portal");
  part("aside").replaceChildren();

  const enter = async (person: Person): Promise<void> => {
    try {
      await calls.enter(person.id);
      panel.close();
      hush();
      resolve(person);
    } catch (error) {
      warn((error as Problem).message);
    }
  };

  const byPhone = async (): Promise<void> => {
    let id = "";
    hush();
    const begin = async () => {
      const code = await calls.startLogin();
      id = code.id;
      return code;
    };
    const state = await panel.run(begin, words);
    if (state === undefined) return;
    if (state !== "approved") return warn(words[state]);
    try {
      const { person } = await calls.endLogin(id);
      hush();
      resolve(person);
    } catch (error) {
      warn(error instanceof Problem && error.status === 404 ? words.stranger : String(error));
    }
  };

  show(
    "Welcome to the demo portal",
    make(
      "p",
      { class: "lead" },
      "A web site that knows its users by their phones, not by passwords.",
    ),
    make(
      "div",
      { class: "columns" },
      make(
        "section",
        { class: "card", "aria-labelledby": "by-phone" },
        make("h2", { id: "by-phone" }, "Log in with your phone"),
        make("p", {}, "Your phone is registered already: it scans a code and asks you."),
        row(button("Show the login code", () => void byPhone(), "main")),
        panel.element,
      ),
      make(
        "section",
        { class: "card", "aria-labelledby": "first-time" },
        make("h2", { id: "first-time" }, "Here for the first time?"),
        make(
          "p",
          {},
          "In real life a branch office or a letter would stand here. The demo just lets you in, to register a phone.",
        ),
        row(...people.map((person) => button(`Enter as ${person.name}`, () => void enter(person)))),
      ),
    ),
  );
  return promise;
}
