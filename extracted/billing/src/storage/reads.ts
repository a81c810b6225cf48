import type { Database } from '@banyan/service-kit/database';
import type { Invoice } from '../domain/invoice.ts';
import {
  type InvoiceRow,
  SELECT_INVOICES,
  SUMMARY_COLUMNS,
  type SummaryRow,
  toInvoice,
  toSummary,
} from './invoice-rows.ts';
import type { BillingReads, InvoiceFilter } from './port.ts';
import { SELECT_STATEMENT, type StatementRow, toStatement } from './statement-rows.ts';

const EXPORT_BATCH_ROWS = 500;

/**
 * Reads by unqualified names: the service's own tables, or the views of the same names over the monolith's, as the
 * database's schema says.
 */
export function createReads(database: Database): BillingReads {
  const findBy = async (condition: string, value: bigint): Promise<Invoice | null> => {
    const { rows } = await database.query<InvoiceRow>(`${SELECT_INVOICES} WHERE ${condition}`, [value]);
    return rows[0] ? toInvoice(rows[0]) : null;
  };

  return {
    findInvoice: (id) => findBy('i.id = $1', id),
    findInvoiceOfBooking: (bookingId) => findBy('i.booking_id = $1', bookingId),
    findInvoiceOfPayment: (paymentId) =>
      findBy('i.id = (SELECT p.invoice_id FROM payments p WHERE p.id = $1)', paymentId),

    async listInvoices(filter, { size, before, skip }) {
      const { where, values } = conditionsOf(filter);
      const counted = await database.query<{ total: bigint }>(
        `SELECT count(*) AS total FROM invoices i WHERE ${where}`,
        values,
      );
      const at = values.length;
      const paged = before === undefined ? where : `${where} AND i.id < $${at + 3}`;
      // The page is cut out by id first: lines and payments are gathered for its rows, not for all that it skips.
      // One more than the page holds tells whether it is the last.
      const { rows } = await database.query<InvoiceRow>(
        `${SELECT_INVOICES}
         WHERE i.id = ANY(ARRAY(SELECT i.id FROM invoices i WHERE ${paged} ORDER BY i.id DESC
                                LIMIT $${at + 1} OFFSET $${at + 2}))
         ORDER BY i.id DESC`,
        [...values, size + 1, before === undefined ? skip : 0n, ...(before === undefined ? [] : [before])],
      );
      return {
        invoices: rows.slice(0, size).map(toInvoice),
        total: counted.rows[0]?.total ?? 0n,
        more: rows.length > size,
      };
    },

    async *exportInvoices(issued, signal) {
      const { where, values } = conditionsOf(issued);
      const sql = `SELECT ${SUMMARY_COLUMNS} FROM invoices i WHERE ${where} ORDER BY i.issued_at, i.id`;
      const batches = database.stream<SummaryRow>(sql, values, { batchRows: EXPORT_BATCH_ROWS, signal });
      for await (const rows of batches) yield rows.map(toSummary);
    },

    async countInvoices(issued) {
      const { where, values } = conditionsOf(issued);
      const sql = `SELECT count(*)::int AS total FROM invoices i WHERE ${where}`;
      return (await database.query<{ total: number }>(sql, values)).rows[0]?.total ?? 0;
    },

    async findStatement(id) {
      const { rows } = await database.query<StatementRow>(SELECT_STATEMENT, [id]);
      return rows[0] ? toStatement(rows[0]) : null;
    },

    async accountExists(id) {
      const { rowCount } = await database.query('SELECT 1 FROM accounts WHERE id = $1', [id]);
      return rowCount === 1;
    },
  };
}

function conditionsOf(filter: InvoiceFilter): { where: string; values: unknown[] } {
  const conditions: string[] = [];
  const values: unknown[] = [];
  const condition = (sql: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(`${sql} $${values.length}`);
  };
  condition('i.account_id =', filter.accountId);
  condition('i.status =', filter.status);
  condition('i.booking_id =', filter.bookingId);
  condition('i.ledger_reference =', filter.ledgerReference);
  condition('i.issued_at >=', filter.issuedFrom);
  condition('i.issued_at <', filter.issuedBefore);
  return { where: conditions.length === 0 ? 'true' : conditions.join(' AND '), values };
}
