import { fromCents, toCents } from '../money.ts';

export const MOVEMENT_KINDS = ['INVOICE', 'PAYMENT', 'REFUND'] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** One line of a statement; `at` is ISO 8601. */
export type Movement = { at: string; kind: MovementKind; invoice_number: string; amount: string };

export type Sums = { invoiced: string; paid: string; refunded: string };

export type StatementFigures = {
  opening_balance: string;
  invoiced: string;
  paid: string;
  refunded: string;
  closing_balance: string;
  lines: readonly Movement[];
};

/** A month's statement from what happened before it and in it. A balance is invoiced − paid + refunded. */
export function drawUpStatement(before: Sums, lines: readonly Movement[]): StatementFigures {
  const opening = balanceCents(before);
  const sums = {
    invoiced: sumOf(lines, 'INVOICE'),
    paid: sumOf(lines, 'PAYMENT'),
    refunded: sumOf(lines, 'REFUND'),
  };
  return {
    opening_balance: fromCents(opening),
    ...sums,
    closing_balance: fromCents(opening + balanceCents(sums)),
    lines,
  };
}

function balanceCents({ invoiced, paid, refunded }: Sums): bigint {
  return toCents(invoiced) - toCents(paid) + toCents(refunded);
}

function sumOf(lines: readonly Movement[], kind: MovementKind): string {
  const cents = lines.filter((line) => line.kind === kind).map(({ amount }) => toCents(amount));
  return fromCents(cents.reduce((sum, each) => sum + each, 0n));
}

export type Month = { text: string; startsAt: Date; endsAt: Date };

/** `YYYY-MM`, not after the month of `now` (UTC); null otherwise. */
export function parseMonth(text: string, now: Date): Month | null {
  if (!/^[1-9]\d{3}-(0[1-9]|1[0-2])$/.test(text)) return null;
  const startsAt = new Date(`${text}-01T00:00:00.000Z`);
  if (startsAt > now) return null;
  const endsAt = new Date(Date.UTC(startsAt.getUTCFullYear(), startsAt.getUTCMonth() + 1, 1));
  return { text, startsAt, endsAt };
}
