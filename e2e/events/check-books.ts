import type { Books, InvoiceRow, PaymentRow } from './books.ts';
import type { Order } from './customers.ts';

const CLASSIC_FEE = 5_000;

/** Why things are not yet as they will stay; empty when all is quiet. */
export function findUnrest({ payments, refunds, mails, outboxes, queues }: Books): string[] {
  const unrest: string[] = [];
  const note = (count: number, what: string): void => {
    if (count > 0) unrest.push(`${count} ${what}`);
  };
  note(payments.filter(({ result }) => result === 'PENDING').length, 'payments without an outcome');
  note(refunds.filter(({ result }) => result === 'PENDING').length, 'refunds without an outcome');
  note(mails.filter(({ state }) => state === 'QUEUED').length, 'mails to be sent');
  for (const [name, { waiting }] of Object.entries(outboxes))
    note(waiting, `events in the outbox of ${name}`);
  for (const [name, { waiting }] of Object.entries(queues)) note(waiting, `jobs in ${name}`);
  return unrest;
}

/** Everything that does not agree: with what clients were promised, between the databases, and with the money. */
export function findFaults(books: Books, orders: readonly Order[], plantedDead: number): string[] {
  const faults: string[] = [];
  const { bookings, invoices, payments, refunds } = books;
  const invoicesOf = Map.groupBy(invoices, ({ bookingId }) => bookingId);
  const paymentsOf = Map.groupBy(payments, ({ invoiceId }) => invoiceId);
  const refundsOf = Map.groupBy(refunds, ({ paymentId }) => paymentId);
  const known = new Map(bookings.map((booking) => [booking.id, booking]));

  for (const order of orders) {
    const booking = known.get(order.bookingId);
    if (booking) faults.push(...brokenPromises(order, booking.status, paidOf(order.bookingId)));
    else faults.push(`booking ${order.bookingId} was acknowledged, and is not there`);
  }

  function paidOf(bookingId: number): PaymentRow[] {
    return (invoicesOf.get(bookingId) ?? []).flatMap(({ id }) => paymentsOf.get(id) ?? []);
  }

  for (const { id, status, fareClass } of bookings) {
    const [invoice, ...more] = invoicesOf.get(id) ?? [];
    if (!invoice || more.length > 0) {
      faults.push(`booking ${id} has ${invoice ? more.length + 1 : 0} invoices`);
      continue;
    }
    const approved = paidOf(id).filter(({ result }) => result === 'APPROVED');
    if (approved.length > 1) faults.push(`booking ${id} was paid ${approved.length} times`);
    const [payment] = approved;
    const back = payment
      ? (refundsOf.get(payment.id) ?? []).filter(({ result }) => result === 'REFUNDED')
      : [];
    if (back.length > 1) faults.push(`booking ${id} was paid back ${back.length} times`);
    const returned = back.reduce((sum, { amount }) => sum + amount, 0);
    const wrong = disagreement(status, fareClass, invoice, payment, returned);
    if (wrong !== null) faults.push(`booking ${id} is ${status}, ${wrong}`);
  }
  faults.push(...moneyFaults(books), ...mailFaults(books));

  const dead = { outboxes: sumOfDead(books.outboxes), queues: sumOfDead(books.queues) };
  for (const [where, count] of Object.entries(dead)) {
    if (count !== plantedDead) faults.push(`${count} dead letters in ${where}, ${plantedDead} were planted`);
  }
  return faults;
}

function brokenPromises(order: Order, status: string, payments: readonly PaymentRow[]): string[] {
  const { bookingId, isPaid, isDeclined, isCancelled, mayBePaid, mayBeCancelled } = order;
  const broken: string[] = [];
  const has = (result: string): boolean => payments.some((payment) => payment.result === result);
  if (isPaid && !has('APPROVED'))
    broken.push(`the payment of booking ${bookingId} was acknowledged, and is not there`);
  if (isDeclined && !has('DECLINED')) broken.push(`a declined card of booking ${bookingId} is not there`);
  if (isCancelled && status !== 'CANCELLED') {
    broken.push(`the cancellation of booking ${bookingId} was acknowledged, and it is ${status}`);
  }
  if (!mayBeCancelled && !isCancelled) {
    if (isPaid && status !== 'CONFIRMED') broken.push(`booking ${bookingId} is paid, and is ${status}`);
    if (!mayBePaid && status !== 'HELD') broken.push(`booking ${bookingId} was left alone, and is ${status}`);
  }
  return broken;
}

/** Between a booking and its invoice, at rest. */
function disagreement(
  status: string,
  fareClass: string,
  { status: invoiceStatus, total }: InvoiceRow,
  payment: PaymentRow | undefined,
  returned: number,
): string | null {
  const invoiceIs = `and its invoice ${invoiceStatus}, with ${returned} of ${payment?.amount ?? 0} returned`;
  switch (status) {
    case 'HELD':
      return invoiceStatus === 'OPEN' && !payment ? null : invoiceIs;
    case 'CONFIRMED':
      return invoiceStatus === 'PAID' && payment && returned === 0 ? null : invoiceIs;
    case 'CANCELLED': {
      if (!payment) return invoiceStatus === 'VOID' ? null : invoiceIs;
      const byFare = { SAVER: 0, CLASSIC: Math.max(0, total - CLASSIC_FEE), FLEX: total }[fareClass];
      // Whole: the money came when the booking was cancelled already.
      return returned === byFare || returned === total ? null : invoiceIs;
    }
    default:
      return invoiceIs;
  }
}

/** What the acquirer moved is what is recorded, key by key. */
function moneyFaults({ payments, refunds, acquirer }: Books): string[] {
  const recorded = new Map<string, number>();
  for (const { key, result, amount } of payments)
    if (result === 'APPROVED') recorded.set(`charge ${key}`, amount);
  for (const { key, result, amount } of refunds)
    if (result === 'REFUNDED') recorded.set(`refund ${key}`, amount);
  const moved = new Map<string, number>();
  for (const { kind, key, result, amount } of acquirer) {
    if (result === 'APPROVED') moved.set(`${kind} ${key}`, amount);
  }
  return [...new Set([...recorded.keys(), ...moved.keys()])].flatMap((key) =>
    recorded.get(key) === moved.get(key)
      ? []
      : [`${key}: ${moved.get(key) ?? 'nothing'} was moved, ${recorded.get(key) ?? 'nothing'} is recorded`],
  );
}

function mailFaults({ mails, caught, payments, bookings, refunds }: Books): string[] {
  const faults: string[] = [];
  const wanted = new Set(mails.map(({ messageId }) => messageId));
  const came = new Set(caught);
  // An e-ticket of what was cancelled before it went out is not sent any more.
  const confirmed = bookings.filter(({ status }) => status === 'CONFIRMED');
  const needed = new Set(confirmed.map(({ id }) => `<e-ticket-${id}@meridian.example>`));
  const isObsolete = (messageId: string, state: string): boolean =>
    state === 'GIVEN_UP' && messageId.startsWith('<e-ticket-') && !needed.has(messageId);
  const unsent = mails
    .filter(({ messageId, state }) => !came.has(messageId) && !isObsolete(messageId, state))
    .map(({ messageId, state }) => `${messageId} (${state})`);
  const unknown = [...came].filter((id) => !wanted.has(id));
  if (wanted.size !== mails.length) faults.push('two mails have one Message-ID');
  if (unsent.length > 0) faults.push(`never came: ${unsent.join(' ')}`);
  if (unknown.length > 0) faults.push(`came without a cause: ${unknown.join(' ')}`);

  const count = (kind: string): number => [...wanted].filter((id) => id.startsWith(`<${kind}-`)).length;
  const approved = payments.filter(({ result }) => result === 'APPROVED');
  const returned = refunds.filter(({ result }) => result === 'REFUNDED');
  // Who paid too late has the money back, with a mail that says so in place of a receipt.
  const late = returned.filter(({ isLate }) => isLate).length;
  if (count('receipt') < approved.length - late || count('receipt') > approved.length) {
    faults.push(`${count('receipt')} receipts for ${approved.length} payments, ${late} of them too late`);
  }
  const missing = [...needed].filter((messageId) => !wanted.has(messageId));
  if (missing.length > 0) faults.push(`no e-ticket: ${missing.join(' ')}`);
  if (count('refund') !== returned.length) {
    faults.push(`${count('refund')} mails of refunds for ${returned.length} refunds`);
  }
  return faults;
}

function sumOfDead(places: Readonly<Record<string, { readonly dead: number }>>): number {
  return Object.values(places).reduce((sum, { dead }) => sum + dead, 0);
}
