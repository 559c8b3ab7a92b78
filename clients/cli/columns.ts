// Texts under each other in columns.
import { styleText } from "node:util";
import { printable } from "./printable.ts";

/** A text and how it looks on a terminal. */
export type Cell = string | readonly [text: string, style: Parameters<typeof styleText>[0]];

const textOf = (cell: Cell): string => printable(typeof cell === "string" ? cell : cell[0]);
const gap = "  ";

/**
 * Gives rows as lines whose columns are aligned. Columns whose index is among `right` are aligned to the
 * right. A terminal gets colours, a pipe does not.
 */
export function columnLines(
  rows: readonly (readonly Cell[])[],
  right: readonly number[] = [],
): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, textOf(cell).length);
    }
  }
  return rows.map((row) => {
    const cells = row.map((cell, index) => {
      const text = textOf(cell);
      const space = " ".repeat((widths[index] ?? 0) - text.length);
      const shown = typeof cell === "string" ? text : styleText(cell[1], text);
      return right.includes(index) ? space + shown : shown + space;
    });
    return cells.join(gap).trimEnd();
  });
}
