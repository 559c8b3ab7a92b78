// A transfer of money, which happens only when the user approves it on the phone.
import { field, form, make, row } from "../elements.ts";
import { say, warn } from "../screen.ts";
import { calls } from "./calls.ts";
import type { StateWords } from "./code_panel.ts";
import { codePanel } from "./code_panel.ts";
import type { Attempt, Section } from "./section.ts";

const words: StateWords = {
  waiting: "Scan the code with your phone, and compare what it says.",
  scanned: "Your phone has it. Approve or deny there.",
  approved: "",
  denied: "You denied it on the phone. Nothing was transferred.",
  stranger: "Somebody else approved it. Nothing was transferred: use your own phone.",
  expired: "Nobody answered in time. Nothing was transferred; send it again.",
  failed: "The portal lost sight of it. Nothing was transferred; send it again.",
};

/** Makes the section. */
export function transferSection(attempt: Attempt): Section {
  const to = make("input", { autocomplete: "off", maxlength: "60", required: true });
  const amount = make("input", { inputmode: "decimal", autocomplete: "off", required: true });
  const panel = codePanel("approve the transfer");

  const send = async (): Promise<void> => {
    let message = "";
    const begin = async () => {
      const code = await calls.transfer(to.value, amount.value.replace(",", "."));
      message = code.message;
      return code;
    };
    const state = await panel.run(begin, words);
    if (state === undefined) return;
    if (state !== "approved") return warn(words[state]);
    say(`Done: ${message.replace("?", "")} is approved.`);
    to.value = "";
    amount.value = "";
  };

  const element = make(
    "section",
    { class: "card", "aria-labelledby": "transfer" },
    make("h2", { id: "transfer" }, "Transfer money"),
    form(
      () => void attempt(send),
      field("To", to, "Somebody, such as Corner Bakery."),
      field("Amount in EUR", amount, "Up to 10,000."),
      row(make("button", { class: "main" }, "Send, and approve on the phone")),
    ),
    panel.element,
  );
  return { element, refresh: async () => undefined, close: panel.close };
}
