import {
  type FieldsRefusal,
  readFields as readAny,
  type TranslationRequest,
} from '@banyan/gateway/carve-out';
import { Refusal, type RefusalKind } from './refusal.ts';

/** A request's fields. From a form every value is a string and names are flat; of a repeated name the last counts. */
export type Fields = { readonly kind: 'json' | 'form'; readonly values: Readonly<Record<string, unknown>> };

const REFUSED: Readonly<Record<FieldsRefusal, readonly [RefusalKind, string]>> = {
  'unsupported-media-type': [
    'unsupported_media_type',
    'The body must be application/json or application/x-www-form-urlencoded.',
  ],
  'too-large': ['too_large', 'The body must not be larger than 1 MB.'],
  'cut-off': ['bad_request', 'The request was cut off.'],
  'bad-encoding': ['bad_request', 'The body does not match its Content-Encoding.'],
  'bad-json': ['bad_request', 'The body is not valid JSON.'],
  'no-object': ['bad_request', 'The body must be a JSON object.'],
};

/** Reads and parses the body; refuses with 415, 413, 400, in this order. */
export async function readFields(request: Pick<TranslationRequest, 'headers' | 'body'>): Promise<Fields> {
  const fields = await readAny(request);
  if (fields.kind !== 'refused') return fields;
  throw new Refusal(...REFUSED[fields.reason]);
}
