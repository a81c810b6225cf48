import { promisify } from 'node:util';
import zlib from 'node:zlib';
import type { Request } from 'express';
import { Refusal } from './refusal.ts';

export const BODY_BYTES_MAX = 1_048_576;
/** A body that is too large is read off up to here, so that the client gets to see the answer. */
const DRAIN_BYTES_MAX = 64 * BODY_BYTES_MAX;

/** A request's fields. From a form every value is a string and names are flat; of a repeated name the last counts. */
export type Fields = { kind: 'json' | 'form'; values: Readonly<Record<string, unknown>> };

const INFLATE = {
  gzip: promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
  zstd: promisify(zlib.zstdDecompress),
} as const;

/**
 * Reads and parses the body. Called by a handler after it has checked who asks and for what, so that the checks
 * keep their documented order; refuses with 415, 413, 400, in this order.
 */
export async function readFields(req: Request): Promise<Fields> {
  const kind = kindOf(req.headers['content-type']);
  const bytes = await readBody(req, {
    isAccepted: kind !== null,
    unsupported: 'The body must be application/json or application/x-www-form-urlencoded.',
  });
  const text = new TextDecoder('utf-8').decode(bytes);
  return kind === 'json'
    ? { kind, values: parseJsonObject(text) }
    : { kind: 'form', values: parseForm(text) };
}

/** The bytes of the body, its Content-Encoding undone; refuses with 415, 413, 400, in this order. */
export async function readBody(
  req: Request,
  { isAccepted, unsupported }: { isAccepted: boolean; unsupported: string },
): Promise<Buffer> {
  const encoding = (req.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (!isAccepted || (encoding !== 'identity' && !Object.hasOwn(INFLATE, encoding))) {
    throw new Refusal('unsupported_media_type', unsupported);
  }
  const raw = await readBytes(req);
  return encoding === 'identity' ? raw : inflate(raw, encoding as keyof typeof INFLATE);
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

async function readBytes(req: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= BODY_BYTES_MAX) chunks.push(chunk);
      else chunks.length = 0;
      // Leaving the loop destroys the request: this client would never have stopped.
      if (size > DRAIN_BYTES_MAX) break;
    }
  } catch {
    // The client hung up; there is nobody left to read what we say.
    throw new Refusal('bad_request', 'The request was cut off.');
  }
  if (size > BODY_BYTES_MAX) throw tooLarge();
  return Buffer.concat(chunks);
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
