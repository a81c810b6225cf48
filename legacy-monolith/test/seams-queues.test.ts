import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { createTestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { CARDS, cardOf, clientOf } from './billing-world.ts';
import { type Side, startPair } from './support/seam-pair.ts';

const LONG = { deadlineMs: 60_000 } as const;
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('two monoliths that each own a context meet in queues, and nothing is lost on the way', async (t) => {
  const redis = await createTestRedis({ keepsData: 'everysec' });
  t.after(() => redis[Symbol.asyncDispose]());
  await redis.start();
  const pair = await startPair(t, { queueRedisUrl: redis.url });
  const { booking, billing } = pair;
  const { cookie } = await pair.logIn('alice@example.com');
  const atBooking = clientOf(booking.url, { Cookie: cookie });
  const atBilling = clientOf(billing.url, { Cookie: cookie });

  const flightId = Number(
    (
      await booking.pool.query(
        `SELECT id FROM flights WHERE status = 'SCHEDULED' AND departs_at > '2026-11-24' ORDER BY id LIMIT 1`,
      )
    ).rows[0].id,
  );
  const place = async (headers: Record<string, string> = {}): Promise<number> => {
    const passengers = [{ first_name: 'Ada', last_name: 'Lovelace' }];
    const body = { flight_id: flightId, contact_email: 'ada@example.com', passengers };
    const answer = await clientOf(booking.url, { Cookie: cookie, ...headers })('POST', '/bookings', { body });
    assert.equal(answer.status, 201, answer.text);
    return answer.body.id;
  };
  const invoiceAt = async (client: typeof atBilling, bookingId: number) =>
    (await client('GET', `/bookings/${bookingId}/invoice`)).body;
  const invoiced = (bookingId: number, status = 'OPEN', client = atBilling) =>
    until(async () => (await invoiceAt(client, bookingId)).status === status, {
      ...LONG,
      what: `${status} invoice`,
    });
  const rowOf = async ({ pool }: Side, where: string, value: unknown) =>
    (await pool.query(`SELECT * FROM seam_outbox WHERE ${where} = $1`, [value])).rows[0];
  const write = async (
    { pool }: Side,
    body: Uint8Array,
    { id = randomUUID(), type = 'holdExpired' } = {},
  ): Promise<string> => {
    await pool.query(
      'INSERT INTO seam_outbox (id, type, body, occurred_at, next_attempt_at) VALUES ($1, $2, $3, now(), now())',
      [id, type, body],
    );
    return id;
  };
  const died = (side: Side, id: string) =>
    until(async () => (await rowOf(side, 'id', id)).dead_at !== null, { ...LONG, what: 'a dead letter' });

  await t.test('a booking has its invoice there, and the event its type and trace', async () => {
    const bookingId = await place({ traceparent: TRACE });
    await invoiced(bookingId);
    const delivered = async () => (await rowOf(booking, 'booking_id', bookingId)).delivered_at !== null;
    await until(delivered, { ...LONG, what: 'the acknowledgement' });
    const { type, schema, trace_parent } = await rowOf(booking, 'booking_id', bookingId);
    assert.deepEqual([type, schema, trace_parent], ['bookingPlaced', 'events.v1', TRACE]);
    const untraced = await place({ traceparent: '00-not-a-trace' });
    assert.equal((await rowOf(booking, 'booking_id', untraced)).trace_parent, null);
  });

  await t.test('what is paid there is confirmed here, what is cancelled here is refunded there', async () => {
    const bookingId = await place();
    await invoiced(bookingId);
    const { id } = await invoiceAt(atBilling, bookingId);
    const paid = await atBilling('POST', `/invoices/${id}/payments`, { body: cardOf(CARDS.approved) });
    assert.equal(paid.body.result, 'APPROVED', paid.text);
    const status = async () => (await atBooking('GET', `/bookings/${bookingId}`)).body.status;
    await until(async () => (await status()) === 'CONFIRMED', { ...LONG, what: 'the confirmation' });
    assert.equal((await atBooking('DELETE', `/bookings/${bookingId}`)).status, 200);
    await invoiced(bookingId, 'PARTIALLY_REFUNDED');
  });

  await t.test('a writer waits for what takes its event, for a second', async () => {
    booking.relay?.signal('SIGSTOP');
    const begunAt = performance.now();
    const bookingId = await place();
    const tookMs = performance.now() - begunAt;
    booking.relay?.signal('SIGCONT');
    assert.ok(tookMs > 900, `${tookMs}`);
    await invoiced(bookingId);
  });

  await t.test('what cannot be taken is a dead letter with its reason, and holds up nobody', async () => {
    const undecodable = await write(booking, Buffer.from([0xff]));
    const nothingSaid = randomUUID();
    await write(billing, Event.encode({ id: nothingSaid, occurredAt: undefined, body: undefined }).finish(), {
      id: nothingSaid,
      type: 'seatSold',
    });
    const dateless = randomUUID();
    const body: Event['body'] = {
      $case: 'bookingPlaced',
      value: {
        bookingId: 700_001n,
        accountId: 1n,
        billTo: 'Ada',
        lines: [],
        net: { currencyCode: 'EUR', units: 1n, nanos: 0 },
        tax: { currencyCode: 'EUR', units: 0n, nanos: 0 },
        total: { currencyCode: 'EUR', units: 1n, nanos: 0 },
        placedAt: undefined,
        dueAt: undefined,
      },
    };
    await write(booking, Event.encode({ id: dateless, occurredAt: undefined, body }).finish(), {
      id: dateless,
      type: 'bookingPlaced',
    });
    await died(booking, undecodable);
    await died(billing, nothingSaid);
    await died(booking, dateless);
    const reason = async (side: Side, id: string) => (await rowOf(side, 'id', id)).last_error;
    assert.equal(await reason(booking, undecodable), 'poison: UNDECODABLE');
    assert.equal(await reason(billing, nothingSaid), 'poison: UNKNOWN_TYPE');
    assert.equal(await reason(booking, dateless), 'refused: REQUEST_MALFORMED');
    await invoiced(await place());
  });

  await t.test('a flight that is changed by anybody is told to bookings that are elsewhere', async () => {
    await billing.pool.query(`UPDATE flights SET gate = 'Z9' WHERE id = $1`, [flightId]);
    await until(async () => (await rowOf(billing, 'type', 'flightChanged')).delivered_at !== null, LONG);
    await booking.pool.query(`UPDATE flights SET gate = 'Z9' WHERE id = $1`, [flightId]);
    assert.equal(await rowOf(booking, 'type', 'flightChanged'), undefined, 'not where bookings are');
  });

  await t.test('Redis away: answers come, effects wait, and come when it is back and empty', async () => {
    await redis.kill();
    const bookingId = await place();
    assert.equal((await atBooking('DELETE', `/bookings/${bookingId}`)).status, 200);
    assert.equal((await invoiceAt(atBilling, bookingId)).status, undefined);
    await redis.empty();
    await redis.start();
    await invoiced(bookingId, 'VOID');
  });

  await t.test('a stop ends while Redis answers nobody', async () => {
    redis.pause();
    await billing.stop();
    redis.resume();
  });

  await t.test('what was written for a context that has come home is taken here', async () => {
    const bookingId = await place();
    await booking.pool.query(
      `UPDATE banyan.own SET owner = 'monolith', epoch = epoch + 1 WHERE aggregate = 'billing'`,
    );
    await invoiced(bookingId, 'OPEN', atBooking);
  });
});
