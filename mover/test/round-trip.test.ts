import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dump, fillOrders, insertOrder, type Order, ownersOf, withSides } from './support/orders.ts';

test('a copy makes the service the owner of equal rows, and the monolith refuses its own writers', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 50);
    const result = await sides.copy('service', { batchRows: 20 });
    assert.deepEqual(
      { owner: result.owner, epoch: result.epoch, moved: result.moved, rows: result.rows },
      { owner: 'service', epoch: 2n, moved: true, rows: 150 },
    );
    assert.deepEqual(await ownersOf(sides), ['service 2', 'service 2']);
    const { rows } = await sides.service.query('SELECT * FROM shop.orders WHERE id = 3');
    assert.equal(rows[0].reference, '9007199254740995');
    assert.equal(rows[0].amount_minor, '2');
    assert.equal(rows[0].wrapping, 'GIFT');
    await assert.rejects(sides.monolith.query('DELETE FROM items'), {
      code: 'BNY01',
      message: 'banyan: shop is owned by service, not by this database (monolith)',
    });
    await sides.service.query("UPDATE shop.orders SET title = 'changed' WHERE id = 3");
  }));

test('what the service wrote, changed and deleted is with the monolith after the way back, and forth again', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 20);
    await sides.copy('service');
    await sides.service.query(`
      DELETE FROM shop.order_items WHERE order_id = 1;
      DELETE FROM shop.orders WHERE id = 1;
      UPDATE shop.orders SET note = 'by the service', amount_minor = 12345 WHERE id = 3;
      INSERT INTO shop.orders (customer_id, reference, title, amount_minor, rate, currency, wrapping, created_at)
        VALUES (2, 9223372036854775807, 'ß', -1, 0.10, 'EUR', 'PLAIN', '2026-11-22 19:30:00Z')`);
    await sides.copy('monolith');
    assert.deepEqual(await ownersOf(sides), ['monolith 3', 'monolith 3']);
    const { rows } = await sides.monolith.query(
      'SELECT id, reference, note, amount, rate, created_at::text FROM orders WHERE id IN (1, 3) OR id % 2 = 0 ORDER BY id',
    );
    assert.deepEqual(
      rows.map((row) => Object.values(row)),
      [
        [
          '3',
          '9007199254740995',
          'by the service',
          '123.45',
          '0.28571428571428571429',
          '2026-01-01 00:02:00',
        ],
        ['40', '9223372036854775807', null, '-0.01', '0.10', '2026-11-22 19:30:00'],
      ],
    );
    await sides.monolith.query("UPDATE orders SET title = 'by the monolith' WHERE id = 40");
    const before = await dump(sides.monolith);
    await sides.copy('service');
    await emptyMonolith(sides);
    await sides.copy('monolith');
    assert.equal(await dump(sides.monolith), before);
  }));

/** As if the monolith's rows were gone: what comes back is then all from the service. */
async function emptyMonolith({ monolith }: { monolith: import('pg').Client }): Promise<void> {
  await monolith.query(`
    ALTER TABLE orders DISABLE TRIGGER banyan_fence; ALTER TABLE items DISABLE TRIGGER banyan_fence;
    ALTER TABLE labels DISABLE TRIGGER banyan_fence;
    DELETE FROM labels; DELETE FROM items; DELETE FROM orders;
    ALTER TABLE orders ENABLE ALWAYS TRIGGER banyan_fence; ALTER TABLE items ENABLE ALWAYS TRIGGER banyan_fence;
    ALTER TABLE labels ENABLE ALWAYS TRIGGER banyan_fence`);
}

const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));
const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const instant = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString());
const cents = fc.bigInt({ min: -999_999_999_999n, max: 999_999_999_999n });
const order: fc.Arbitrary<Omit<Order, 'id'>> = fc.record({
  reference: bigint,
  title: text,
  note: fc.option(text),
  amount: cents.map(
    (value) => `${value < 0n ? '-' : ''}${abs(value) / 100n}.${String(abs(value) % 100n).padStart(2, '0')}`,
  ),
  rate: fc.oneof(
    fc.tuple(bigint, fc.nat({ max: 30 })).map(([digits, scale]) => `${digits}e-${scale}`),
    fc.constantFrom('NaN', '0.000', '1.10', '-0'),
  ),
  gift: fc.constantFrom('Y' as const, 'N' as const),
  document: fc.option(fc.json().filter((value) => !value.includes('\\u0000'))),
  createdAt: instant,
  paidAt: fc.option(instant),
  items: fc.array(fc.option(text), { maxLength: 3 }),
});
const abs = (value: bigint): bigint => (value < 0n ? -value : value);

test('any rows go to the service and come back as they were', () =>
  withSides(async (sides) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.bigInt({ min: 1n, max: 2n ** 62n }), order, text), {
          selector: ([id]) => id,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (orders, batchRows) => {
          await sides.monolith.query('DELETE FROM labels; DELETE FROM items; DELETE FROM orders');
          for (const [id, values, label] of orders) {
            await insertOrder(sides.monolith, { id: String(id), ...values });
            await sides.monolith.query('INSERT INTO labels VALUES ($1, $2) ON CONFLICT DO NOTHING', [
              label,
              id,
            ]);
          }
          const before = await dump(sides.monolith);
          await sides.copy('service', { batchRows });
          await emptyMonolith(sides);
          await sides.copy('monolith', { batchRows });
          assert.equal(await dump(sides.monolith), before);
        },
      ),
      { numRuns: 30, interruptAfterTimeLimit: 40_000, endOnFailure: true },
    );
  }));
