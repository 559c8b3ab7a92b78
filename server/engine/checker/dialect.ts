// Finds every place of a script that is written in the dialect of an older engine.
import { setImmediate } from "node:timers/promises";
import type { Program } from "acorn";
import type { ScriptProblem } from "../script.ts";
import { dialectForms, type Form } from "./dialect_forms.ts";
import { type Edit, originOf, type PatchedText, patch } from "./patched_text.ts";
import { placeAt } from "./place.ts";
import { readScript, type Stop } from "./syntax_tree.ts";

/**
 * What was found in a source. `patched` is the text with JavaScript in the places of `problems`, and
 * `program` its tree, absent when something in it is neither JavaScript nor a form we know. `isWhole`
 * is false when the search had to end at a form that has no end.
 */
export interface Dialect {
  readonly problems: readonly ScriptProblem[];
  readonly patched: PatchedText;
  readonly program?: Program;
  readonly isWhole: boolean;
}

/** The text is read again for each place, so that a hostile one is not read for ever. */
const charactersLimit = 8 * 1024 * 1024;
/** Forms in forms beyond this are not looked into. */
const nestingLimit = 16;

/**
 * Finds the places at which a source is not JavaScript but a dialect, in the order of the source, as
 * far as 8 MiB of reading reach. A backtick that Nashorn would run as a command is a template in
 * JavaScript and is not found. Lets other work of the thread in between. Source: our design.
 */
export const readDialect = async (source: string): Promise<Dialect> => {
  const found: { readonly offset: number; readonly form: Form }[] = [];
  let patched: PatchedText = { text: source, edits: [] };
  const ended = (program?: Program, isWhole = true): Dialect => ({
    problems: found
      .toSorted((one, other) => one.offset - other.offset)
      .map(({ offset, form }) => problemOf(source, offset, form)),
    patched,
    isWhole,
    ...(program === undefined ? {} : { program }),
  });
  for (let left = charactersLimit; left >= 0; ) {
    await setImmediate();
    const read = readScript(patched.text);
    if (read === undefined) return ended();
    if ("program" in read) return ended(read.program);
    const match = recognise(read.stop, 1);
    if (match === undefined) return ended();
    left -= patched.text.length * match.reads;
    found.push({ offset: originOf(patched, match.offset), form: match.form });
    if (match.edits.length === 0) return ended(undefined, false);
    patched = patch(patched, match.edits);
  }
  return ended(undefined, false);
};

interface Match {
  readonly form: Form;
  readonly offset: number;
  readonly edits: readonly Edit[];
  /** How often the text was read to find it. */
  readonly reads: number;
}

/** A form inside of another one is found first; its stop lies further on, so this ends. */
const recognise = (stop: Stop, reads: number): Match | undefined => {
  for (const form of dialectForms) {
    const recognised = form.recognise(stop);
    if (recognised === undefined) continue;
    if (!("tokens" in recognised)) return { form, offset: stop.offset, edits: recognised, reads };
    const isInner = recognised.offset > stop.offset && reads < nestingLimit;
    return isInner ? recognise(recognised, reads + 1) : undefined;
  }
  return undefined;
};

const problemOf = (source: string, offset: number, { message, hint }: Form): ScriptProblem => ({
  code: "syntax",
  message,
  refused: true,
  place: placeAt(source, offset),
  hint,
});
