// Reads JavaScript with acorn: gives its tree, or the token at which it stops being JavaScript.
import * as acorn from "acorn";

/** Where parsing stopped: the offset of the offending token, and the tokens before it. */
export interface Stop {
  readonly text: string;
  readonly offset: number;
  readonly tokens: readonly acorn.Token[];
}

/** What came of reading a text; nothing when it is nested too deep to be read. */
export type Read = { readonly program: acorn.Program } | { readonly stop: Stop } | undefined;

const options: acorn.Options = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowHashBang: true,
  preserveParens: true,
};

/** Reads a whole script. Never throws for what the text says. */
export const readScript = (text: string): Read => {
  const tokens: acorn.Token[] = [];
  const read = attempt(text, tokens, () => acorn.parse(text, { ...options, onToken: tokens }));
  if (read === undefined) return undefined;
  return "value" in read ? { program: read.value } : read;
};

/** Gives where the assignment expression that starts at an offset ends, or where reading it stopped. */
export const readExpression = (
  text: string,
  offset: number,
): { readonly end: number } | { readonly stop: Stop } | undefined => {
  const tokens: acorn.Token[] = [];
  const read = attempt(text, tokens, () =>
    acorn.parseExpressionAt(text, offset, { ...options, onToken: tokens }),
  );
  if (read === undefined || "stop" in read) return read;
  const { value } = read;
  const [first] = value.type === "SequenceExpression" ? value.expressions : [value];
  return { end: (first ?? value).end };
};

const attempt = <T>(
  text: string,
  tokens: readonly acorn.Token[],
  read: () => T,
): { readonly value: T } | { readonly stop: Stop } | undefined => {
  try {
    return { value: read() };
  } catch (error) {
    // Acorn recurses: a text that is nested too deep ends the stack.
    if (error instanceof RangeError) return undefined;
    if (!(error instanceof SyntaxError && "pos" in error)) throw error;
    const offset = Number(error.pos);
    // A lone `#` is read before it is refused.
    const isBehind = text.charAt(offset) !== "#" && text.charAt(offset - 1) === "#";
    return { stop: { text, offset: isBehind ? offset - 1 : offset, tokens } };
  }
};
