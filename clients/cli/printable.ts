// Texts of strangers on a person's terminal.

// Line feeds may stay. Other controls move the cursor, change what was written or what is typed next;
// bidirectional ones show a text in another order than it has.
const controls = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Gives a text with its control characters, line feeds excepted, as escapes that can be read: what a
 * script logs may come from whoever called it. Source: SEC-78.
 */
export const printable = (text: string): string =>
  text.replace(controls, (control) =>
    control === "\n" ? control : `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
