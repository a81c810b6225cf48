import type { Filters, Page } from '../../http/paging.ts';

/** The way from page to page of a list. */
export type Pager = { text: string; previous: string | null; next: string | null };

/** Null where all is on one page. */
export function pagerOf(
  path: string,
  filters: Filters,
  { page, perPage }: Page,
  total: number,
): Pager | null {
  const last = Math.max(1, Math.ceil(total / perPage));
  if (last === 1 && page === 1) return null;
  const query = (target: number): string =>
    `${path}?${new URLSearchParams([...filters.map(([name, value]) => [name, value]), ['page', String(target)]])}`;
  return {
    text: page > last ? `There is no page ${page}` : `Page ${page} of ${last}`,
    previous: page > 1 ? query(Math.min(page - 1, last)) : null,
    next: page < last ? query(page + 1) : null,
  };
}
