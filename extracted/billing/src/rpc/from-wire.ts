import {
  type CreateStatementRequest,
  type ExportInvoicesRequest,
  type GetInvoiceDocumentRequest,
  type ListInvoicesRequest,
  type PayInvoiceRequest,
  type RefundPaymentRequest,
  type Card as WireCard,
  InvoiceStatus as WireStatus,
} from '@banyan/contracts/billing/v1/billing';
import { minorOf } from '@banyan/service-kit/money';
import type { Caller } from '../domain/access.ts';
import { type Card, isCardNumber, isExpired } from '../domain/card.ts';
import { INVOICE_STATUSES, type Invoice, type InvoiceStatus } from '../domain/invoice.ts';
import { type Fault, Refusal, type Rule } from '../domain/refusal.ts';
import { isStatementMonth, type Month } from '../domain/statement.ts';
import { isSingleLine, isStorable, lengthOf } from '../domain/text.ts';
import type { InvoiceFilter, InvoicePage } from '../storage/port.ts';
import { fromPageToken } from './page-token.ts';
import { STATUSES } from './to-wire.ts';

const PAGE_SIZE_DEFAULT = 20;
const PAGE_SIZE_MAX = 100;
const HOLDER_LENGTH_MAX = 80;
const REASON_LENGTH_MAX = 200;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/** Gathers all faults of a request; `done` throws them. */
class Faults {
  readonly #found: Fault[] = [];

  add(field: string, rule: Rule): null {
    this.#found.push({ field, rule });
    return null;
  }

  done(): void {
    if (this.#found.length > 0) throw new Refusal('INVALID_FIELDS', { faults: this.#found });
  }
}

export function readListInvoices(
  request: ListInvoicesRequest,
  caller: Caller,
): { readonly filter: InvoiceFilter; readonly page: InvoicePage } {
  const faults = new Faults();
  const { pageSize, pageToken, skip } = request;
  if (pageSize < 0 || pageSize > PAGE_SIZE_MAX) faults.add('page_size', 'invalid');
  if (skip < 0n) faults.add('skip', 'invalid');
  const before = pageToken === '' ? undefined : fromPageToken(pageToken);
  if (before === null) faults.add('page_token', 'invalid');
  const status = readStatus(request.status, faults);
  const issued = readIssued(request, faults);
  faults.done();
  return {
    filter: {
      ...issued,
      ...given('accountId', caller.role === 'accountant' ? request.accountId : caller.accountId),
      ...given('bookingId', request.bookingId),
      ...given('ledgerReference', request.ledgerReference),
      ...given('status', status),
    },
    page: { size: pageSize || PAGE_SIZE_DEFAULT, skip, ...given('before', before ?? undefined) },
  };
}

export function readExport(
  request: ExportInvoicesRequest,
): Pick<InvoiceFilter, 'issuedFrom' | 'issuedBefore'> {
  const faults = new Faults();
  const issued = readIssued(request, faults);
  faults.done();
  return issued;
}

function readIssued(
  { issuedFrom, issuedBefore }: Pick<ListInvoicesRequest, 'issuedFrom' | 'issuedBefore'>,
  faults: Faults,
): Pick<InvoiceFilter, 'issuedFrom' | 'issuedBefore'> {
  // A timestamp may be beyond what a Date can hold.
  if (issuedFrom && Number.isNaN(issuedFrom.getTime())) faults.add('issued_from', 'invalid');
  if (issuedBefore && Number.isNaN(issuedBefore.getTime())) faults.add('issued_before', 'invalid');
  return { ...given('issuedFrom', issuedFrom), ...given('issuedBefore', issuedBefore) };
}

function readStatus(status: WireStatus, faults: Faults): InvoiceStatus | undefined {
  if (status === WireStatus.UNSPECIFIED) return undefined;
  return (
    INVOICE_STATUSES.find((each) => STATUSES[each] === status) ?? faults.add('status', 'invalid') ?? undefined
  );
}

export function readPayment(request: PayInvoiceRequest, invoice: Invoice, now: Date): Card {
  const faults = new Faults();
  const card = readCard(request.card, now, faults);
  if (request.amount !== undefined) {
    const minor = minorOf(request.amount);
    if (minor === null) faults.add('amount', 'invalid');
    else if (minor !== invoice.totalMinor || request.amount.currencyCode !== invoice.currency) {
      faults.add('amount', 'not_the_total');
    }
  }
  faults.done();
  return card;
}

function readCard(card: WireCard | undefined, now: Date, faults: Faults): Card {
  const { number = '', expiryMonth = 0, expiryYear = 0, verificationCode = '', holder = '' } = card ?? {};
  if (number === '') faults.add('card.number', 'required');
  else if (!isCardNumber(number)) faults.add('card.number', 'invalid');

  if (expiryMonth === 0 && expiryYear === 0) faults.add('card.expiry', 'required');
  else if (expiryMonth < 1 || expiryMonth > 12 || expiryYear < 2000 || expiryYear > 2099) {
    faults.add('card.expiry', 'invalid');
  } else if (isExpired({ expiryMonth, expiryYear }, now)) faults.add('card.expiry', 'expired');

  if (verificationCode === '') faults.add('card.verification_code', 'required');
  else if (!/^\d{3,4}$/.test(verificationCode)) faults.add('card.verification_code', 'invalid');

  if (holder.trim() === '') faults.add('card.holder', 'required');
  else if (!isStorable(holder) || !isSingleLine(holder)) faults.add('card.holder', 'characters');
  else if (lengthOf(holder) > HOLDER_LENGTH_MAX) faults.add('card.holder', 'too_long');
  return { number, expiryMonth, expiryYear, verificationCode, holder };
}

export function readRefund(request: RefundPaymentRequest): {
  readonly amountMinor: bigint | null;
  readonly reason: string;
} {
  const faults = new Faults();
  const { amount, reason } = request;
  const amountMinor = amount === undefined ? null : minorOf(amount);
  if (amount !== undefined && (amountMinor === null || amountMinor <= 0n)) faults.add('amount', 'invalid');
  if (reason.trim() === '') faults.add('reason', 'required');
  else if (!isStorable(reason)) faults.add('reason', 'characters');
  else if (lengthOf(reason) > REASON_LENGTH_MAX) faults.add('reason', 'too_long');
  faults.done();
  return { amountMinor, reason };
}

/** Throws all faults; ACCOUNT_NOT_FOUND where the account is the only one. */
export async function readStatementRequest(
  { month, accountId }: CreateStatementRequest,
  caller: Caller,
  now: Date,
  accountExists: (id: bigint) => Promise<boolean>,
): Promise<{ readonly accountId: bigint; readonly month: Month }> {
  const faults = new Faults();
  const isMonth = month !== undefined && isStatementMonth(month, now);
  if (month === undefined) faults.add('month', 'required');
  else if (!isMonth) faults.add('month', 'invalid');
  if (caller.role !== 'accountant') {
    faults.done();
    return { accountId: caller.accountId, month: month as Month };
  }
  if (accountId === undefined) faults.add('account_id', 'required');
  else if (!(await accountExists(accountId))) {
    const missing: Fault = { field: 'account_id', rule: 'not_found' };
    if (isMonth) throw new Refusal('ACCOUNT_NOT_FOUND', { faults: [missing] });
    faults.add(missing.field, missing.rule);
  }
  faults.done();
  return { accountId: accountId as bigint, month: month as Month };
}

export function readDocumentPart({ offsetBytes, lengthBytes }: GetInvoiceDocumentRequest): {
  readonly start: number;
  /** Null: all that follows. */
  readonly length: number | null;
} {
  const faults = new Faults();
  if (offsetBytes < 0n) faults.add('offset_bytes', 'invalid');
  if (lengthBytes < 0n) faults.add('length_bytes', 'invalid');
  faults.done();
  // A document has a few megabytes at most: what lies beyond 2^53 is behind its end in any case.
  return { start: Number(offsetBytes), length: lengthBytes === 0n ? null : Number(lengthBytes) };
}

export function readIdempotencyKey(key: string | undefined): string | null {
  if (key === undefined) return null;
  if (VISIBLE_ASCII.test(key)) return key;
  throw new Refusal('INVALID_FIELDS', { faults: [{ field: 'idempotency_key', rule: 'invalid' }] });
}

function given<K extends string, T>(name: K, value: T | undefined): { readonly [N in K]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in K]?: T };
}
