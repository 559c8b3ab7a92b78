// Rows of expressions of the guest and their values, as tests.
import assert from "node:assert/strict";
import type { Engine } from "../../../server/engine/engine.ts";
import { evaluate, testEngine } from "./engine.ts";

/** Expressions and what they give, carried out as JSON. */
export type Rows = readonly (readonly [expression: string, expected: unknown])[];

/** The expression of a row about what is thrown: its text in Java's words. */
export const thrown = (code: string): string =>
  `(function () { try { ${code}; return "nothing" } catch (e) { return String(e) } })()`;

/** Describes groups of rows, all of them on one engine. */
export const describeRows = (groups: Readonly<Record<string, Rows>>): void => {
  describe("Java names (D-27)", () => {
    let engine: Engine;
    before(async () => {
      engine = await testEngine();
    });
    after(() => engine[Symbol.asyncDispose]());

    for (const [group, rows] of Object.entries(groups)) {
      describe(group, () => {
        for (const [expression, expected] of rows) {
          it(`gives ${JSON.stringify(expected).slice(0, 60)} for ${expression.slice(0, 90)}`, async () => {
            assert.deepEqual(await evaluate(engine, expression), expected);
          });
        }
      });
    }
  });
};
