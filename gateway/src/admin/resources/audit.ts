import type { ApiParts } from '../admin-parts.ts';
import { name } from '../members.ts';
import { type BodyOf, digits, type Reading, type Resource } from '../resource.ts';

const LIMIT_MAX = 500;
const LIMIT_DEFAULT = 50;

/** `/audit`. */
export function createAuditRoutes({ flags }: ApiParts): readonly Resource[] {
  const list: Reading<BodyOf<'listAudit'>> = {
    query: { limit: digits(1, LIMIT_MAX), before: name },
    answer: async ({ query }) => {
      const limit = (query.limit as number | undefined) ?? LIMIT_DEFAULT;
      const before = query.before as string | undefined;
      // One more than asked for says whether there is a next page.
      const page = await flags.audit({ limit: limit + 1, ...(before === undefined ? {} : { before }) });
      const entries = page.entries.slice(0, limit);
      const next = page.entries.length > limit ? (entries.at(-1)?.id ?? null) : null;
      return { body: { entries, isLocal: page.isLocal, next } };
    },
  };
  return [{ path: '/audit', get: list }];
}
