// Elements of a page, made out of values: text is always text, and never becomes markup.

type Attributes<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Pick<HTMLElementTagNameMap[Tag], "onclick" | "onsubmit" | "oninput">
> & { readonly [name: string]: unknown };

/** What stands inside an element; nothing for what is undefined. */
export type Content = Node | string | undefined;

/** Makes an element. Attributes that are undefined or false are left out; those that are functions are listeners. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes<Tag>,
  ...contents: readonly Content[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") Object.assign(element, { [name]: value });
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...contents.filter((content) => content !== undefined));
  return element;
}

/** Gives the element of the page's HTML with an id. */
export function part(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/** How a button looks. */
export type ButtonKind = "main" | "plain" | "danger" | "quiet";

/** Makes a button. `label`: what it is called for who cannot see what it stands beside. */
export const button = (
  text: string,
  onclick: () => void,
  kind: ButtonKind = "plain",
  label?: string,
): HTMLButtonElement =>
  make("button", { type: "button", class: kind, onclick, "aria-label": label }, text);

/** A form with one action: Enter and the button do the same. */
export function form(onsubmit: () => void, ...contents: readonly Content[]): HTMLFormElement {
  const submitted = (event: Event): void => {
    event.preventDefault();
    onsubmit();
  };
  return make("form", { novalidate: true, onsubmit: submitted }, ...contents);
}

let fields = 0;

/** Makes a labelled field. `hint` is read with it. */
export function field<Control extends HTMLElement>(
  label: string,
  control: Control,
  hint?: string,
): HTMLDivElement {
  fields += 1;
  const id = `field-${fields}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return make(
    "div",
    { class: "field" },
    make("label", { for: id }, label),
    control,
    hint ? make("p", { id: `${id}-hint`, class: "hint" }, hint) : undefined,
  );
}

/** Makes a row of buttons. */
export const row = (...buttons: readonly Content[]): HTMLDivElement =>
  make("div", { class: "row" }, ...buttons);

/**
 * Puts the lines of a list in place of those before, when it is about something else than before: lines that stay keep
 * the focus of a keyboard. `none`: stands in for an empty list.
 */
export function fill<T>(
  list: HTMLElement,
  items: readonly T[],
  none: string,
  lineOf: (item: T) => HTMLLIElement,
): void {
  const about = JSON.stringify(items);
  if (list.dataset.about === about) return;
  list.dataset.about = about;
  const lines = items.map(lineOf);
  list.replaceChildren(...(lines.length > 0 ? lines : [make("li", { class: "none" }, none)]));
}

const times = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** Makes a time that people read. `at`: milliseconds since the epoch. */
export const time = (at: number): HTMLTimeElement =>
  make("time", { datetime: new Date(at).toISOString() }, times.format(at));
