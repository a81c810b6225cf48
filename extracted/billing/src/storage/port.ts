import type { CardBrand } from '../domain/card.ts';
import type { Invoice, InvoiceLine, InvoiceStatus, InvoiceSummary } from '../domain/invoice.ts';
import type { Closing, KnownOutcome } from '../domain/payment-rules.ts';
import type { Month, Statement } from '../domain/statement.ts';

/** Which invoices; what is absent lets all through. */
export type InvoiceFilter = {
  readonly accountId?: bigint;
  readonly bookingId?: bigint;
  readonly status?: InvoiceStatus;
  readonly ledgerReference?: bigint;
  /** Inclusive. */
  readonly issuedFrom?: Date;
  /** Exclusive. */
  readonly issuedBefore?: Date;
};

export type InvoicePage = {
  readonly size: number;
  /** Only invoices with a smaller id; wins over `skip`. */
  readonly before?: bigint;
  readonly skip: bigint;
};

/** One page of a list, newest first, `total` of all pages. `more`: this was not the last one. */
export type ListedInvoices = {
  readonly invoices: readonly Invoice[];
  readonly total: bigint;
  readonly more: boolean;
};

/** Each answer is of one moment. */
export type BillingReads = {
  findInvoice(id: bigint): Promise<Invoice | null>;
  findInvoiceOfBooking(bookingId: bigint): Promise<Invoice | null>;
  findInvoiceOfPayment(paymentId: bigint): Promise<Invoice | null>;
  listInvoices(filter: InvoiceFilter, page: InvoicePage): Promise<ListedInvoices>;
  /** Oldest first, in batches, all of one moment. Holds a connection until the loop is left. */
  exportInvoices(
    issued: Pick<InvoiceFilter, 'issuedFrom' | 'issuedBefore'>,
    signal: AbortSignal,
  ): AsyncIterable<readonly InvoiceSummary[]>;
  countInvoices(issued: Pick<InvoiceFilter, 'issuedFrom' | 'issuedBefore'>): Promise<number>;
  findStatement(id: bigint): Promise<Statement | null>;
  accountExists(id: bigint): Promise<boolean>;
};

/** A key that a client gave to a write, of this caller for this operation. */
export type RequestKey = {
  readonly accountId: bigint;
  readonly operation: 'PayInvoice' | 'RefundPayment' | 'CreateStatement';
  readonly key: string;
  readonly requestHash: Buffer;
};

export type KnownRequest = {
  readonly requestHash: Buffer;
  readonly madeId: bigint;
  /** Null until it has been answered. */
  readonly answer: Buffer | null;
};

/** What was made, or the write that the same key made before. */
export type Made<T> =
  | { readonly kind: 'made'; readonly value: T }
  | { readonly kind: 'known'; readonly known: KnownRequest };

export type NewPayment = {
  readonly paymentId: bigint;
  readonly invoiceId: bigint;
  readonly cardBrand: CardBrand;
  readonly cardLast4: string;
  readonly requestKey: RequestKey | null;
};

export type BegunPayment = {
  readonly id: bigint;
  /** What the acquirer knows it by. */
  readonly key: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly bookingId: bigint;
};

/** What a transaction leaves to be done after it: events to bring to others, a refund to ask the acquirer for. */
export type FollowUp = { readonly eventIds: readonly string[]; readonly refundId: bigint | null };

export type Settled = FollowUp & {
  /** Whether this call wrote the outcome; false when somebody else had. */
  readonly settled: boolean;
};

export type NewRefund = {
  readonly paymentId: bigint;
  /** Null: all that is left. */
  readonly amountMinor: bigint | null;
  readonly reason: string;
  readonly requestKey: RequestKey | null;
};

export type NewStatement = {
  readonly accountId: bigint;
  readonly month: Month;
  readonly requestKey: RequestKey | null;
};

export type RefundEnd =
  | { readonly kind: 'refunded'; readonly ref: string }
  | { readonly kind: 'failed'; readonly ref: string | null };

export type PendingPayment = {
  readonly id: bigint;
  readonly key: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly createdAt: Date;
};

export type RefundOrder = {
  readonly key: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly chargeRef: string;
};

export type PlacedBooking = {
  readonly bookingId: bigint;
  readonly accountId: bigint;
  readonly billTo: string;
  readonly currency: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
  readonly lines: readonly InvoiceLine[];
  readonly placedAt: Date;
  readonly dueAt: Date;
};

/** Each is one transaction, refused with NOT_THE_OWNER unless this side owns billing. Throws `Refusal`s. */
export type BillingWrites = {
  /** An id for a payment to come. */
  newPaymentId(): Promise<bigint>;
  /** The invoice's lock, whether it can be paid, the PENDING row. */
  beginPayment(payment: NewPayment): Promise<Made<BegunPayment>>;
  /** An outcome and what follows from it: PAID, or for a void invoice the refund of the whole; event and mail. */
  settlePayment(paymentId: bigint, outcome: KnownOutcome): Promise<Settled>;
  beginRefund(refund: NewRefund): Promise<Made<bigint>>;
  settleRefund(refundId: bigint, end: RefundEnd): Promise<Settled>;
  refundOrder(refundId: bigint): Promise<RefundOrder>;
  /** Made at or before `before`, oldest first, without those in `except`. */
  pendingPayments(
    before: Date,
    except: readonly bigint[],
    rowsMax: number,
  ): Promise<readonly PendingPayment[]>;
  pendingRefunds(
    before: Date,
    except: readonly bigint[],
    rowsMax: number,
  ): Promise<readonly { id: bigint }[]>;
  createStatement(statement: NewStatement): Promise<Made<Statement>>;
  findRequest(key: Omit<RequestKey, 'requestHash'>): Promise<KnownRequest | null>;
  /** Keeps the answer, unless there is one; gives the one that is kept. Null: the key is not known any more. */
  keepAnswer(key: Omit<RequestKey, 'requestHash'>, answer: Buffer): Promise<Buffer | null>;
  /** The invoice of a booking; once per booking. Once per event id, as those below. */
  placeInvoice(eventId: string, booking: PlacedBooking): Promise<Taken>;
  /** The end of a booking, also before its invoice has come. */
  closeBooking(eventId: string, bookingId: bigint, closing: Closing): Promise<Taken>;
  /** An event that means nothing to billing. */
  takeNote(eventId: string): Promise<Taken>;
};

export type Taken = { readonly duplicate: boolean; readonly refundId: bigint | null };

export type BillingStorage = BillingReads & BillingWrites;
