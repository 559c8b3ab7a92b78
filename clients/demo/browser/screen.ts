// The screen of a page: what is on it, what is said about it, and where the focus is.
import type { Content } from "./elements.ts";
import { button, make, part } from "./elements.ts";

/** Puts a screen in place of the one before. The focus goes to its heading, from where a keyboard goes on. */
export function show(title: string, ...contents: readonly Content[]): void {
  const heading = make("h1", { tabindex: "-1" }, title);
  const screen = part("screen");
  screen.removeAttribute("aria-busy");
  screen.replaceChildren(heading, ...contents.filter((content) => content !== undefined));
  heading.focus({ preventScroll: true });
  globalThis.scrollTo({ top: 0 });
}

/** Says something that went well. Screen readers hear it when they can. */
export function say(text: string): void {
  part("said").replaceChildren(...(text ? [note(text, "said")] : []));
  if (text) part("problem").replaceChildren();
}

/** Says what went wrong and what to do; empty to say nothing more. Screen readers hear it at once. */
export function warn(text: string): void {
  part("problem").replaceChildren(...(text ? [note(text, "problem")] : []));
  if (text) part("said").replaceChildren();
}

/** Takes away what was said before: it would be about something else, or in the way. */
export function hush(): void {
  say("");
  warn("");
}

const note = (text: string, id: string): HTMLElement =>
  make(
    "div",
    { class: "note" },
    make("p", {}, text),
    button("×", () => part(id).replaceChildren(), "quiet", "Close this message"),
  );

/** Asks before something that cannot be undone. */
export function confirmed(title: string, text: string, action: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const end = (answer: boolean): void => {
    resolve(answer);
    dialog.close();
  };
  const dialog = make(
    "dialog",
    { "aria-labelledby": "dialog-title" },
    make("h2", { id: "dialog-title" }, title),
    make("p", {}, text),
    make(
      "div",
      { class: "row" },
      button("Keep it", () => end(false)),
      button(action, () => end(true), "danger"),
    ),
  );
  dialog.addEventListener("close", () => {
    resolve(false);
    dialog.remove();
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
