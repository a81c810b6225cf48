import type { PoolClient } from 'pg';
import type { Price } from '../bookings/price.ts';
import { isoInstant } from '../clock.ts';
import { fromCents } from '../money.ts';

export type NewInvoice = {
  bookingId: string;
  accountId: string;
  /** The account's name, where it is not given. */
  billTo?: string;
  /** `OPEN`, where it is not given. */
  status?: 'OPEN' | 'VOID';
  currency: string;
  price: Price;
  issuedAt: Date;
  /** The end of the booking's hold. */
  dueAt: Date;
};

/** Writes a booking's invoice with its lines. */
export async function issueInvoice(client: PoolClient, invoice: NewInvoice): Promise<void> {
  const { price } = invoice;
  const { rows } = await client.query<{ id: string }>(INSERT_INVOICE, [
    invoice.bookingId,
    invoice.accountId,
    invoice.currency,
    fromCents(price.netCents),
    fromCents(price.taxCents),
    fromCents(price.totalCents),
    isoInstant(invoice.issuedAt),
    isoInstant(invoice.dueAt),
    invoice.status ?? 'OPEN',
    invoice.billTo ?? null,
  ]);
  await client.query(INSERT_LINES, [
    rows[0]?.id,
    price.lines.map(({ description }) => description),
    price.lines.map(({ quantity }) => quantity),
    price.lines.map(({ unitCents }) => fromCents(unitCents)),
    price.lines.map(({ amountCents }) => fromCents(amountCents)),
  ]);
}

/**
 * The ledger's reference of an invoice lies above 2^53 and is odd: no double holds it, so a reader that rounds
 * is found out at once.
 */
const LEDGER_REF = '9007199254740993 + 2 * id.id';

const INSERT_INVOICE = `
  INSERT INTO invoices (id, booking_id, account_id, status, bill_to, currency, net, tax, total, ledger_ref,
                        issued_at, due_at, updated_at)
  SELECT id.id, $1::bigint, a.id, $9, coalesce($10, a.name), $3, $4::numeric, $5::numeric, $6::numeric, ${LEDGER_REF},
         $7::timestamptz, $8::timestamptz, $7::timestamptz
  FROM accounts a, (SELECT nextval('invoices_id_seq') AS id) AS id
  WHERE a.id = $2
  RETURNING id`;

const INSERT_LINES = `
  INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit_amount, amount)
  SELECT $1::bigint, line.position, line.description, line.quantity, line.unit_amount, line.amount
  FROM unnest($2::text[], $3::integer[], $4::numeric[], $5::numeric[]) WITH ORDINALITY
    AS line (description, quantity, unit_amount, amount, position)`;
