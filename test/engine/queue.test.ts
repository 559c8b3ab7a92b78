// The fair queue: keys in turns, items of a key in order, and nothing lost on the way.
import assert from "node:assert/strict";
import { type FairQueue, openFairQueue } from "../../server/engine/queue.ts";

const queueOf = (...items: readonly [key: string, item: number][]): FairQueue<number> => {
  const queue = openFairQueue<number>();
  for (const [key, item] of items) queue.push(key, item);
  return queue;
};

const taken = (queue: FairQueue<number>): (number | undefined)[] =>
  Array.from({ length: queue.size }, () => queue.next());

describe("openFairQueue", () => {
  it("serves keys in turns and the items of a key in their order", () => {
    const queue = queueOf(["a", 1], ["a", 2], ["a", 3], ["b", 4], ["c", 5], ["b", 6]);
    assert.equal(queue.size, 6);
    assert.deepEqual(taken(queue), [1, 4, 5, 2, 6, 3]);
    assert.equal(queue.next(), undefined);
  });

  it("serves a key that comes back after those that wait", () => {
    const queue = queueOf(["a", 1], ["b", 2], ["b", 3]);
    assert.equal(queue.next(), 1);
    queue.push("a", 4);
    assert.deepEqual(taken(queue), [2, 4, 3]);
  });

  it("puts what comes ahead before the others of its key only", () => {
    const queue = queueOf(["a", 1], ["b", 2]);
    queue.push("a", 3, true);
    queue.push("a", 4, true);
    assert.deepEqual(taken(queue), [3, 2, 4, 1]);
  });

  it("passes over keys that are not allowed without taking their turn", () => {
    const queue = queueOf(["a", 1], ["b", 2], ["a", 3], ["c", 4]);
    const allows = (key: string): boolean => key !== "a";
    assert.equal(queue.next(allows), 2);
    assert.equal(queue.next(allows), 4);
    assert.equal(queue.next(allows), undefined);
    assert.deepEqual(taken(queue), [1, 3]);
  });

  it("takes out one item, or all of a key, and counts what is left", () => {
    const queue = queueOf(["a", 1], ["a", 2], ["b", 3]);
    queue.push("a", 4, true);
    assert.equal(queue.remove("a", 1), true);
    assert.equal(queue.remove("a", 1), false);
    assert.equal(queue.remove("c", 1), false);
    assert.deepEqual([queue.size, queue.sizeOf("a"), queue.sizeOf("c")], [3, 2, 0]);
    assert.deepEqual(queue.drain("a"), [4, 2]);
    assert.deepEqual(queue.drain("a"), []);
    assert.equal(queue.remove("b", 3), true);
    assert.deepEqual([queue.size, queue.next()], [0, undefined]);
  });

  it("takes out what is over of every key, up to the first that is not", () => {
    const queue = queueOf(["a", 1], ["a", 9], ["b", 8], ["c", 2], ["c", 3]);
    assert.deepEqual(
      queue.expire((item) => item < 5),
      [1, 2, 3],
    );
    assert.deepEqual([queue.size, queue.sizeOf("c")], [2, 0]);
    assert.deepEqual(taken(queue), [9, 8]);
  });
});
