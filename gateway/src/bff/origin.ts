import type { RequestHeaders } from '../carve-out/request.ts';

/**
 * The request that a job came from, as far as it is needed to translate it again. Equal requests have equal origins,
 * so nothing of the moment is in it; nor is anything that shows who called.
 */
export type Origin = {
  readonly operationId: string;
  readonly method: string;
  /** As received, with its query. */
  readonly target: string;
  /** By name in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** What a translation may read of a request's head besides conditions; credentials are not among it. */
const KEPT_HEADERS = ['accept', 'accept-language', 'content-encoding', 'content-type'];

const LINE_FEED = 0x0a;

/** A line of JSON, then the body as it came. */
export function writeOrigin(
  request: { readonly method: string; readonly target: string; readonly headers: RequestHeaders },
  operationId: string,
  body: Buffer,
): Buffer {
  const { method, target } = request;
  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = request.headers.get(name);
    if (value !== undefined) headers[name] = value;
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify({ operationId, method, target, headers })}\n`), body]);
}

/** Undefined for what no gateway that this one knows has written. */
export function readOrigin(bytes: Uint8Array): Origin | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = buffer.indexOf(LINE_FEED);
  if (end === -1) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(buffer.toString('utf8', 0, end));
  } catch {
    // Another gateway's form: what is wrong with it helps nobody.
    return undefined;
  }
  const { operationId, method, target, headers } = (value ?? {}) as Partial<Record<keyof Origin, unknown>>;
  if (typeof operationId !== 'string' || typeof method !== 'string' || typeof target !== 'string') {
    return undefined;
  }
  if (typeof headers !== 'object' || headers === null) return undefined;
  return {
    operationId,
    method,
    target,
    headers: headers as Record<string, string>,
    body: buffer.subarray(end + 1),
  };
}
