// The syntax of Nashorn and Rhino that is not JavaScript: how each form is known, and what to write.
import { type Token, tokenizer, tokTypes } from "acorn";
import type { Edit } from "./patched_text.ts";
import { readExpression, type Stop } from "./syntax_tree.ts";

/**
 * What a form makes of the token at which parsing stopped: edits that turn it into JavaScript which
 * holds the same names, none when it can only be named; an earlier stop inside of it; or undefined
 * when it is not this form.
 */
export type Recognised = readonly Edit[] | Stop | undefined;

/** One form of the old dialects. */
export interface Form {
  readonly message: string;
  readonly hint: string;
  recognise(stop: Stop): Recognised;
}

const isWord = ({ text, offset }: Stop, word: string): boolean =>
  text.startsWith(word, offset) && !/[\w$]/.test(text.charAt(offset + word.length));

/** The token `back` places before the stop. */
const before = ({ tokens }: Stop, back = 1): Token | undefined => tokens[tokens.length - back];

/** The index of the parenthesis that opens what the last token closes. */
const opening = (tokens: readonly Token[], last: number): number => {
  let depth = 0;
  for (let at = last; at >= 0; at--) {
    const type = tokens[at]?.type;
    if (type === tokTypes.parenR) depth++;
    if (type === tokTypes.parenL && --depth === 0) return at;
  }
  return -1;
};

const forEach: Form = {
  message: "`for each` is not JavaScript",
  hint: "`for each (x in list)` is written `for (const x of list)`, or `of Object.values(object)`",
  recognise(stop) {
    if (!isWord(stop, "each") || before(stop)?.type !== tokTypes._for) return undefined;
    return [{ from: stop.offset, to: stop.offset + "each".length, insert: "" }];
  },
};

const conditionalCatch: Form = {
  message: "a `catch` has no condition in JavaScript",
  hint: "instead of a conditional catch, test the error inside of one catch and throw it on otherwise",
  recognise(stop) {
    const name = before(stop);
    const isCatch =
      before(stop, 2)?.type === tokTypes.parenL && before(stop, 3)?.type === tokTypes._catch;
    if (name === undefined || !isCatch || !isWord(stop, "if")) return undefined;
    const conditionAt = stop.offset + "if".length;
    const condition = readExpression(stop.text, conditionAt);
    if (condition === undefined || "stop" in condition) return condition?.stop;
    // A default value of a pattern is a place where the condition can stay.
    return [
      { from: name.start, to: name.start, insert: "{" },
      { from: stop.offset, to: conditionAt, insert: "=(" },
      { from: condition.end, to: condition.end, insert: ")}" },
    ];
  },
};

const secondCatch: Form = {
  message: "a `try` has one `catch` in JavaScript",
  hint: "instead of a conditional catch, test the error inside of one catch and throw it on otherwise",
  recognise(stop) {
    if (!isWord(stop, "catch") || before(stop)?.type !== tokTypes.braceR) return undefined;
    return [{ from: stop.offset, to: stop.offset, insert: ";try{}" }];
  },
};

const expressionClosure: Form = {
  message: "a function has its body in braces in JavaScript",
  hint: "a function without braces is written `function (x) { return ...; }` or `(x) => ...`",
  recognise(stop) {
    const { tokens } = stop;
    if (before(stop)?.type !== tokTypes.parenR) return undefined;
    const open = opening(tokens, tokens.length - 1);
    const heads = [tokens[open - 1], tokens[open - 2]].map((token) => token?.type);
    const isNamed = heads[0] === tokTypes.name && heads[1] === tokTypes._function;
    if (heads[0] !== tokTypes._function && !isNamed) return undefined;
    const body = readExpression(stop.text, stop.offset);
    if (body === undefined || "stop" in body) return body?.stop;
    return [
      { from: stop.offset, to: stop.offset, insert: "{return " },
      { from: body.end, to: body.end, insert: "}" },
    ];
  },
};

const anonymousClass: Form = {
  message: "`new` takes no class body in JavaScript",
  hint: "`new Type() { ... }` is written `new Type({ ... })`, or `Java.extend(Type, { ... })`",
  recognise(stop) {
    const { text, offset, tokens } = stop;
    if (text.charAt(offset) !== "{") return undefined;
    const last = tokens.length - 1;
    let at = tokens[last]?.type === tokTypes.parenR ? opening(tokens, last) - 1 : last;
    while (tokens[at]?.type === tokTypes.name || tokens[at]?.type === tokTypes.dot) at--;
    if (at === last || tokens[at]?.type !== tokTypes._new) return undefined;
    return [{ from: offset, to: offset, insert: "||" }];
  },
};

const heredoc: Form = {
  message: "a here-document is not JavaScript",
  hint: "text of several lines is written between backticks",
  recognise({ text, offset }) {
    const [start, word] = /^<<<?([A-Za-z_$][\w$]*)/.exec(text.slice(offset, offset + 256)) ?? [];
    if (start === undefined || word === undefined) return undefined;
    const bodyAt = text.indexOf("\n", offset);
    const lines = bodyAt < 0 ? [] : text.slice(bodyAt + 1).split("\n");
    const last = lines.findIndex((line) => line.trimStart().startsWith(word));
    if (last < 0) return [];
    const body = lines.slice(0, last).reduce((length, line) => length + line.length + 1, 0);
    const end = bodyAt + 1 + body + (lines[last] ?? "").indexOf(word) + word.length;
    return [
      { from: offset, to: offset + start.length, insert: '""' },
      { from: bodyAt, to: end, insert: "" },
    ];
  },
};

const hashComment: Form = {
  message: "`#` starts no comment in JavaScript",
  hint: "a comment starts with `//`",
  recognise({ text, offset }) {
    if (text.charAt(offset) !== "#" || /[\w$.]/.test(text.charAt(offset - 1))) return undefined;
    return [{ from: offset, to: offset + 1, insert: "//" }];
  },
};

/** Where the element or comment ends that starts at an offset. */
const xmlEnd = (text: string, offset: number): number | undefined => {
  let depth = 0;
  for (let start = offset; start >= 0; ) {
    const isComment = text.startsWith("<!--", start);
    const mark = isComment ? "-->" : ">";
    const end = text.indexOf(mark, start);
    if (end < 0) return undefined;
    const isEmpty = isComment || text.charAt(end - 1) === "/";
    if (!isEmpty) depth += text.charAt(start + 1) === "/" ? -1 : 1;
    if (depth <= 0) return end + mark.length;
    start = text.indexOf("<", end);
  }
  return undefined;
};

const xmlLiteral: Form = {
  message: "XML is no value in JavaScript",
  hint: "XML (E4X) is written as text; there is no XML parser",
  recognise({ text, offset }) {
    if (!/^<[A-Za-z_>!]/.test(text.slice(offset, offset + 2))) return undefined;
    const end = xmlEnd(text, offset);
    return end === undefined ? [] : [{ from: offset, to: end, insert: '""' }];
  },
};

const xmlAttribute: Form = {
  message: "`@` names no attribute in JavaScript",
  hint: "XML (E4X) is not available; there is no XML parser",
  recognise({ text, offset }) {
    if (text.charAt(offset) !== "@") return undefined;
    return [{ from: offset, to: offset + 1, insert: "$" }];
  },
};

/** How far into a text the bracket stands that closes a list which is open at its start. */
const listEnd = (text: string): number | undefined => {
  let depth = 0;
  try {
    for (const { type, start } of tokenizer(text, { ecmaVersion: "latest" })) {
      if (type === tokTypes.bracketL) depth++;
      if (type === tokTypes.bracketR && --depth < 0) return start;
    }
  } catch {
    // What is not even tokens has no end that could be found.
  }
  return undefined;
};

const comprehension: Form = {
  message: "an array comprehension is not JavaScript",
  hint: "`[f(x) for (x in list)]` is written `list.map((x) => f(x))`",
  recognise(stop) {
    const { text, offset, tokens } = stop;
    const type = before(stop)?.type;
    const isBetween = type === tokTypes.semi || type === tokTypes.braceR;
    const isList = tokens.some((token) => token.type === tokTypes.bracketL);
    if (!isWord(stop, "for") || isBetween || !isList) return undefined;
    const end = listEnd(text.slice(offset));
    return end === undefined ? [] : [{ from: offset, to: offset + end, insert: "" }];
  },
};

/** Every form, in the order in which they are tried. */
export const dialectForms: readonly Form[] = [
  forEach,
  conditionalCatch,
  secondCatch,
  expressionClosure,
  anonymousClass,
  heredoc,
  hashComment,
  xmlLiteral,
  xmlAttribute,
  comprehension,
];
