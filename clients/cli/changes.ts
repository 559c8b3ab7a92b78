// Changes of a set-up as lines for people.
import { styleText } from "node:util";
import type { Change } from "../../gen/gatewright/v1/admin.ts";

const marks: Readonly<Record<string, string>> = {
  added: styleText("green", "+"),
  changed: styleText("yellow", "~"),
  removed: styleText("red", "-"),
};

/** Gives a change as a line: `~ clients portal (api_scopes, secret)`. */
export function changeLine({ action, kind, id, fields }: Change): string {
  const what = action === "changed" && fields.length > 0 ? ` (${fields.join(", ")})` : "";
  return `${marks[action] ?? action} ${kind} ${id}${what}`;
}

/** Gives changes as lines, or says that there are none. */
export const changePage = (changes: readonly Change[]): string =>
  changes.length === 0 ? "nothing to change" : changes.map(changeLine).join("\n");
