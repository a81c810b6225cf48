export const MOVEMENT_KINDS = ['INVOICE', 'PAYMENT', 'REFUND'] as const;
export type MovementKind = (typeof MOVEMENT_KINDS)[number];

/** One line of a statement. */
export type Movement = {
  readonly at: Date;
  readonly kind: MovementKind;
  readonly invoiceNumber: string;
  readonly amountMinor: bigint;
};

export type Sums = {
  readonly invoicedMinor: bigint;
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
};

export type StatementFigures = Sums & {
  readonly openingMinor: bigint;
  readonly closingMinor: bigint;
  readonly lines: readonly Movement[];
};

export type Statement = StatementFigures & {
  readonly id: bigint;
  readonly accountId: bigint;
  readonly month: Month;
  readonly currency: string;
  readonly generatedAt: Date;
};

/** A month's statement from what happened before it and in it. A balance is invoiced − paid + refunded. */
export function drawUpStatement(before: Sums, lines: readonly Movement[]): StatementFigures {
  const openingMinor = balanceOf(before);
  const sums = {
    invoicedMinor: sumOf(lines, 'INVOICE'),
    paidMinor: sumOf(lines, 'PAYMENT'),
    refundedMinor: sumOf(lines, 'REFUND'),
  };
  return { openingMinor, ...sums, closingMinor: openingMinor + balanceOf(sums), lines };
}

function balanceOf({ invoicedMinor, paidMinor, refundedMinor }: Sums): bigint {
  return invoicedMinor - paidMinor + refundedMinor;
}

function sumOf(lines: readonly Movement[], kind: MovementKind): bigint {
  return lines.reduce((sum, line) => (line.kind === kind ? sum + line.amountMinor : sum), 0n);
}

export type Month = { readonly year: number; readonly month: number };

/** Whether there is such a month, not after that of `now` (UTC). */
export function isStatementMonth({ year, month }: Month, now: Date): boolean {
  if (!Number.isInteger(year) || year < 1000 || year > 9999) return false;
  if (!Number.isInteger(month) || month < 1 || month > 12) return false;
  return startOf({ year, month }) <= now;
}

/** The first instant of a month, UTC. */
export function startOf({ year, month }: Month): Date {
  return new Date(Date.UTC(year, month - 1, 1));
}

/** The first instant of the next month, UTC. */
export function endOf({ year, month }: Month): Date {
  return new Date(Date.UTC(year, month, 1));
}

/** `2026-11-01`, as the database has it. */
export function firstDayOf({ year, month }: Month): string {
  return `${year}-${String(month).padStart(2, '0')}-01`;
}

/** The other way. */
export function monthOf(day: string): Month {
  return { year: Number(day.slice(0, 4)), month: Number(day.slice(5, 7)) };
}
