// Where a PIN is typed: by the pad, or by a keyboard.
import { button, form, make, row } from "../elements.ts";
import { show, warn } from "../screen.ts";

/** What a PIN is asked for. */
export interface PinQuestion {
  readonly title: string;
  readonly lead: string;
  readonly rules?: readonly string[];
  /** How many digits it has. */
  readonly length: number;
  /** What was wrong with the last one. */
  readonly problem?: string | undefined;
}

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];

/** Shows the pad. Resolves with the digits once their user says so; undefined when the user cancels. */
export function typePin(question: PinQuestion): Promise<string | undefined> {
  const { title, lead, rules = [], length, problem } = question;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const input = make("input", {
    type: "password",
    class: "pin",
    // The pad is there for fingers; a keyboard of the platform would cover it.
    inputmode: "none",
    autocomplete: "off",
    maxlength: String(length),
    "aria-label": `PIN, ${length} digits`,
    "aria-describedby": "pin-lead",
    oninput: () => {
      input.value = input.value.replace(/\D/g, "");
    },
  });
  const type = (digit: string): void => {
    input.value = (input.value + digit).slice(0, length);
  };
  const key = (digit: string): HTMLButtonElement => button(digit, () => type(digit), "plain");
  const drop = (): void => {
    input.value = input.value.slice(0, -1);
  };
  const done = make("button", { class: "main" }, "OK");
  const submit = (): void => {
    if (input.value.length !== length) {
      warn(`The PIN has ${length} digits. Type ${length - input.value.length} more.`);
      input.focus();
      return;
    }
    done.disabled = true;
    done.textContent = "…";
    resolve(input.value);
  };
  const pad = make(
    "div",
    { class: "pad", role: "group", "aria-label": "Digits" },
    ...digits.map(key),
    button("⌫", drop, "quiet", "Delete the last digit"),
    key("0"),
    done,
  );
  show(
    title,
    make("p", { id: "pin-lead", class: "lead" }, lead),
    rules.length > 0
      ? make("ul", { class: "rules" }, ...rules.map((rule) => make("li", {}, rule)))
      : undefined,
    form(submit, input, pad),
    row(button("Cancel", () => resolve(undefined), "quiet")),
  );
  warn(problem ?? "");
  input.focus();
  return promise;
}
