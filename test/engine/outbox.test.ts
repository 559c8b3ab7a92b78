// The outbox of a worker: results leave together, and before anything that could hold them up.
import assert from "node:assert/strict";
import type { FromWorker } from "../../server/engine/message.ts";
import { openOutbox } from "../../server/engine/outbox.ts";

const posting = () => {
  const posted: number[][] = [];
  const numberOf = (message: FromWorker): number => (message.kind === "ready" ? 0 : message.number);
  const outbox = openOutbox((messages) => posted.push(messages.map(numberOf)));
  const put = (number: number, version: string): void =>
    outbox.put({ kind: "done", number, result: [] }, version);
  return { posted, outbox, put };
};

const nextLook = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("openOutbox", () => {
  it("posts the results of one moment together, and each once", async () => {
    const { posted, put } = posting();
    for (const number of [1, 2, 3]) put(number, "a");
    assert.deepEqual(posted, []);
    await nextLook();
    assert.deepEqual(posted, [[1, 2, 3]]);
    put(4, "a");
    await nextLook();
    assert.deepEqual(posted, [[1, 2, 3], [4]]);
  });

  it("keeps results back while guests of their own script are entered, and of no other", () => {
    const { posted, outbox, put } = posting();
    put(1, "a");
    outbox.entering("a");
    assert.deepEqual(posted, []);
    outbox.entering("b");
    assert.deepEqual(posted, [[1]]);
    put(2, "a");
    outbox.entering(undefined);
    assert.deepEqual(posted, [[1], [2]]);
  });

  it("posts what it has before it keeps the result of another script", async () => {
    const { posted, put } = posting();
    put(1, "a");
    put(2, "b");
    assert.deepEqual(posted, [[1]]);
    await nextLook();
    assert.deepEqual(posted, [[1], [2]]);
  });
});
