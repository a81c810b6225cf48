import { refundableCents } from '../billing/fare-rules.ts';
import { plusMs } from '../clock.ts';
import type { SeedBooking } from './bookings.ts';
import type { Prng } from './prng.ts';

export type SeedInvoice = {
  id: number;
  booking: SeedBooking;
  status: 'OPEN' | 'PAID' | 'PARTIALLY_REFUNDED' | 'REFUNDED' | 'VOID';
  paidCents: bigint;
  refundedCents: bigint;
  issuedAt: Date;
  dueAt: Date;
  paidAt: Date | null;
  updatedAt: Date;
};

export type SeedPayment = {
  id: number;
  invoiceId: number;
  result: 'APPROVED' | 'DECLINED';
  declineReason: string | null;
  amountCents: bigint;
  cardBrand: string;
  cardLast4: string;
  acquirerRef: string;
  createdAt: Date;
};

export type SeedRefund = {
  id: number;
  paymentId: number;
  amountCents: bigint;
  reason: string;
  acquirerRef: string;
  createdAt: Date;
};

export type SeedBilling = { invoices: SeedInvoice[]; payments: SeedPayment[]; refunds: SeedRefund[] };

const HOLD_MS = 30 * 60_000;
const BRANDS = ['VISA', 'VISA', 'MASTERCARD', 'AMEX', 'OTHER'];
const DECLINES = ['insufficient_funds', 'insufficient_funds', 'expired_card', 'stolen_card'];

/** The invoices, payments and refunds that follow from the bookings' states. */
export function seedBilling(prng: Prng, bookings: readonly SeedBooking[]): SeedBilling {
  const billing: SeedBilling = { invoices: [], payments: [], refunds: [] };
  for (const booking of bookings) bill(prng, booking, billing);
  return billing;
}

function bill(prng: Prng, booking: SeedBooking, { invoices, payments, refunds }: SeedBilling): void {
  const { createdAt, paidAt, price, status } = booking;
  const invoiceId = 2 * invoices.length + 1;
  const pay = (result: SeedPayment['result'], at: Date): SeedPayment => {
    const id = 2 * payments.length + 1;
    const payment: SeedPayment = {
      id,
      invoiceId,
      result,
      declineReason: result === 'DECLINED' ? prng.pick(DECLINES) : null,
      amountCents: price.totalCents,
      cardBrand: prng.pick(BRANDS),
      cardLast4: String(prng.int(0, 9999)).padStart(4, '0'),
      acquirerRef: `ch_seed_${String(id).padStart(6, '0')}`,
      createdAt: at,
    };
    payments.push(payment);
    return payment;
  };

  const declined = prng.chance(status === 'EXPIRED' ? 0.2 : 0.04);
  if (declined && status !== 'HELD') pay('DECLINED', plusMs(createdAt, 30_000));
  let refundedCents = 0n;
  let updatedAt = status === 'HELD' ? createdAt : booking.updatedAt;
  if (paidAt) {
    const payment = pay('APPROVED', paidAt);
    const refund = refundOf(prng, booking);
    if (refund) {
      const id = 2 * refunds.length + 1;
      refunds.push({
        id,
        paymentId: payment.id,
        amountCents: refund.cents,
        reason: refund.reason,
        acquirerRef: `re_seed_${String(id).padStart(6, '0')}`,
        createdAt: refund.at,
      });
      refundedCents = refund.cents;
      updatedAt = refund.at;
    }
  }
  invoices.push({
    id: invoiceId,
    booking,
    status: statusOf(booking, refundedCents),
    paidCents: paidAt ? price.totalCents : 0n,
    refundedCents,
    issuedAt: createdAt,
    dueAt: booking.holdExpiresAt ?? plusMs(createdAt, HOLD_MS),
    paidAt,
    updatedAt,
  });
}

function refundOf(prng: Prng, booking: SeedBooking): { cents: bigint; reason: string; at: Date } | null {
  const { fareClass, passengers, price, status, updatedAt } = booking;
  if (status === 'CANCELLED') {
    const cents = refundableCents(fareClass, price.totalCents, passengers.length);
    return cents > 0n ? { cents, reason: 'Booking cancelled', at: plusMs(updatedAt, 1000) } : null;
  }
  if (!prng.chance(0.015)) return null;
  // A gesture of the accountants' after a complaint.
  const cents = price.totalCents > 4000n ? 2500n : price.totalCents;
  return { cents, reason: 'Goodwill', at: plusMs(updatedAt, 3_600_000) };
}

function statusOf({ paidAt, price, status }: SeedBooking, refundedCents: bigint): SeedInvoice['status'] {
  if (status === 'HELD') return 'OPEN';
  if (!paidAt) return 'VOID';
  if (refundedCents === 0n) return 'PAID';
  return refundedCents === price.totalCents ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
}
