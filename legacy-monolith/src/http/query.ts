import type { Request } from 'express';
import { parseForm } from './body.ts';

/** Express's query parser of this application: flat, the last of a name wins. */
export function parseQuery(text: string | null): Record<string, string> {
  // Express hands over null where the address has no query.
  return parseForm(text ?? '');
}

/** A query parameter; an empty one counts as absent. */
export function queryValue(req: Request, name: string): string | undefined {
  const value = (req.query as Record<string, string>)[name];
  return value === '' ? undefined : value;
}

/** A path or query id: 1 to 18 digits, so that it fits a bigint. Null for anything else: it names nothing. */
export function parseId(text: unknown): string | null {
  return typeof text === 'string' && /^\d{1,18}$/.test(text) ? BigInt(text).toString() : null;
}
