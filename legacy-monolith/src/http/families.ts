import type { Response } from 'express';
import type { Refusal } from './refusal.ts';

/** Three generations of this API, three shapes of an error. */
export const FAMILIES = ['general', 'bookings', 'billing'] as const;
export type Family = (typeof FAMILIES)[number];

const BILLING = /^\/api\/v1\/(?:(?:invoices|payments|statements)(?:\/|$)|bookings\/[^/]+\/invoice\/?$)/i;
const BOOKINGS = /^\/api\/v1\/bookings(?:\/|$)/i;

/** The family of a path. By path, since a session that cannot be read fails before any route is known. */
export function familyOf(path: string): Family {
  if (BILLING.test(path)) return 'billing';
  return BOOKINGS.test(path) ? 'bookings' : 'general';
}

/** The same on every operation, byte for byte: callers in front of us recognise and relay it. */
const UNAUTHORIZED = { error: 'unauthorized', message: 'Please log in or send a valid API key.' };

const BODIES = {
  general: (refusal) => ({
    error: refusal.details.code ?? refusal.kind,
    message: refusal.message,
    ...(refusal.details.field === undefined ? {} : { field: refusal.details.field }),
  }),
  bookings: (refusal) => ({ status: 'error', code: `BKG-${refusal.status}`, message: refusal.message }),
  billing: (refusal) => ({ errors: refusal.details.faults ?? [{ field: null, msg: refusal.message }] }),
} satisfies Record<Family, (refusal: Refusal) => object>;

export function writeRefusal(res: Response, family: Family, refusal: Refusal): void {
  res.status(refusal.status);
  for (const [name, value] of Object.entries(refusal.details.headers ?? {})) res.set(name, value);
  if (refusal.details.retryAfterSeconds !== undefined) {
    res.set('Retry-After', String(refusal.details.retryAfterSeconds));
  }
  if (refusal.kind === 'unauthorized') {
    res.set('WWW-Authenticate', 'Session realm="Meridian Air"').json(UNAUTHORIZED);
    return;
  }
  res.json(BODIES[family](refusal));
}
