// A code that a phone scans: the picture, its text for phones without a camera, and what becomes of it.
import { button, field, make, row } from "../elements.ts";
import { warn } from "../screen.ts";
import type { Code, CodeState } from "./calls.ts";
import { calls, Problem } from "./calls.ts";

/** What a panel says in each state, and whether that is the end. */
export type StateWords = Readonly<Record<CodeState, string>>;

/** A panel for one code at a time. */
export interface CodePanel {
  readonly element: HTMLElement;
  /** Shows a code and resolves with how it ended; undefined when the panel was closed first. */
  run(begin: () => Promise<Code>, words: StateWords): Promise<CodeState | undefined>;
  close(): void;
}

const going: ReadonlySet<CodeState> = new Set(["waiting", "scanned"]);

function pictureOf(
  code: Code,
  what: string,
  status: HTMLElement,
  close: () => void,
): HTMLElement[] {
  const text = make("textarea", { readonly: true, rows: "3", spellcheck: "false" });
  text.value = code.text;
  const copy = async (): Promise<void> => {
    text.select();
    try {
      await navigator.clipboard.writeText(code.text);
      status.textContent = "The text is copied. Paste it into the phone.";
    } catch {
      status.textContent = "The text is selected: press Ctrl+C, then paste it into the phone.";
    }
  };
  return [
    make("img", {
      src: `codes/${code.id}`,
      alt: `QR code: ${what}`,
      width: "260",
      height: "260",
      class: "code",
    }),
    status,
    make(
      "details",
      {},
      make("summary", {}, "No camera? Use the text of the code"),
      field("Text of the code", text),
      row(button("Copy the text", () => void copy())),
    ),
    row(button("Cancel", close, "quiet", `Cancel: ${what}`)),
  ];
}

/** Makes an empty panel. `what`: what the code is for. */
export function codePanel(what: string): CodePanel {
  const element = make("div", { class: "panel" });
  let current: AbortController | undefined;

  function close(): void {
    current?.abort();
    current = undefined;
    element.replaceChildren();
  }

  async function follow(code: Code, status: HTMLElement, words: StateWords, signal: AbortSignal) {
    let { state } = code;
    while (going.has(state)) {
      status.textContent = words[state];
      ({ state } = await calls.change(code.id, state, signal));
    }
    return state;
  }

  return {
    element,
    close,
    async run(begin, words) {
      close();
      const mine = new AbortController();
      current = mine;
      try {
        const code = await begin();
        if (mine.signal.aborted) return undefined;
        const status = make("p", { role: "status", class: "state" });
        element.replaceChildren(...pictureOf(code, what, status, close));
        const state = await follow(code, status, words, mine.signal);
        element.replaceChildren();
        return state;
      } catch (error) {
        if (mine.signal.aborted) return undefined;
        close();
        warn(error instanceof Problem ? error.message : "That did not work. Load the page again.");
        return undefined;
      }
    },
  };
}
