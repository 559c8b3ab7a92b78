// Whose turn of a worker's thread it is.
import assert from "node:assert/strict";
import { Turn } from "../../server/engine/turn.ts";

/** Keeps the thread for longer than a turn should last. */
const compute = (): void => {
  const end = performance.now() + 40;
  while (performance.now() < end);
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the turn of a worker's thread", () => {
  it("goes to scripts one after the other, and within a script in the order of coming", async () => {
    const turn = new Turn();
    const order: string[] = [];
    turn.take(() => order.push("first"));
    for (const [script, run] of ["a1", "a2", "a3", "b1", "b2"].map((run) => [run[0], run])) {
      turn.take(() => order.push(run ?? ""), script);
    }
    for (let given = 0; given < 6; given++) {
      turn.give();
      await settled();
    }
    assert.deepEqual(order, ["first", "a1", "b1", "a2", "b2", "a3"]);
  });

  it("goes to a script that kept it for long after all that did not, until it was quick again", async () => {
    const turn = new Turn();
    const order: string[] = [];
    const wait = (script: string): void => turn.take(() => order.push(script), script);
    turn.take(compute, "slow");
    for (const script of ["slow", "slow", "quick", "quick", "other"]) wait(script);
    for (let given = 0; given < 3; given++) {
      turn.give();
      await settled();
    }
    assert.deepEqual(order.toSorted(), ["other", "quick", "quick"]);
    turn.give();
    await settled();
    assert.equal(order.at(-1), "slow");
    wait("late");
    turn.give();
    await settled();
    turn.give();
    await settled();
    assert.deepEqual(order.slice(-2).toSorted(), ["late", "slow"]);
  });
});
