import type { Booking } from './booking.ts';
import { Refusal } from './refusal.ts';

export const ROLES = ['customer', 'agent', 'accountant', 'partner'] as const;
export type Role = (typeof ROLES)[number];

/** On whose behalf a call is made. */
export type Caller = { readonly accountId: bigint; readonly role: Role; readonly name: string };

const WRITERS = ['customer', 'agent', 'partner'] as const;

/** What each operation lets in. */
export const MAY = {
  createBooking: WRITERS,
  getBooking: ROLES,
  listBookings: WRITERS,
  updateBooking: WRITERS,
  cancelBooking: WRITERS,
  getItinerary: WRITERS,
  exportBookings: ['agent', 'partner'],
  notifyPassengers: ['agent'],
} as const satisfies Record<string, readonly Role[]>;

export function requireRole(caller: Caller, operation: keyof typeof MAY): void {
  if (!(MAY[operation] as readonly Role[]).includes(caller.role)) throw new Refusal('ROLE_FORBIDDEN');
}

/** Agents and accountants see all; others their own. A foreign booking is as absent as none. */
export function requireVisible(caller: Caller, booking: Booking | null): Booking {
  if (booking !== null && maySee(caller, booking)) return booking;
  throw new Refusal('BOOKING_NOT_FOUND');
}

function maySee({ role, accountId }: Caller, booking: Booking): boolean {
  return role === 'agent' || role === 'accountant' || accountId === booking.accountId;
}

/** Whose bookings a list or an export is about; null for everybody's. An agent's wish counts, others' does not. */
export function accountInView({ role, accountId }: Caller, wanted: bigint | null): bigint | null {
  return role === 'agent' ? wanted : accountId;
}
