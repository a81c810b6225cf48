import type { Booking, Invoice, Payment, PaymentOutcome } from '@banyan/openapi/generated/legacy';
import type { Caller } from './api.ts';
import type { World } from './world.ts';

/** Cards of the acquirer stand-in, each with its fate. */
export const CARDS = {
  approved: '4242 4242 4242 4242',
  declined: '4000-0000-0000-0002',
  failing: '4000000000001307',
  silent: '4000000000001703',
  refundUnknown: '4000000000002008',
} as const;

export function card(number: string, more: Record<string, unknown> = {}) {
  return { card_number: number, expiry: '12/39', cvc: '123', card_holder: 'Alice Martin', ...more };
}

export const PASSENGER = { first_name: 'Alice', last_name: 'Martin' };

const HOUR_MS = 3_600_000;
let flightNumber = 9000;

/** A flight of the test's own, by default ten days ahead with every seat free. */
export async function newFlight(
  { sql, now }: World,
  { hoursAhead = 240, status = 'SCHEDULED', aircraft = 'A320', fare = '412.50' } = {},
): Promise<number> {
  flightNumber += 1;
  const departsAt = new Date(now().getTime() + hoursAhead * HOUR_MS);
  const [row] = await sql(
    `INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, status, base_fare, updated_at)
     SELECT $1, min(code), max(code), $2, $3, $4, $5, $6, $7 FROM airports RETURNING id`,
    [
      `MA${flightNumber}`,
      wallClock(departsAt),
      wallClock(new Date(departsAt.getTime() + 2 * HOUR_MS)),
      aircraft,
      status,
      fare,
      wallClock(now()),
    ],
  );
  return Number(row?.id);
}

export function wallClock(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

export async function newBooking(
  { api }: World,
  as: Caller,
  flightId: number,
  more: Record<string, unknown> = {},
): Promise<Booking> {
  const json = { flight_id: flightId, passengers: [PASSENGER], contact_email: 'alice@example.com', ...more };
  return (await api.expect('createBooking', 201, { as, json })).body;
}

export async function newInvoice(world: World, as: Caller, flightId: number): Promise<Invoice> {
  const booking = await newBooking(world, as, flightId);
  return (await world.api.expect('getBookingInvoice', 200, { as, path: { id: booking.id } })).body;
}

export async function pay(
  { api }: World,
  as: Caller,
  invoice: Pick<Invoice, 'id'>,
  number: string = CARDS.approved,
): Promise<PaymentOutcome> {
  return (await api.expect('payInvoice', 200, { as, path: { id: invoice.id }, json: card(number) })).body;
}

export async function paidInvoice(world: World): Promise<{ invoice: Invoice; payment: Payment }> {
  const { alice } = world.callers;
  const invoice = await newInvoice(world, alice, await newFlight(world));
  return { invoice, payment: (await pay(world, alice, invoice)).payment };
}

/** Well formed, and nothing has it. */
export const NO_SUCH_ID = 999_999_999_999;

/** A body just beyond the limit, as JSON that would be fine. */
export const TOO_LARGE = { type: 'application/json', bytes: JSON.stringify({ pad: 'x'.repeat(1_048_577) }) };
export const NOT_JSON = { type: 'application/json', bytes: '{"a":' };
export const NO_OBJECT = { type: 'application/json', bytes: '[1]' };
export const PLAIN_TEXT = { type: 'text/plain', bytes: 'a=b' };
