import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { startServer, type TestServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import type { PaymentStep } from '../src/payments/steps.ts';
import { startAcquirerRelay } from './support/acquirer-relay.ts';
import { startBookingOwner } from './support/booking-owner.ts';
import { ownDatabase } from './support/databases.ts';
import { bookingPlaced } from './support/events.ts';
import { startQueues } from './support/queues.ts';
import { undo } from './support/undo.ts';
import { ACCOUNTANT, ALICE, as, card, connect, environmentOf, LONG } from './support/world.ts';

/** What became of an invoice whose payment was cut off at a step, once somebody has cleared up. */
const CASES = [
  { step: 'consent given', status: 'OPEN', results: [] },
  { step: 'payment begun', status: 'OPEN', results: ['FAILED'] },
  { step: 'charging', status: 'PAID', results: ['APPROVED'] },
  { step: 'card charged', status: 'PAID', results: ['APPROVED'] },
  { step: 'payment settled', status: 'PAID', results: ['APPROVED'] },
  { step: 'refund begun', status: 'REFUNDED', results: ['APPROVED'] },
  { step: 'refund carried out', status: 'REFUNDED', results: ['APPROVED'] },
  { step: 'refund settled', status: 'REFUNDED', results: ['APPROVED'] },
] as const satisfies readonly {
  step: PaymentStep | 'charging';
  status: string;
  results: readonly string[];
}[];

async function startStopping(t: TestContext, env: Record<string, string>) {
  const server = await startServer({ args: ['extracted/billing/test/support/stopping-process.ts'], env });
  undo(t, () => server.stop());
  const clients = connect(t, `127.0.0.1:${String(server.listening.port)}`);
  await until(async () => (await clients.health()) === 'SERVING', LONG);
  return { server, ...clients };
}

async function kill(server: TestServer): Promise<void> {
  server.signal('SIGKILL');
  assert.equal(await server.ended, 'SIGKILL');
}

test('killed at any step of a payment or refund, money and invoices agree once a process runs again', async (t) => {
  const { url, database } = await ownDatabase(t);
  const acquirer = await createAcquirer({ port: 0 });
  undo(t, () => acquirer.stop());
  const relay = await startAcquirerRelay(t, () => acquirer.url);
  const bookings = await startBookingOwner(t);
  const queues = await startQueues(t, { databaseUrl: url, takeEvent: bookings.takeEvent });
  const env = {
    ...environmentOf({ databaseUrl: url, acquirerUrl: relay.url, bookingTarget: bookings.target }),
    ...queues.env,
    LOG_LEVEL: 'info',
  };

  // Nobody clears up before all have died: it would be stopped at the same steps.
  const alone = { ...env, BILLING_WORKER_INTERVAL_MS: '600000' };
  for (const [index, { step }] of CASES.entries()) {
    const { server, billing, close } = await startStopping(t, { ...alone, STOP_AT: step });
    const bookingId = BigInt(2 * index + 1);
    await queues.deliver(bookingPlaced(bookingId));
    const invoiceId = (await billing.getBookingInvoice({ bookingId }, as(ALICE))).invoice?.id ?? 0n;
    const isHeld = step === 'charging';
    const passOn = isHeld ? relay.hold() : () => {};
    const paying = billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE));
    const working = step.startsWith('refund')
      ? paying.then(({ payment }) =>
          billing.refundPayment(
            { paymentId: payment?.id ?? 0n, reason: 'Goodwill', amount: undefined },
            as(ACCOUNTANT),
          ),
        )
      : paying;
    // Ended by the death of the process, as its clients see it.
    const ended = working.then(
      () => 'answered',
      () => 'cut off',
    );
    // Killed before the request is out, nothing would be charged: that is the step before.
    const isThere = isHeld
      ? async () => {
          const { rows } = await database.query<{ key: string }>(PENDING_OF, [invoiceId]);
          return rows.some(({ key }) => relay.hasArrived(key));
        }
      : () => server.logged('at step') !== undefined;
    await until(isThere, { ...LONG, what: `the step "${step}"` });
    await kill(server);
    passOn();
    assert.equal(await ended, 'cut off', step);
    await close();
  }

  // As if so much time had passed that the request which made a row is over for certain.
  const age = async (): Promise<void> => {
    for (const table of ['payments', 'refunds']) {
      await database.query(
        `UPDATE ${table} SET created_at = created_at - interval '2 minutes' WHERE result = 'PENDING'`,
      );
    }
  };
  const movements = () => acquirer.ledger.movements();
  await until(() => movements().length >= 8, { ...LONG, what: 'the charge that was under way' });
  await age();
  const { server, billing } = await startStopping(t, env);
  const stateOf = async (bookingId: bigint) => {
    const { invoice } = await billing.getBookingInvoice({ bookingId }, as(ALICE));
    return {
      status: invoice?.status.replace('INVOICE_STATUS_', ''),
      results: invoice?.payments.map(({ result }) => result.replace('PAYMENT_RESULT_', '')),
    };
  };
  for (const [index, { step, status, results }] of CASES.entries()) {
    await until(
      async () => {
        assert.deepEqual(await stateOf(BigInt(2 * index + 1)), { status, results });
        return true;
      },
      { ...LONG, what: `what follows "${step}"` },
    );
  }

  // The two that were not charged can be paid; the others not twice.
  for (const bookingId of [1n, 3n]) {
    const invoiceId = (await billing.getBookingInvoice({ bookingId }, as(ALICE))).invoice?.id ?? 0n;
    const paid = await billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE));
    assert.equal(paid.invoiceStatus, 'INVOICE_STATUS_PAID');
  }

  assert.equal(new Set(movements().map(({ key }) => key)).size, movements().length);
  const { rows } = await database.query<{ key: string; ref: string }>(KNOWN_MOVEMENTS);
  assert.deepEqual(
    rows.map(({ key, ref }) => `${key} ${ref}`).sort(),
    movements()
      .map(({ key, id }) => `${key} ${id}`)
      .sort(),
  );
  const { rows: sums } = await database.query<{ balance: bigint }>(
    'SELECT sum(paid_minor - refunded_minor)::bigint AS balance FROM invoices',
  );
  assert.equal(acquirer.ledger.totals()[0]?.balance, `${(sums[0]?.balance ?? 0n) / 100n}.00`);
  // Booking heard of every payment and refund, once each.
  await until(() => bookings.events.length === 11, { ...LONG, what: 'all events' });
  await server.stop();
});

const PENDING_OF = `SELECT idempotency_key AS key FROM payments WHERE invoice_id = $1 AND result = 'PENDING'`;

const KNOWN_MOVEMENTS = `
  SELECT idempotency_key AS key, acquirer_reference AS ref FROM payments WHERE acquirer_reference IS NOT NULL
  UNION ALL
  SELECT idempotency_key, acquirer_reference FROM refunds WHERE acquirer_reference IS NOT NULL`;
