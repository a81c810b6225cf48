import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import { isoInstant, wallClock } from '../clock.ts';
import { fromCents } from '../money.ts';
import { DEMO_API_KEYS, type SeedAccount } from './accounts.ts';
import { AIRCRAFT_TYPES } from './aircraft.ts';
import type { Airport } from './airports.ts';
import type { SeedBilling } from './billing.ts';
import type { SeedBooking } from './bookings.ts';
import type { SeedFlight } from './flights.ts';
import { type Column, insertRows } from './insert-rows.ts';

export type SeedData = {
  airports: readonly Airport[];
  accounts: readonly SeedAccount[];
  flights: readonly SeedFlight[];
  bookings: readonly SeedBooking[];
  billing: SeedBilling;
};

export type OnRows = (table: string, done: number, total: number) => void;

/** Writes all tables, referenced ones first, and lifts the sequences above what is there. */
export async function writeSeed(
  client: ClientBase,
  data: SeedData,
  passwordHash: string,
  onRows: OnRows,
): Promise<void> {
  const insert = async <Item>(table: string, items: readonly Item[], columns: readonly Column<Item>[]) => {
    await insertRows(client, table, columns, items, (done) => onRows(table, done, items.length));
  };

  await insert('airports', data.airports, [
    ['code', 'text', (each) => each.code],
    ['name', 'text', (each) => each.name],
    ['city', 'text', (each) => each.city],
    ['country', 'text', (each) => each.country],
    ['latitude', 'float8', (each) => each.latitude],
    ['longitude', 'float8', (each) => each.longitude],
  ]);
  await insert('aircraft_types', AIRCRAFT_TYPES, [
    ['code', 'text', (each) => each.code],
    ['name', 'text', (each) => each.name],
    ['rows', 'integer', (each) => each.rows],
    ['columns', 'text', (each) => each.columns],
  ]);
  await insert('flights', data.flights, [
    ['id', 'bigint', (each) => each.id],
    ['number', 'text', (each) => each.number],
    ['origin', 'text', (each) => each.origin],
    ['destination', 'text', (each) => each.destination],
    ['departs_at', 'timestamp', (each) => wallClock(each.departsAt)],
    ['arrives_at', 'timestamp', (each) => wallClock(each.arrivesAt)],
    ['aircraft', 'text', (each) => each.aircraft.code],
    ['status', 'text', (each) => each.status],
    ['gate', 'text', (each) => each.gate],
    ['base_fare', 'numeric', (each) => fromCents(each.baseFareCents)],
    ['updated_at', 'timestamp', (each) => each.updatedAt],
  ]);
  await insert('accounts', data.accounts, [
    ['id', 'bigint', (each) => each.id],
    ['email', 'text', (each) => each.email],
    ['password_hash', 'text', () => passwordHash],
    ['name', 'text', (each) => each.name],
    ['role', 'text', (each) => each.role],
    ['phone', 'text', (each) => each.phone],
    ['address', 'text', (each) => each.address],
    ['newsletter', 'text', (each) => each.newsletter],
    ['miles', 'bigint', (each) => each.miles],
    ['created_at', 'timestamp', (each) => each.createdAt],
  ]);
  await insert('api_keys', DEMO_API_KEYS, [
    ['key_sha256', 'bytea', (each) => createHash('sha256').update(each.key).digest()],
    ['account_id', 'bigint', (each) => each.accountId],
    ['label', 'text', (each) => each.label],
    ['created_at', 'timestamp', () => '2019-04-02 00:00:00'],
  ]);
  await writeBookings(insert, data.bookings);
  await writeBilling(insert, data);
  for (const table of ['flights', 'accounts', 'bookings', 'passengers', 'invoices', 'payments', 'refunds']) {
    // Of the even next to the maximum nothing must come of an odd sequence: it is set on the maximum itself.
    await client.query(
      `SELECT setval(pg_get_serial_sequence($1, 'id'), greatest((SELECT max(id) FROM ${table}), 1))`,
      [table],
    );
  }
}

type Insert = <Item>(
  table: string,
  items: readonly Item[],
  columns: readonly Column<Item>[],
) => Promise<void>;

async function writeBookings(insert: Insert, bookings: readonly SeedBooking[]): Promise<void> {
  await insert('bookings', bookings, [
    ['id', 'bigint', (each) => each.id],
    ['account_id', 'bigint', (each) => each.account.id],
    ['flight_id', 'bigint', (each) => each.flight.id],
    ['fare_class', 'text', (each) => each.fareClass],
    ['status', 'text', (each) => each.status],
    ['contact_email', 'text', (each) => each.contactEmail],
    ['contact_phone', 'text', (each) => each.contactPhone],
    ['note', 'text', (each) => each.note],
    ['base_amount', 'numeric', (each) => fromCents(each.price.netCents)],
    ['tax_amount', 'numeric', (each) => fromCents(each.price.taxCents)],
    ['total_amount', 'numeric', (each) => fromCents(each.price.totalCents)],
    ['currency', 'text', () => 'EUR'],
    ['hold_expires_at', 'timestamp', (each) => (each.holdExpiresAt ? wallClock(each.holdExpiresAt) : null)],
    ['created_at', 'timestamp', (each) => wallClock(each.createdAt)],
    ['updated_at', 'timestamp', (each) => wallClock(each.updatedAt)],
    ['version', 'integer', (each) => each.version],
  ]);
  const passengers = bookings.flatMap((booking) =>
    booking.passengers.map((passenger, index) => ({ ...passenger, booking, position: index + 1 })),
  );
  await insert('passengers', passengers, [
    ['id', 'bigint', (each) => each.id],
    ['booking_id', 'bigint', (each) => each.booking.id],
    ['position', 'smallint', (each) => each.position],
    ['title', 'text', (each) => each.title],
    ['first_name', 'text', (each) => each.firstName],
    ['last_name', 'text', (each) => each.lastName],
    ['infant', 'text', (each) => each.infant],
    ['special_assistance', 'text', (each) => each.specialAssistance],
    ['frequent_flyer_no', 'text', (each) => each.frequentFlyerNo],
  ]);
  const seated = passengers.filter(({ seat }) => seat !== null);
  await insert('seat_claims', seated, [
    ['flight_id', 'bigint', (each) => each.booking.flight.id],
    ['seat', 'text', (each) => each.seat],
    ['booking_id', 'bigint', (each) => each.booking.id],
    ['passenger_id', 'bigint', (each) => each.id],
  ]);
}

async function writeBilling(insert: Insert, { billing }: SeedData): Promise<void> {
  await insert('invoices', billing.invoices, [
    ['id', 'bigint', (each) => each.id],
    ['booking_id', 'bigint', (each) => each.booking.id],
    ['account_id', 'bigint', (each) => each.booking.account.id],
    ['status', 'text', (each) => each.status],
    ['bill_to', 'text', (each) => each.booking.account.name],
    ['currency', 'text', () => 'EUR'],
    ['net', 'numeric', (each) => fromCents(each.booking.price.netCents)],
    ['tax', 'numeric', (each) => fromCents(each.booking.price.taxCents)],
    ['total', 'numeric', (each) => fromCents(each.booking.price.totalCents)],
    ['paid', 'numeric', (each) => fromCents(each.paidCents)],
    ['refunded', 'numeric', (each) => fromCents(each.refundedCents)],
    ['ledger_ref', 'bigint', (each) => ledgerRef(each.id)],
    ['issued_at', 'timestamptz', (each) => isoInstant(each.issuedAt)],
    ['due_at', 'timestamptz', (each) => isoInstant(each.dueAt)],
    ['paid_at', 'timestamptz', (each) => (each.paidAt ? isoInstant(each.paidAt) : null)],
    ['updated_at', 'timestamptz', (each) => isoInstant(each.updatedAt)],
  ]);
  const lines = billing.invoices.flatMap((invoice) =>
    invoice.booking.price.lines.map((line, index) => ({ ...line, invoice, position: index + 1 })),
  );
  await insert('invoice_lines', lines, [
    ['invoice_id', 'bigint', (each) => each.invoice.id],
    ['position', 'smallint', (each) => each.position],
    ['description', 'text', (each) => each.description],
    ['quantity', 'integer', (each) => each.quantity],
    ['unit_amount', 'numeric', (each) => fromCents(each.unitCents)],
    ['amount', 'numeric', (each) => fromCents(each.amountCents)],
  ]);
  await insert('payments', billing.payments, [
    ['id', 'bigint', (each) => each.id],
    ['invoice_id', 'bigint', (each) => each.invoiceId],
    ['idempotency_key', 'text', (each) => `inv-${each.invoiceId}-${each.id}`],
    ['result', 'text', (each) => each.result],
    ['decline_reason', 'text', (each) => each.declineReason],
    ['amount', 'numeric', (each) => fromCents(each.amountCents)],
    ['currency', 'text', () => 'EUR'],
    ['card_brand', 'text', (each) => each.cardBrand],
    ['card_last4', 'text', (each) => each.cardLast4],
    ['acquirer_ref', 'text', (each) => each.acquirerRef],
    ['created_at', 'timestamptz', (each) => isoInstant(each.createdAt)],
    ['updated_at', 'timestamptz', (each) => isoInstant(each.createdAt)],
  ]);
  await insert('refunds', billing.refunds, [
    ['id', 'bigint', (each) => each.id],
    ['payment_id', 'bigint', (each) => each.paymentId],
    ['idempotency_key', 'text', (each) => `ref-${each.paymentId}-${each.id}`],
    ['result', 'text', () => 'REFUNDED'],
    ['amount', 'numeric', (each) => fromCents(each.amountCents)],
    ['currency', 'text', () => 'EUR'],
    ['reason', 'text', (each) => each.reason],
    ['acquirer_ref', 'text', (each) => each.acquirerRef],
    ['created_at', 'timestamptz', (each) => isoInstant(each.createdAt)],
    ['updated_at', 'timestamptz', (each) => isoInstant(each.createdAt)],
  ]);
}

/** As `issueInvoice` derives it in SQL. */
function ledgerRef(invoiceId: number): string {
  return (9_007_199_254_740_993n + 2n * BigInt(invoiceId)).toString();
}
