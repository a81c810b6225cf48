import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createLiveWorld, KEY, type LiveWorld, OTHER_KEY, openViewer, seatsUrl } from './live-world.ts';

const WAITED_FOR = { deadlineMs: 20_000 };

describe('the live seat map', () => {
  let world: LiveWorld;
  before(async () => {
    world = await createLiveWorld();
  });
  after(() => world[Symbol.asyncDispose]());

  test('two who look at one flight see each other pick and release, and getSeatMap lists the picks', async () => {
    const [ann, ben] = [await world.look(), await world.look({ key: OTHER_KEY })];
    ann.send({ type: 'pick', seat: '12A' });
    await ann.expect({ type: 'picked', seat: '12A', by: 'you' });
    await ben.expect({ type: 'picked', seat: '12A', by: 'other' });
    ben.send({ type: 'pick', seat: '12A' });
    await ben.expect({ type: 'refused', seat: '12A', reason: 'picked' });

    const map = await world.api('GET', `/api/v1/flights/${world.flightId}/seats`, { key: KEY });
    assert.deepEqual(((await map.json()) as { picked: string[] }).picked, ['12A']);

    ann.send({ type: 'release', seat: '12A' });
    await ben.expect({ type: 'released', seat: '12A', by: 'other' });
    for (const { socket } of [ann, ben]) socket.close();
  });

  test('a booking made through the API is taken on every socket, and freed by its end', async () => {
    const [ann, ben] = [await world.look(), await world.look({ key: OTHER_KEY })];
    const elsewhere = await world.look({ flightId: world.otherFlightId });
    ann.send({ type: 'pick', seat: '14C' });
    await ben.expect({ type: 'picked', seat: '14C' });
    const id = await world.book('14C');
    await Promise.all([ann, ben].map((viewer) => viewer.expect({ type: 'taken', seat: '14C' })));
    ben.send({ type: 'pick', seat: '14C' });
    await ben.expect({ type: 'refused', seat: '14C', reason: 'taken' });
    const newcomer = await world.look();
    assert.deepEqual(newcomer.seen[0], {
      type: 'snapshot',
      flight_id: Number(world.flightId),
      taken: ['14C'],
      picked: [],
    });

    await world.api('DELETE', `/api/v1/bookings/${id}`, { key: KEY });
    await Promise.all([ann, ben].map((viewer) => viewer.expect({ type: 'freed', seat: '14C' })));
    assert.deepEqual(elsewhere.seen.length, 1, 'nothing of another flight');
    for (const { socket } of [ann, ben, newcomer, elsewhere]) socket.close();
  });

  test('a booking made through another process is taken here too, and its sockets know of it as well', async () => {
    const port = await world.startAnother();
    const [here, there] = [await world.look(), await world.look({ port })];
    await world.book('16F');
    await Promise.all([here, there].map((viewer) => viewer.expect({ type: 'taken', seat: '16F' })));
    for (const { socket } of [here, there]) socket.close();
  });

  test('a seat moved by updateBooking is freed here and taken there', async () => {
    const ann = await world.look();
    const id = await world.book('20A');
    await ann.expect({ type: 'taken', seat: '20A' });
    const booking = (await (await world.api('GET', `/api/v1/bookings/${id}`, { key: KEY })).json()) as {
      passengers: { id: number }[];
    };
    const passengers = [{ id: booking.passengers[0]?.id, seat: '20B' }];
    const answer = await world.api('PATCH', `/api/v1/bookings/${id}`, { key: KEY, body: { passengers } });
    assert.equal(answer.status, 200);
    await until(
      () => ann.seen.some((message) => message.type === 'freed' && message.seat === '20A'),
      WAITED_FOR,
    );
    await until(
      () => ann.seen.some((message) => message.type === 'taken' && message.seat === '20B'),
      WAITED_FOR,
    );
    ann.socket.close();
  });

  test('a transaction that frees, takes and frees a seat ends in "freed", as the table does', async () => {
    await world.book('25A');
    const ann = await world.look();
    const [claim] = await world.sql<{ row: string }>(
      `SELECT format('(%s, %L, %s, %s)', flight_id, seat, booking_id, passenger_id) AS row
       FROM seat_claims WHERE seat = '25A'`,
    );
    await world.sql(
      `BEGIN;
       DELETE FROM seat_claims WHERE seat = '25A';
       INSERT INTO seat_claims VALUES ${claim?.row};
       DELETE FROM seat_claims WHERE seat = '25A';
       COMMIT`,
    );
    await ann.expect({ type: 'freed', seat: '25A' });
    await world.book('25F');
    await ann.expect({ type: 'taken', seat: '25F' });
    assert.deepEqual(
      ann.seen.slice(1).map((message) => `${message.type} ${'seat' in message && message.seat}`),
      ['freed 25A', 'taken 25F'],
    );
    ann.socket.close();
  });

  test('picks go with the socket, closed or cut', async () => {
    const [ann, ben, cleo] = [await world.look(), await world.look(), await world.look()];
    ann.send({ type: 'pick', seat: '5A' });
    ben.send({ type: 'pick', seat: '5B' });
    await cleo.expect({ type: 'picked', seat: '5B' });
    ann.socket.close();
    await cleo.expect({ type: 'released', seat: '5A', by: 'other' });
    ben.socket.terminate();
    await cleo.expect({ type: 'released', seat: '5B', by: 'other' });
    cleo.socket.close();
  });

  test('a tenth pick is one too many', async () => {
    const ann = await world.look();
    for (let row = 1; row <= 10; row += 1) ann.send({ type: 'pick', seat: `${row}D` });
    await ann.expect({ type: 'refused', seat: '10D', reason: 'too_many' });
    ann.send({ type: 'pick', seat: '99D' });
    await ann.expect({ type: 'refused', seat: '99D', reason: 'no_such_seat' });
    ann.socket.close();
  });

  test('each frame that is not understood is said so, and the third closes with 1008', async () => {
    // A flight where nobody picks: who leaves another test's flight late is news there.
    const flightId = world.otherFlightId;
    for (const frames of [
      ['{', '[]', 'null'],
      ['{"type":"buy","seat":"1A"}', '{"type":"pick"}', '{"type":"pick","seat":12}'],
      ['"pick"', '{"type":"pick","seat":""}', '{"type":"pick","seat":"<script>"}'],
    ]) {
      const ann = await world.look({ flightId });
      for (const frame of frames) ann.send(frame);
      ann.send({ type: 'pick', seat: '1A' });
      await until(() => ann.closeCode() === 1008, WAITED_FOR);
      assert.deepEqual(
        ann.seen.map(({ type }) => type),
        ['snapshot', 'error', 'error', 'error'],
      );
    }
    const binary = await world.look({ flightId });
    binary.socket.send(Buffer.from('{"type":"pick","seat":"1A"}'));
    await binary.expect({ type: 'error', message: 'The frame must be text.' });
    binary.socket.close();
  });

  test('a frame of 1,024 bytes passes, a longer one closes with 1009', async () => {
    const ann = await world.look();
    ann.send(JSON.stringify({ type: 'pick', seat: '7A' }).padEnd(1024, ' '));
    await ann.expect({ type: 'picked', seat: '7A' });
    ann.send(JSON.stringify({ type: 'pick', seat: '7B' }).padEnd(1025, ' '));
    await until(() => ann.closeCode() === 1009, WAITED_FOR);
    await until(async () => {
      const map = await world.api('GET', `/api/v1/flights/${world.flightId}/seats`, { key: KEY });
      return ((await map.json()) as { picked: string[] }).picked.length === 0;
    }, WAITED_FOR);
  });

  test('who sends frames without end is closed with 1008', async () => {
    const ann = await world.look();
    for (let count = 0; count < 100; count += 1) ann.send({ type: 'pick', seat: '8A' });
    await until(() => ann.closeCode() === 1008, WAITED_FOR);
  });

  test('a stop closes the sockets with 1001, and does not wait for one that does not answer', async (t) => {
    const own = await createLiveWorld({ MERIDIAN_DRAIN_MS: '120000' });
    t.after(() => own[Symbol.asyncDispose]());
    const [ann, deaf] = [await own.look(), await own.look()];
    deaf.socket.pause();
    const startedMs = performance.now();
    await own.monolith.stop();
    assert.ok(performance.now() - startedMs < 60_000);
    await until(() => ann.closeCode() === 1001, WAITED_FOR);
  });

  test('a database that went away and came back is followed again, with a new snapshot of what was missed', async (t) => {
    const own = await createLiveWorld();
    t.after(() => own[Symbol.asyncDispose]());
    const ann = await own.look();
    await own.book('3A');
    await ann.expect({ type: 'taken', seat: '3A' });
    const listeners = await until(
      () =>
        own.sql<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity WHERE application_name = 'meridian-seats' AND datname = current_database()`,
        ),
      WAITED_FOR,
    );
    assert.equal(listeners.length, 1, 'one listening connection of the process');
    // In one transaction, so that the change falls into the gap for certain.
    await own.sql(
      `BEGIN; SELECT pg_terminate_backend(${listeners[0]?.pid}); DELETE FROM seat_claims; COMMIT`,
    );
    await ann.expect({ type: 'snapshot', taken: [] });
    assert.equal(ann.seen.at(-1)?.type, 'snapshot', 'and not by a message of its own');
    await own.book('3B');
    await ann.expect({ type: 'taken', seat: '3B' });
  });

  test('the address is matched as Express matches paths', async () => {
    const url = seatsUrl(world.port, world.flightId).replace('/ws/seats', '/WS/Seats/');
    const viewer = await openViewer(url, { headers: { 'X-Api-Key': KEY } });
    viewer.socket.close();
  });
});
