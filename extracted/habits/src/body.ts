import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { TranslationRequest } from '@banyan/gateway/carve-out';
import { Refusal } from './refusal.ts';

const BODY_BYTES_MAX = 1_048_576;

/** A request's fields. From a form every value is a string and names are flat; of a repeated name the last counts. */
export type Fields = { readonly kind: 'json' | 'form'; readonly values: Readonly<Record<string, unknown>> };

const INFLATE = {
  gzip: promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
  zstd: promisify(zlib.zstdDecompress),
} as const;

/** Reads and parses the body; refuses with 415, 413, 400, in this order. */
export async function readFields(request: TranslationRequest): Promise<Fields> {
  const kind = kindOf(request.headers.get('content-type'));
  const encoding = (request.headers.get('content-encoding') ?? 'identity').trim().toLowerCase();
  if (kind === null || (encoding !== 'identity' && !Object.hasOwn(INFLATE, encoding))) {
    throw new Refusal(
      'unsupported_media_type',
      'The body must be application/json or application/x-www-form-urlencoded.',
    );
  }
  const raw = await readBytes(request);
  const bytes = encoding === 'identity' ? raw : await inflate(raw, encoding as keyof typeof INFLATE);
  const text = new TextDecoder('utf-8').decode(bytes);
  return kind === 'json'
    ? { kind, values: parseJsonObject(text) }
    : { kind: 'form', values: parseForm(text) };
}

function kindOf(contentType: string | undefined): Fields['kind'] | null {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  for (const parameter of parameters) {
    const [name, value] = parameter.split('=').map((part) => part.trim());
    if (name === 'charset' && value?.replaceAll('"', '') !== 'utf-8') return null;
  }
  if (type.trim() === 'application/json') return 'json';
  return type.trim() === 'application/x-www-form-urlencoded' ? 'form' : null;
}

async function readBytes(request: TranslationRequest): Promise<Buffer> {
  const body = await request.body();
  if (body.kind === 'bytes') return body.bytes;
  if (body.reason === 'too-large') throw tooLarge();
  throw new Refusal('bad_request', 'The request was cut off.');
}

async function inflate(raw: Buffer, encoding: keyof typeof INFLATE): Promise<Buffer> {
  try {
    return await INFLATE[encoding](raw, { maxOutputLength: BODY_BYTES_MAX });
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new Refusal('bad_request', 'The body does not match its Content-Encoding.');
  }
}

function tooLarge(): Refusal {
  return new Refusal('too_large', 'The body must not be larger than 1 MB.');
}

function parseJsonObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the body; ours must not.
    throw new Refusal('bad_request', 'The body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal('bad_request', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** `application/x-www-form-urlencoded`, flat, the last of a name wins. */
export function parseForm(text: string): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) values[name] = value;
  return values;
}
