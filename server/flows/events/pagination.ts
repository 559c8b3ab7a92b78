// Where a page stands among all.
import type { Pagination } from "../../../gen/gatewright/v1/event.ts";

const maxVisible = 5;
const pagesBefore = 2;

/**
 * Gives where page `page`, counted from 0, of `size` items stands among `total`. Pages are shown as links
 * five at a time, two of them before this one where there are so many on both sides; a single page needs
 * none. Source: Events API, pagination.
 */
export function paginationOf(page: number, size: number, total: number): Pagination {
  const pages = Math.ceil(total / size);
  const offset = page * size;
  const onPage = Math.max(0, Math.min(size, total - offset));
  const shown = pages > 1 ? Math.min(maxVisible, pages) : 0;
  const firstShown = Math.max(0, Math.min(page - pagesBefore, pages - shown));
  return {
    totalResults: total,
    offset,
    pageSize: size,
    maxVisible,
    pagesBefore,
    rangeStart: onPage === 0 ? 0 : offset + 1,
    rangeEnd: onPage === 0 ? 0 : offset + onPage,
    firstPage: page === 0,
    lastPage: page >= pages - 1,
    numberOfPages: pages,
    // Behind the last page, the last one is the page before.
    previousPage: page > 0 && pages > 0 ? Math.min(page, pages) - 1 : null,
    nextPage: page + 1 < pages ? page + 1 : null,
    visiblePages: Array.from({ length: shown }, (_, index) => firstShown + index),
  };
}
