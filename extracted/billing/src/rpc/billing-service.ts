import {
  BillingServiceService,
  type CreateStatementResponse,
  type GetInvoiceDocumentResponse,
  PayInvoiceResponse,
  RefundPaymentResponse,
} from '@banyan/contracts/billing/v1/billing';
import type { Effects } from '@banyan/service-kit/effects';
import { type CallContext, implement, type ServedService } from '@banyan/service-kit/handlers';
import type { InvoiceDocuments } from '../document/invoice-documents.ts';
import { maySeeStatement, requireRole, requireVisible } from '../domain/access.ts';
import { Refusal } from '../domain/refusal.ts';
import { type PaymentParts, payInvoice } from '../payments/pay-invoice.ts';
import type { RefundDesk } from '../payments/refund-desk.ts';
import { refundPayment } from '../payments/refund-payment.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import type { BillingReads, BillingStorage, KnownRequest, RequestKey } from '../storage/port.ts';
import type { Admission } from './admission.ts';
import { readIdempotencyKey, readListInvoices, readPayment, readRefund } from './from-wire.ts';
import { toPageToken } from './page-token.ts';
import { toRpcError } from './refusals.ts';
import { type Answering, answerAgain, answerOnce, requireSameRequest } from './repeated-request.ts';
import type { RequestDigest } from './request-digest.ts';
import {
  STATUSES,
  toExportedInvoice,
  toWireInvoice,
  toWirePayment,
  toWireRefund,
  toWireStatement,
} from './to-wire.ts';

export type BillingServiceParts = {
  readonly choice: StorageChoice;
  readonly documents: InvoiceDocuments;
  readonly payments: Omit<PaymentParts, 'storage'> & { readonly refunds: RefundDesk };
  readonly untilCaughtUp: Effects['untilCaughtUp'];
  readonly digest: RequestDigest;
  readonly admission: Admission;
  readonly now: () => Date;
};

type UserCall = CallContext<'user'>;

const CHUNK_BYTES = 65_536;

export function createBillingService(parts: BillingServiceParts): ServedService {
  const { choice, documents, payments, digest, admission, now } = parts;
  const { visible } = admission;

  const paymentAnswer = (storage: BillingStorage): Answering<PayInvoiceResponse> => ({
    async read(paymentId) {
      const invoice = await storage.findInvoiceOfPayment(paymentId);
      const payment = invoice?.payments.find(({ id }) => id === paymentId);
      if (!invoice || !payment || payment.result === 'PENDING') return null;
      return { payment: toWirePayment(payment), invoiceStatus: STATUSES[invoice.status], replayed: false };
    },
    encode: (response) => PayInvoiceResponse.encode(response).finish(),
    decode: (bytes) => PayInvoiceResponse.decode(bytes),
  });

  const refundAnswer = (storage: BillingStorage, paymentId: bigint): Answering<RefundPaymentResponse> => ({
    async read(refundId) {
      const invoice = await storage.findInvoiceOfPayment(paymentId);
      const payment = invoice?.payments.find(({ id }) => id === paymentId);
      const refund = payment?.refunds.find(({ id }) => id === refundId);
      if (!refund || refund.result === 'PENDING') return null;
      return { refund: toWireRefund(refund), paymentId, replayed: false };
    },
    encode: (response) => RefundPaymentResponse.encode(response).finish(),
    decode: (bytes) => RefundPaymentResponse.decode(bytes),
  });

  const again = async <Response extends object>({ signal }: UserCall, response: Response) => {
    // Its first request may still be waiting for what follows elsewhere.
    await parts.untilCaughtUp({ signal });
    return { ...response, replayed: true };
  };

  const requestKeyOf = (
    ctx: UserCall,
    operation: RequestKey['operation'],
    key: string | undefined,
    requestHash: Buffer,
  ): RequestKey | null => {
    const valid = readIdempotencyKey(key);
    return valid === null ? null : { accountId: ctx.identity.accountId, operation, key: valid, requestHash };
  };

  return implement(BillingServiceService, 'user', {
    listInvoices: refusing(async (request, ctx: UserCall) => {
      requireRole(ctx.identity, 'listInvoices');
      const { filter, page } = readListInvoices(request, ctx.identity);
      const { invoices, total, more } = await choice.reads().listInvoices(filter, page);
      const last = invoices.at(-1);
      return {
        invoices: invoices.map(toWireInvoice),
        nextPageToken: more && last ? toPageToken(last.id) : '',
        totalSize: total,
      };
    }),

    getInvoice: refusing(async ({ invoiceId }, ctx: UserCall) => {
      const invoice = await visible(ctx, (reads) => reads.findInvoice(invoiceId));
      return { invoice: toWireInvoice(invoice) };
    }),

    getBookingInvoice: refusing(async ({ bookingId }, ctx: UserCall) => {
      const invoice = await visible(ctx, (reads) => reads.findInvoiceOfBooking(bookingId));
      return { invoice: toWireInvoice(invoice) };
    }),

    payInvoice: refusing(async (request, ctx: UserCall) => {
      requireRole(ctx.identity, 'payInvoice');
      const storage = choice.owned();
      const invoice = await visible(ctx, () => storage.findInvoice(request.invoiceId));
      const { idempotencyKey } = request;
      const requestKey = requestKeyOf(ctx, 'PayInvoice', idempotencyKey, digest.payment(request));
      const answering = paymentAnswer(storage);
      const before = requestKey === null ? null : await storage.findRequest(requestKey);
      if (requestKey !== null && before !== null) {
        return again(ctx, await answerAgain(storage, requestKey, before, answering));
      }
      const card = readPayment(request, invoice, now());
      const paid = await payInvoice({ ...payments, storage }, { invoice, card, requestKey });
      if (paid.kind === 'paid') return answerOnce(storage, requestKey, paid.paymentId, answering);
      return again(ctx, await answerAgain(storage, requestKey as RequestKey, paid.known, answering));
    }),

    getPayment: refusing(async ({ paymentId }, ctx: UserCall) => {
      requireRole(ctx.identity, 'seeInvoice');
      const invoice = await choice.reads().findInvoiceOfPayment(paymentId);
      const payment = invoice?.payments.find(({ id }) => id === paymentId);
      if (!invoice || !payment) throw new Refusal('PAYMENT_NOT_FOUND');
      requireVisible(ctx.identity, invoice);
      return { payment: toWirePayment(payment), invoiceId: invoice.id };
    }),

    refundPayment: refusing(async (request, ctx: UserCall) => {
      requireRole(ctx.identity, 'refundPayment');
      const storage = choice.owned();
      const { paymentId, idempotencyKey } = request;
      if (!(await storage.findInvoiceOfPayment(paymentId))) throw new Refusal('PAYMENT_NOT_FOUND');
      const requestKey = requestKeyOf(ctx, 'RefundPayment', idempotencyKey, digest.refund(request));
      const answering = refundAnswer(storage, paymentId);
      const before = requestKey === null ? null : await storage.findRequest(requestKey);
      if (requestKey !== null && before !== null) {
        return again(ctx, await answerAgain(storage, requestKey, before, answering));
      }
      const wanted = { paymentId, ...readRefund(request), requestKey };
      const refunded = await refundPayment({ ...payments, storage }, wanted);
      if (refunded.kind === 'refunded') return answerOnce(storage, requestKey, refunded.refundId, answering);
      return again(ctx, await answerAgain(storage, requestKey as RequestKey, refunded.known, answering));
    }),

    getInvoiceDocument: refusingStream(async function* (request, ctx: UserCall) {
      const { invoice, start, length } = await admission.document(request, ctx);
      const { bytes, fileName, contentType, sha256 } = await documents.render(invoice);
      const facts = {
        fileName,
        contentType,
        sizeBytes: BigInt(bytes.length),
        sha256,
        updatedAt: invoice.updatedAt,
      };
      yield { part: { $case: 'facts', value: facts } } satisfies GetInvoiceDocumentResponse;
      const end = length === null ? bytes.length : Math.min(bytes.length, start + length);
      for (let at = start; at < end; at += CHUNK_BYTES) {
        const chunk = bytes.subarray(at, Math.min(at + CHUNK_BYTES, end));
        ctx.progress?.(at - start + chunk.length, end - start);
        yield { part: { $case: 'chunk', value: chunk } } satisfies GetInvoiceDocumentResponse;
      }
    }),

    exportInvoices: refusingStream(async function* (request, ctx: UserCall) {
      const issued = await admission.export(request, ctx);
      const reads = choice.reads();
      const total = ctx.progress ? await reads.countInvoices(issued) : 0;
      let done = 0;
      for await (const invoices of reads.exportInvoices(issued, ctx.signal)) {
        done += invoices.length;
        ctx.progress?.(done, Math.max(done, total));
        yield { invoices: invoices.map(toExportedInvoice) };
      }
    }),

    createStatement: refusing(async (request, ctx: UserCall) => {
      requireRole(ctx.identity, 'useStatements');
      const storage = choice.owned();
      const { idempotencyKey } = request;
      const requestKey = requestKeyOf(ctx, 'CreateStatement', idempotencyKey, digest.statement(request));
      const before = requestKey === null ? null : await storage.findRequest(requestKey);
      if (requestKey !== null && before !== null) return statementAgain(storage, requestKey, before);
      const wanted = await admission.statement(request, ctx);
      const made = await storage.createStatement({ ...wanted, requestKey });
      if (made.kind === 'known') return statementAgain(storage, requestKey as RequestKey, made.known);
      return { statement: toWireStatement(made.value), replayed: false };
    }),

    getStatement: refusing(async ({ statementId }, ctx: UserCall) => {
      requireRole(ctx.identity, 'useStatements');
      const statement = await choice.reads().findStatement(statementId);
      if (!statement || !maySeeStatement(ctx.identity, statement)) throw new Refusal('STATEMENT_NOT_FOUND');
      return { statement: toWireStatement(statement) };
    }),
  });
}

/** A statement is never changed: what is kept of it is the first answer. */
async function statementAgain(
  storage: BillingReads,
  request: RequestKey,
  known: KnownRequest,
): Promise<CreateStatementResponse> {
  requireSameRequest(request, known);
  const statement = await storage.findStatement(known.madeId);
  if (!statement) throw new Error('a statement that was there is gone');
  return { statement: toWireStatement(statement), replayed: true };
}

/** A refusal leaves this service as a status; the failure that was behind it, if any, goes to the log. */
export function refusing<Request, Context extends Logging, Response>(
  handle: (request: Request, ctx: Context) => Promise<Response>,
): (request: Request, ctx: Context) => Promise<Response> {
  return async (request, ctx) => {
    try {
      return await handle(request, ctx);
    } catch (error) {
      throw refused(error, ctx);
    }
  };
}

function refusingStream<Request, Context extends Logging, Response>(
  handle: (request: Request, ctx: Context) => AsyncIterable<Response>,
): (request: Request, ctx: Context) => AsyncIterable<Response> {
  return async function* (request, ctx) {
    try {
      yield* handle(request, ctx);
    } catch (error) {
      throw refused(error, ctx);
    }
  };
}

type Logging = Pick<CallContext, 'logger'>;

function refused(error: unknown, { logger }: Logging): unknown {
  if (!(error instanceof Refusal)) return error;
  if (error.cause !== undefined)
    logger.warn({ err: error.cause, reason: error.reason }, 'refused after a failure');
  return toRpcError(error);
}
