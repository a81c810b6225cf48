import { bookingReference, invoiceNumber } from './reference.ts';

export const INVOICE_STATUSES = ['OPEN', 'PAID', 'PARTIALLY_REFUNDED', 'REFUNDED', 'VOID'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

export const PAYMENT_RESULTS = ['PENDING', 'APPROVED', 'DECLINED', 'FAILED'] as const;
export type PaymentResult = (typeof PAYMENT_RESULTS)[number];

export const REFUND_RESULTS = ['PENDING', 'REFUNDED', 'FAILED'] as const;
export type RefundResult = (typeof REFUND_RESULTS)[number];

export type InvoiceLine = {
  readonly description: string;
  readonly quantity: number;
  readonly unitMinor: bigint;
  readonly amountMinor: bigint;
};

export type Refund = {
  readonly id: bigint;
  readonly result: RefundResult;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly reason: string;
  readonly acquirerReference: string | null;
  readonly createdAt: Date;
};

export type Payment = {
  readonly id: bigint;
  readonly result: PaymentResult;
  readonly declineReason: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly cardBrand: string;
  readonly cardLast4: string;
  readonly acquirerReference: string | null;
  readonly createdAt: Date;
  /** Oldest first. */
  readonly refunds: readonly Refund[];
};

/** What an invoice is without its parts. */
export type InvoiceSummary = {
  readonly id: bigint;
  readonly bookingId: bigint;
  readonly accountId: bigint;
  readonly status: InvoiceStatus;
  readonly currency: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
  readonly ledgerReference: bigint;
  readonly issuedAt: Date;
  readonly paidAt: Date | null;
};

export type Invoice = InvoiceSummary & {
  readonly billTo: string;
  readonly dueAt: Date;
  readonly updatedAt: Date;
  readonly lines: readonly InvoiceLine[];
  /** Oldest first. */
  readonly payments: readonly Payment[];
};

export const numberOf = ({ bookingId }: Pick<InvoiceSummary, 'bookingId'>): string =>
  invoiceNumber(bookingId);
export const referenceOf = ({ bookingId }: Pick<InvoiceSummary, 'bookingId'>): string =>
  bookingReference(bookingId);

/**
 * The ledger's reference of an invoice lies above 2^53 and is odd: no double holds it, so a reader that rounds is
 * found out at once.
 */
export function ledgerReferenceOf(invoiceId: bigint): bigint {
  return 9007199254740993n + 2n * invoiceId;
}
