// Where a page of events stands among all.
import assert from "node:assert/strict";
import { paginationOf } from "../../../server/flows/events/pagination.ts";

describe("paginationOf (Events API)", () => {
  const shown = (page: number, size: number, total: number) => {
    const { rangeStart, rangeEnd, firstPage, lastPage, previousPage, nextPage, visiblePages } =
      paginationOf(page, size, total);
    return [rangeStart, rangeEnd, firstPage, lastPage, previousPage, nextPage, visiblePages];
  };
  const rows: readonly [page: number, size: number, total: number, expected: readonly unknown[]][] =
    [
      [0, 20, 0, [0, 0, true, true, null, null, []]],
      [0, 10, 3, [1, 3, true, true, null, null, []]],
      [0, 10, 10, [1, 10, true, true, null, null, []]],
      [0, 10, 11, [1, 10, true, false, null, 1, [0, 1]]],
      [1, 10, 11, [11, 11, false, true, 0, null, [0, 1]]],
      [5, 10, 100, [51, 60, false, false, 4, 6, [3, 4, 5, 6, 7]]],
      [9, 10, 100, [91, 100, false, true, 8, null, [5, 6, 7, 8, 9]]],
      [1, 10, 100, [11, 20, false, false, 0, 2, [0, 1, 2, 3, 4]]],
      [50, 10, 100, [0, 0, false, true, 9, null, [5, 6, 7, 8, 9]]],
      [1_000_000, 1_000, 1, [0, 0, false, true, 0, null, []]],
    ];
  for (const [page, size, total, expected] of rows) {
    it(`shows page ${page} of ${total} events, ${size} a page`, () => {
      assert.deepEqual(shown(page, size, total), expected);
    });
  }

  it("has the members of the documented answer", () => {
    assert.deepEqual(paginationOf(0, 10, 3), {
      totalResults: 3,
      offset: 0,
      pageSize: 10,
      maxVisible: 5,
      pagesBefore: 2,
      rangeStart: 1,
      rangeEnd: 3,
      firstPage: true,
      lastPage: true,
      numberOfPages: 1,
      previousPage: null,
      nextPage: null,
      visiblePages: [],
    });
  });
});
