import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { TranslationRequest } from './request.ts';

export const BODY_BYTES_MAX = 1_048_576;

/**
 * A request's fields. From a form every value is a string and names are flat; of a repeated name the last counts.
 * `text` is what they were read from, for whoever must read an integer exactly that a double would round.
 */
export type RequestFields =
  | {
      readonly kind: 'json' | 'form';
      readonly values: Readonly<Record<string, unknown>>;
      readonly text: string;
    }
  | { readonly kind: 'refused'; readonly reason: FieldsRefusal };

/**
 * In the order in which they are looked for: a type or coding that is not taken; too large, as sent or inflated; a
 * body cut off under way; one that is not what its Content-Encoding says; no JSON; JSON, but no object.
 */
export type FieldsRefusal =
  | 'unsupported-media-type'
  | 'too-large'
  | 'cut-off'
  | 'bad-encoding'
  | 'bad-json'
  | 'no-object';

const INFLATE = {
  gzip: promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
  zstd: promisify(zlib.zstdDecompress),
} as const;

/** Reads the body as JSON object or form, in UTF-8, its Content-Encoding undone. */
export async function readFields(
  request: Pick<TranslationRequest, 'headers' | 'body'>,
): Promise<RequestFields> {
  const kind = kindOf(request.headers.get('content-type'));
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (kind === null || (encoding !== 'identity' && !Object.hasOwn(INFLATE, encoding))) {
    return refused('unsupported-media-type');
  }
  const body = await request.body();
  if (body.kind === 'refused') return body;
  const bytes =
    encoding === 'identity' ? body.bytes : await inflate(body.bytes, encoding as keyof typeof INFLATE);
  if (typeof bytes === 'string') return refused(bytes);
  const text = UTF8.decode(bytes);
  if (kind === 'form') return { kind, values: parseForm(text), text };
  const values = parseJsonObject(text);
  return typeof values === 'string' ? refused(values) : { kind, values, text };
}

const UTF8 = new TextDecoder('utf-8');

function refused(reason: FieldsRefusal): RequestFields {
  return { kind: 'refused', reason };
}

function kindOf(contentType: string | undefined): 'json' | 'form' | null {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  for (const parameter of parameters) {
    const [name, value] = parameter.split('=').map((part) => part.trim());
    if (name === 'charset' && value?.replaceAll('"', '') !== 'utf-8') return null;
  }
  if (type.trim() === 'application/json') return 'json';
  return type.trim() === 'application/x-www-form-urlencoded' ? 'form' : null;
}

async function inflate(
  bytes: Buffer,
  encoding: keyof typeof INFLATE,
): Promise<Buffer | 'too-large' | 'bad-encoding'> {
  try {
    return await INFLATE[encoding](bytes, { maxOutputLength: BODY_BYTES_MAX });
  } catch (error) {
    return (error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'bad-encoding';
  }
}

function parseJsonObject(text: string): Record<string, unknown> | 'bad-json' | 'no-object' {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What is wrong with it is in the parser's message, which quotes the body: nobody is to see it.
    return 'bad-json';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'no-object';
  return value as Record<string, unknown>;
}

/** `application/x-www-form-urlencoded`, flat, the last of a name wins, and no name is special. */
export function parseForm(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) values[name] = value;
  return values;
}
