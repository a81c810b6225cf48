import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type pg from 'pg';
import type { System } from './system.ts';

/** What all databases, queues and the world outside say of the bookings of a run. Amounts are in cents. */
export type Books = {
  readonly bookings: readonly BookingRow[];
  readonly invoices: readonly InvoiceRow[];
  readonly payments: readonly PaymentRow[];
  readonly refunds: readonly RefundRow[];
  /** Message-IDs of mails that are to go out, or did. */
  readonly mails: readonly { readonly messageId: string; readonly state: string }[];
  /** What was caught, once for each time it came. */
  readonly caught: readonly string[];
  readonly acquirer: readonly Movement[];
  /** By outbox. */
  readonly outboxes: Readonly<Record<string, { readonly waiting: number; readonly dead: number }>>;
  /** By queue. */
  readonly queues: Readonly<Record<string, { readonly waiting: number; readonly dead: number }>>;
};

export type BookingRow = { readonly id: number; readonly status: string; readonly fareClass: string };
export type InvoiceRow = {
  readonly id: number;
  readonly bookingId: number;
  readonly status: string;
  readonly total: number;
};
export type PaymentRow = {
  readonly id: number;
  readonly invoiceId: number;
  readonly key: string;
  readonly result: string;
  readonly amount: number;
};
export type RefundRow = Omit<PaymentRow, 'invoiceId'> & {
  readonly paymentId: number;
  /** The booking was over when the money came. */
  readonly isLate: boolean;
};
export type Movement = {
  readonly kind: 'charge' | 'refund';
  readonly key: string;
  readonly result: 'APPROVED' | 'DECLINED';
  readonly amount: number;
};

export const QUEUES = ['billing-events', 'booking-events'] as const;

export async function readBooks(system: System): Promise<Books> {
  const booking = system.at('booking');
  const billing = system.at('billing');
  const schema = billing.isService ? 'billing' : 'public';
  const cents = (name: string): string => (billing.isService ? `${name}_minor::int` : `(${name} * 100)::int`);
  const flights = [system.flights];
  const bookings = await rows<BookingRow>(
    booking.pool,
    `SELECT id::int, status, fare_class AS "fareClass" FROM ${booking.isService ? 'booking' : 'public'}.bookings
     WHERE flight_id = ANY ($1::bigint[]) ORDER BY id`,
    flights,
  );
  const ids = [bookings.map(({ id }) => id)];
  const invoices = await rows<InvoiceRow>(
    billing.pool,
    `SELECT id::int, booking_id::int AS "bookingId", status, ${cents('total')} AS total FROM ${schema}.invoices
     WHERE booking_id = ANY ($1::bigint[])`,
    ids,
  );
  const payments = await rows<PaymentRow>(
    billing.pool,
    `SELECT id::int, invoice_id::int AS "invoiceId", idempotency_key AS key, result, ${cents('amount')} AS amount
     FROM ${schema}.payments WHERE invoice_id = ANY ($1::bigint[])`,
    [invoices.map(({ id }) => id)],
  );
  const refunds = await rows<RefundRow>(
    billing.pool,
    `SELECT id::int, payment_id::int AS "paymentId", idempotency_key AS key, result, ${cents('amount')} AS amount,
            reason = 'Booking was no longer held' AS "isLate"
     FROM ${schema}.refunds WHERE payment_id = ANY ($1::bigint[])`,
    [payments.map(({ id }) => id)],
  );
  return {
    bookings,
    invoices,
    payments,
    refunds,
    mails: await readMails(system),
    caught: await system.mails.read(),
    acquirer: await readLedger(system),
    outboxes: await readOutboxes(system),
    queues: await readQueues(system),
  };
}

async function readMails(system: System): Promise<Books['mails']> {
  const from = (pool: pg.Pool, schema: string) =>
    rows<Books['mails'][number]>(
      pool,
      `SELECT message_id AS "messageId", state FROM ${schema}.outgoing_mail WHERE created_at >= $1`,
      [system.beganAt],
    );
  const found = [await from(system.monolith, 'public')];
  for (const name of system.combination) found.push(await from(system.at(name).pool, name));
  return found.flat();
}

async function readLedger({ acquirerUrl }: System): Promise<Movement[]> {
  const { movements } = (await (await fetch(`${acquirerUrl}/ledger`)).json()) as {
    movements: (Omit<Movement, 'amount'> & { amount: string })[];
  };
  return movements.map((each) => ({ ...each, amount: Math.round(Number(each.amount) * 100) }));
}

async function readOutboxes(system: System): Promise<Books['outboxes']> {
  const count = async (pool: pg.Pool, table: string) => {
    const [found] = await rows<{ waiting: number; dead: number }>(
      pool,
      `SELECT count(*) FILTER (WHERE dead_at IS NULL)::int AS waiting,
              count(*) FILTER (WHERE dead_at IS NOT NULL)::int AS dead
       FROM ${table} WHERE delivered_at IS NULL`,
      [],
    );
    return found ?? { waiting: 0, dead: 0 };
  };
  const outboxes: Record<string, { waiting: number; dead: number }> = {};
  if (system.combination.length > 0) {
    outboxes.monolith = await count(system.monolith, 'public.seam_outbox');
  }
  for (const name of system.combination) {
    outboxes[name] = await count(system.at(name).pool, `${name}.outbox`);
  }
  return outboxes;
}

async function readQueues({ combination, redisUrl, queuePrefix }: System): Promise<Books['queues']> {
  if (combination.length === 0) return {};
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  connection.on('error', () => {});
  try {
    const counted = QUEUES.map(async (name) => {
      const queue = new Queue(name, { connection, prefix: queuePrefix, skipMetasUpdate: true });
      const { failed = 0, ...others } = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed');
      return [
        name,
        { waiting: Object.values(others).reduce((sum, each) => sum + each, 0), dead: failed },
      ] as const;
    });
    return Object.fromEntries(await Promise.all(counted));
  } finally {
    connection.disconnect();
  }
}

async function rows<Row extends object>(pool: pg.Pool, sql: string, values: unknown[]): Promise<Row[]> {
  return (await pool.query<Row>(sql, values)).rows;
}
