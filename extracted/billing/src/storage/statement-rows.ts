import { type MovementKind, monthOf, type Statement } from '../domain/statement.ts';

export type LineJson = { at: string; kind: MovementKind; invoice_number: string; amount_minor: string };

export type StatementRow = {
  id: bigint;
  account_id: bigint;
  month: string;
  currency: string;
  opening_minor: bigint;
  invoiced_minor: bigint;
  paid_minor: bigint;
  refunded_minor: bigint;
  closing_minor: bigint;
  lines: LineJson[];
  generated_at: Date;
};

export const SELECT_STATEMENT = `
  SELECT id, account_id, month, currency, opening_minor, invoiced_minor, paid_minor, refunded_minor, closing_minor,
         lines, generated_at
  FROM statements WHERE id = $1`;

export function toStatement(row: StatementRow): Statement {
  return {
    id: row.id,
    accountId: row.account_id,
    month: monthOf(row.month),
    currency: row.currency,
    openingMinor: row.opening_minor,
    invoicedMinor: row.invoiced_minor,
    paidMinor: row.paid_minor,
    refundedMinor: row.refunded_minor,
    closingMinor: row.closing_minor,
    lines: row.lines.map(({ at, kind, invoice_number, amount_minor }) => ({
      at: new Date(at),
      kind,
      invoiceNumber: invoice_number,
      amountMinor: BigInt(amount_minor),
    })),
    generatedAt: row.generated_at,
  };
}

export function toLineJson(line: Statement['lines'][number]): LineJson {
  return {
    at: line.at.toISOString(),
    kind: line.kind,
    invoice_number: line.invoiceNumber,
    amount_minor: line.amountMinor.toString(),
  };
}
