import type { Pool, PoolClient } from 'pg';
import type { Identity } from '../auth/guards.ts';
import { invoiceNumber } from '../bookings/reference.ts';
import { isoInstant } from '../clock.ts';
import { inTransaction } from '../db/transaction.ts';
import { rawInteger } from '../http/json.ts';
import { type Fault, invalidFields } from '../http/refusal.ts';
import {
  drawUpStatement,
  type Month,
  type Movement,
  type MovementKind,
  parseMonth,
  type StatementFigures,
  type Sums,
} from './statement.ts';

const CURRENCY = 'EUR';

/** What is stored and sent; the ids are JSON numbers. */
export type StatementBody = StatementFigures & { month: string; currency: string; generated_at: string };

export type WantedStatement = { accountId: string; month: Month };

/** The body of createStatement; throws the 422 with all its faults. */
export async function parseStatementRequest(
  values: Readonly<Record<string, unknown>>,
  identity: Identity,
  now: Date,
  accountExists: (id: string) => Promise<boolean>,
): Promise<WantedStatement> {
  const faults: Fault[] = [];
  const month = typeof values.month === 'string' ? parseMonth(values.month, now) : null;
  if (month === null) {
    const missing = values.month === undefined || values.month === null || values.month === '';
    const msg = missing ? 'Month is required.' : 'Month must be YYYY-MM and not in the future.';
    faults.push({ field: 'month', msg });
  }
  let accountId: string | null = identity.accountId;
  if (identity.role === 'accountant') {
    accountId = parseAccountId(values.account_id);
    if (accountId === null) {
      const given = values.account_id !== undefined && values.account_id !== null && values.account_id !== '';
      faults.push({ field: 'account_id', msg: given ? 'No such account.' : 'Account is required.' });
    } else if (!(await accountExists(accountId))) {
      faults.push({ field: 'account_id', msg: 'No such account.' });
    }
  }
  if (faults.length > 0 || month === null || accountId === null) throw invalidFields(faults);
  return { accountId, month };
}

export function accountExists(pool: Pool): (id: string) => Promise<boolean> {
  return async (id) => (await pool.query('SELECT 1 FROM accounts WHERE id = $1', [id])).rowCount === 1;
}

/** A stored statement's account and its body, or undefined. */
export async function findStatement(
  pool: Pool,
  id: string,
): Promise<{ account_id: string; body: StatementBody } | undefined> {
  const sql = 'SELECT account_id, body FROM statements WHERE id = $1';
  return (await pool.query<{ account_id: string; body: StatementBody }>(sql, [id])).rows[0];
}

/** Draws up a statement and stores it as it is sent: its body is JSON text in the contract's order. */
export function createStatement(pool: Pool, wanted: WantedStatement, clock: () => Date): Promise<string> {
  return inTransaction(pool, async (client) => {
    // What came before and what came in the month must be of one moment.
    await client.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const { accountId, month } = wanted;
    const bounds = [accountId, isoInstant(month.startsAt)];
    const before = (await client.query<Sums>(SUMS_BEFORE, bounds)).rows[0] as Sums;
    const lines = await readLines(client, [...bounds, isoInstant(month.endsAt)]);
    const generatedAt = clock();
    const { rows } = await client.query<{ id: string }>(`SELECT nextval('statements_id_seq') AS id`);
    const id = (rows[0] as { id: string }).id;
    const { lines: _, ...figures } = drawUpStatement(before, lines);
    const body = JSON.stringify({
      id: rawInteger(id),
      account_id: rawInteger(accountId),
      month: month.text,
      currency: CURRENCY,
      ...figures,
      lines,
      generated_at: isoInstant(generatedAt),
    });
    await client.query(INSERT, [id, accountId, month.text, body, isoInstant(generatedAt)]);
    return body;
  });
}

type LineRow = { at: Date; kind: MovementKind; booking_id: string; amount: string };

async function readLines(client: PoolClient, bounds: readonly string[]): Promise<Movement[]> {
  const { rows } = await client.query<LineRow>(LINES, [...bounds]);
  return rows.map(({ at, kind, booking_id, amount }) => ({
    at: isoInstant(at),
    kind,
    invoice_number: invoiceNumber(booking_id),
    amount,
  }));
}

function parseAccountId(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
  return typeof value === 'string' && /^\d{1,18}$/.test(value) ? BigInt(value).toString() : null;
}

/**
 * What moved an account's balance and when: an invoice when it was issued, money when its outcome was recorded
 * (a payment may be settled in a later month than it was begun in).
 */
const MOVEMENTS = `
  SELECT i.issued_at AS at, 'INVOICE' AS kind, 1 AS step, i.booking_id, i.id, i.total AS amount
  FROM invoices i WHERE i.account_id = $1 AND i.status <> 'VOID'
  UNION ALL
  SELECT p.updated_at, 'PAYMENT', 2, i.booking_id, p.id, p.amount
  FROM invoices i JOIN payments p ON p.invoice_id = i.id
  WHERE i.account_id = $1 AND p.result = 'APPROVED'
  UNION ALL
  SELECT r.updated_at, 'REFUND', 3, i.booking_id, r.id, r.amount
  FROM invoices i JOIN payments p ON p.invoice_id = i.id JOIN refunds r ON r.payment_id = p.id
  WHERE i.account_id = $1 AND r.result = 'REFUNDED'`;

const SUMS_BEFORE = `
  SELECT coalesce(sum(amount) FILTER (WHERE kind = 'INVOICE'), 0.00)::numeric(14, 2) AS invoiced,
         coalesce(sum(amount) FILTER (WHERE kind = 'PAYMENT'), 0.00)::numeric(14, 2) AS paid,
         coalesce(sum(amount) FILTER (WHERE kind = 'REFUND'), 0.00)::numeric(14, 2) AS refunded
  FROM (${MOVEMENTS}) AS m WHERE at < $2::timestamptz`;

const LINES = `
  SELECT at, kind, booking_id, amount FROM (${MOVEMENTS}) AS m
  WHERE at >= $2::timestamptz AND at < $3::timestamptz
  ORDER BY at, step, id`;

const INSERT = `
  INSERT INTO statements (id, account_id, month, body, generated_at) VALUES ($1, $2, $3, $4, $5::timestamptz)`;
