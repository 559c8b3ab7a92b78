// When a callback is tried again: ten tries, each at the documented distance, give or take a fifth.
import assert from "node:assert/strict";
import { milliseconds } from "../../../server/core/clock.ts";
import { nextTry } from "../../../server/flows/callbacks/schedule.ts";

const now = milliseconds(1_800_000_000_000);
const waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

describe("the next try of a callback (D-56)", () => {
  for (const [index, seconds] of waits.entries()) {
    it(`after ${index + 1} failures is about ${seconds} s later, and not always the same`, () => {
      const tries = Array.from({ length: 200 }, () => Number(nextTry(index + 1, now)) - now);
      for (const wait of tries) {
        assert(wait >= seconds * 800 && wait <= seconds * 1200, String(wait));
        assert(Number.isInteger(wait));
      }
      assert(new Set(tries).size > 1);
    });
  }

  it("is none after ten, nor after more, which a process that died may have begun", () => {
    for (const attempt of [10, 11, 1000]) assert.equal(nextTry(attempt, now), null);
  });
});
