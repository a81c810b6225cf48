import type { Transaction } from '@banyan/service-kit/database';
import { invoiceNumber } from '../../domain/reference.ts';
import {
  drawUpStatement,
  endOf,
  firstDayOf,
  type Movement,
  type MovementKind,
  type Statement,
  startOf,
} from '../../domain/statement.ts';
import type { OwnStorageParts } from '../own-storage.ts';
import type { BillingWrites, Made } from '../port.ts';
import { toLineJson } from '../statement-rows.ts';
import { nameMade, takeKey } from './request-keys.ts';

const CURRENCY = 'EUR';

type SumsRow = { invoiced: bigint; paid: bigint; refunded: bigint };
type LineRow = { at: Date; kind: MovementKind; booking_id: bigint; amount_minor: bigint };

export function createStatementWrites({
  database,
  now,
}: OwnStorageParts): Pick<BillingWrites, 'createStatement'> {
  return {
    createStatement: ({ accountId, month, requestKey }) =>
      // What came before and what came in the month must be of one moment.
      database.transaction<Made<Statement>>(
        async (tx) => {
          if (requestKey !== null) {
            const known = await takeKey(tx, requestKey, 0n, now());
            if (known !== null) return { kind: 'known', known };
          }
          const starts = startOf(month);
          const before = (await tx.query<SumsRow>(SUMS_BEFORE, [accountId, starts])).rows[0] as SumsRow;
          const sums = {
            invoicedMinor: before.invoiced,
            paidMinor: before.paid,
            refundedMinor: before.refunded,
          };
          const figures = drawUpStatement(sums, await readLines(tx, [accountId, starts, endOf(month)]));
          const generatedAt = now();
          const { rows } = await tx.query<{ id: bigint }>(INSERT, [
            accountId,
            firstDayOf(month),
            CURRENCY,
            figures.openingMinor,
            figures.invoicedMinor,
            figures.paidMinor,
            figures.refundedMinor,
            figures.closingMinor,
            JSON.stringify(figures.lines.map(toLineJson)),
            generatedAt,
          ]);
          const { id } = rows[0] as { id: bigint };
          if (requestKey !== null) await nameMade(tx, requestKey, id);
          return {
            kind: 'made',
            value: { ...figures, id, accountId, month, currency: CURRENCY, generatedAt },
          };
        },
        { isolation: 'repeatable read' },
      ),
  };
}

async function readLines(tx: Transaction, bounds: readonly unknown[]): Promise<Movement[]> {
  const { rows } = await tx.query<LineRow>(LINES, bounds);
  return rows.map(({ at, kind, booking_id, amount_minor }) => ({
    at,
    kind,
    invoiceNumber: invoiceNumber(booking_id),
    amountMinor: amount_minor,
  }));
}

/**
 * What moved an account's balance and when: an invoice when it was issued, money when its outcome was recorded (a
 * payment may be settled in a later month than it was begun in).
 */
const MOVEMENTS = `
  SELECT i.issued_at AS at, 'INVOICE' AS kind, 1 AS step, i.booking_id, i.id, i.total_minor AS amount_minor
  FROM invoices i WHERE i.account_id = $1 AND i.status <> 'VOID'
  UNION ALL
  SELECT p.updated_at, 'PAYMENT', 2, i.booking_id, p.id, p.amount_minor
  FROM invoices i JOIN payments p ON p.invoice_id = i.id
  WHERE i.account_id = $1 AND p.result = 'APPROVED'
  UNION ALL
  SELECT r.updated_at, 'REFUND', 3, i.booking_id, r.id, r.amount_minor
  FROM invoices i JOIN payments p ON p.invoice_id = i.id JOIN refunds r ON r.payment_id = p.id
  WHERE i.account_id = $1 AND r.result = 'REFUNDED'`;

const SUMS_BEFORE = `
  SELECT coalesce(sum(amount_minor) FILTER (WHERE kind = 'INVOICE'), 0)::bigint AS invoiced,
         coalesce(sum(amount_minor) FILTER (WHERE kind = 'PAYMENT'), 0)::bigint AS paid,
         coalesce(sum(amount_minor) FILTER (WHERE kind = 'REFUND'), 0)::bigint AS refunded
  FROM (${MOVEMENTS}) AS m WHERE at < $2`;

const LINES = `
  SELECT at, kind, booking_id, amount_minor FROM (${MOVEMENTS}) AS m
  WHERE at >= $2 AND at < $3
  ORDER BY at, step, id`;

const INSERT = `
  INSERT INTO statements (account_id, month, currency, opening_minor, invoiced_minor, paid_minor, refunded_minor,
                          closing_minor, lines, generated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
  RETURNING id`;
