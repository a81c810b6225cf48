import {
  type Answer,
  expressJson,
  type HeaderLine,
  type TranslationRequest,
} from '@banyan/gateway/carve-out';
import type { QueryValue } from './query.ts';

const PER_PAGE_DEFAULT = 20;
const PER_PAGE_MAX = 100;

export type Page = { readonly page: number; readonly perPage: number };

/** The filters that took effect, in documented order, as they appear in links. */
export type Filters = ReadonlyArray<readonly [name: string, value: string]>;

export function parsePage(query: QueryValue): Page {
  return {
    page: positive(query('page')) ?? 1,
    perPage: Math.min(positive(query('per_page')) ?? PER_PAGE_DEFAULT, PER_PAGE_MAX),
  };
}

/** How many entries lie before a page: may be beyond 2^53. */
export function skipOf({ page, perPage }: Page): bigint {
  return BigInt(page - 1) * BigInt(perPage);
}

/** One page of a list: a bare array, with `X-Total-Count` and `Link`. `path` is the contract's own. */
export function pageAnswer(
  request: Pick<TranslationRequest, 'method' | 'headers'>,
  list: { path: string; filters: Filters; page: Page; total: number; rows: readonly unknown[] },
): Answer {
  const link = linkHeader(list.path, list.filters, list.page, list.total);
  const headers: HeaderLine[] = [['X-Total-Count', String(list.total)]];
  if (link !== null) headers.push(['Link', link]);
  return expressJson(request, 200, JSON.stringify(list.rows), headers);
}

/** first, prev, next, last, as far as they exist; null when the list is empty altogether. */
function linkHeader(path: string, filters: Filters, { page, perPage }: Page, total: number): string | null {
  if (total === 0) return null;
  const last = Math.ceil(total / perPage);
  const known = filters.map(([name, value]) => `${name}=${encodeURIComponent(value)}&`).join('');
  const link = (rel: string, target: number): string =>
    `<${path}?${known}page=${target}&per_page=${perPage}>; rel="${rel}"`;
  return [
    link('first', 1),
    ...(page > 1 ? [link('prev', Math.min(page - 1, last))] : []),
    ...(page < last ? [link('next', page + 1)] : []),
    link('last', last),
  ].join(', ');
}

function positive(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,15}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 1 ? value : undefined;
}
