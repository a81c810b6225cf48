import { createHash } from 'node:crypto';

const TOKEN = /^([A-Za-z0-9_-]{8})([1-9]\d{0,18})$/;

/** Where a list ended, for whoever asks for its next page with the same filter. */
export function writePageToken(lastId: bigint, filter: string): string {
  return Buffer.from(`${digest(filter)}${lastId}`).toString('base64url');
}

/** The last id of the page before; null for what is no token, or one of another filter. */
export function readPageToken(token: string, filter: string): bigint | null {
  const [, of, id] = TOKEN.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  return of === digest(filter) && id !== undefined ? BigInt(id) : null;
}

function digest(filter: string): string {
  return createHash('sha256').update(filter).digest('base64url').slice(0, 8);
}
