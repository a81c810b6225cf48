import { parseForm, type TranslationRequest } from '@banyan/gateway/carve-out';

/** A query parameter; an empty one counts as absent, of several the last counts. */
export type QueryValue = (name: string) => string | undefined;

export function queryOf(request: Pick<TranslationRequest, 'query'>): QueryValue {
  const values = parseForm(request.query);
  return (name) => (values[name] === '' ? undefined : values[name]);
}

/** A path or query id: 1 to 18 digits, so that it fits an int64. Null for anything else: it names nothing. */
export function parseId(text: string): bigint | null {
  return /^\d{1,18}$/.test(text) ? BigInt(text) : null;
}
