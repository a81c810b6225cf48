import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DataPlan } from '@banyan/gateway/carve-out';
import { dump, fillOrders, ordersPlan, ownersOf, type Sides, withSides } from './support/orders.ts';

const IMPATIENT = { lockTryMs: 100, lockLimitMs: 600 };

async function assertNothingMoved(sides: Sides): Promise<void> {
  assert.deepEqual(await ownersOf(sides), ['monolith 1', 'monolith 1']);
  await sides.monolith.query("UPDATE orders SET note = 'still here'");
  await assert.rejects(sides.service.query('DELETE FROM shop.orders'), { code: 'BNY01' });
  const { rows } = await sides.monolith.query(
    "SELECT FROM pg_constraint WHERE conname = 'reviews_order_id_fkey'",
  );
  assert.equal(rows.length, 1, 'the foreign key is back');
}

/** The plan with one of its SELECTs changed. */
const changed = (table: string, part: 'fromMonolith' | 'toMonolith', from: string, to: string): DataPlan => ({
  ...ordersPlan,
  tables: ordersPlan.tables.map((entry) =>
    entry.table === table ? { ...entry, [part]: entry[part].replace(from, to) } : entry,
  ),
});

for (const [what, plan, message] of [
  [
    'loses a value on the way there',
    changed('orders', 'fromMonolith', 'note,', 'NULL::text AS note,'),
    /orders.*note/,
  ],
  ['loses a value on the way back', changed('orders', 'toMonolith', "THEN 'Y'", "THEN 'N'"), /orders.*gift/],
  ['rounds a value', changed('orders', 'fromMonolith', 'amount * 100', 'amount * 10'), /orders.*amount/],
  [
    'leaves rows out',
    changed('order_items', 'fromMonolith', 'FROM items', 'FROM items WHERE position > 1'),
    /items.*missing/,
  ],
] as const) {
  test(`a plan that ${what} is found by the comparison, and the former owner goes on`, () =>
    withSides(async (sides) => {
      await fillOrders(sides.monolith, 10);
      await assert.rejects(sides.copy('service', { plan }), { code: 'MISMATCH', message });
      await assertNothingMoved(sides);
    }));
}

test('a row that something wrote past the fence is found by its key and column, and refused', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 10);
    const plant = async () => {
      await sides.service.query(`
        ALTER TABLE shop.orders DISABLE TRIGGER banyan_fence;
        UPDATE shop.orders SET title = title || ' ' WHERE id = 7;
        ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER banyan_fence`);
    };
    await assert.rejects(
      sides.copy('service', { onStep: (step) => (step === 'verify' ? plant() : undefined) }),
      { code: 'MISMATCH', message: /"shop"\."orders" of the service .* key \(7\) differs in title/ },
    );
    await assertNothingMoved(sides);
  }));

test('a plan that does not fit the tables is refused before anybody is held', () =>
  withSides(async (sides) => {
    const steps: string[] = [];
    const refused = (plan: DataPlan, message: RegExp) =>
      assert.rejects(sides.copy('service', { plan, onStep: (step) => void steps.push(step) }), {
        code: 'PLAN',
        message,
      });
    await refused(
      changed('orders', 'fromMonolith', " AT TIME ZONE 'UTC'", ''),
      /created_at as timestamp without/,
    );
    await refused(
      changed('orders', 'fromMonolith', 'rate', 'rate::float8 AS rate'),
      /rate as double precision/,
    );
    await refused(changed('orders', 'fromMonolith', 'FROM orders', 'FROM nowhere'), /nowhere/);
    await refused(changed('orders', 'fromMonolith', 'note,', ''), /note/);
    await refused({ ...ordersPlan, schema: 'elsewhere' }, /elsewhere/);
    assert.deepEqual(steps, []);
  }));

test('a writer that does not end in time makes the copy give up, and nobody is held afterwards', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 2);
    const writer = await sides.connect();
    await writer.query("BEGIN; UPDATE items SET label = 'open'");
    await assert.rejects(sides.copy('service', { patience: IMPATIENT }), {
      code: 'WRITERS',
      message: /end them/,
    });
    await writer.query('COMMIT');
    await assertNothingMoved(sides);
  }));

test('a writer that ends while it is waited for is in the copy', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 2);
    await sides.monolith.query('ALTER TABLE reviews DROP CONSTRAINT reviews_order_id_fkey');
    const writer = await sides.connect();
    await writer.query("BEGIN; UPDATE orders SET title = 'open'");
    const copied = sides.copy('service', {
      onStep: (step) => {
        if (step === 'hold-source') setTimeout(() => void writer.query('COMMIT'), 700);
      },
    });
    await copied;
    const { rows } = await sides.service.query("SELECT FROM shop.orders WHERE title = 'open'");
    assert.equal(rows.length, 2);
  }));

test('databases that contradict each other are left to a human', () =>
  withSides(async (sides) => {
    const contradicts = (to: 'service' | 'monolith') =>
      assert.rejects(sides.copy(to), { code: 'CONTRADICTION', message: /banyan\.own/ });
    await sides.service.query("UPDATE banyan.own SET owner = 'service', epoch = 2");
    await contradicts('service');
    await contradicts('monolith');
    await sides.service.query("UPDATE banyan.own SET owner = 'monolith', epoch = 5");
    await contradicts('service');
  }));

test('tables that anybody may write are not copied, and databases are not mistaken for each other', () =>
  withSides(async (sides) => {
    await sides.service.query('ALTER TABLE shop.order_items DISABLE TRIGGER banyan_fence');
    await assert.rejects(sides.copy('service'), {
      code: 'NOT_INSTALLED',
      message: /shop\.order_items|order_items/,
    });
    await sides.service.query('ALTER TABLE shop.order_items ENABLE ALWAYS TRIGGER banyan_fence');
    const { monolithUrl, serviceUrl } = sides;
    await assert.rejects(sides.copy('service', { monolithUrl: serviceUrl, serviceUrl: monolithUrl }), {
      code: 'NOT_INSTALLED',
      message: /two URLs/,
    });
    await sides.service.query('DROP SCHEMA banyan CASCADE');
    await assert.rejects(sides.copy('service'), { code: 'NOT_INSTALLED', message: /install/ });
  }));

test('a database that is away is named', () =>
  withSides(async (sides) => {
    await assert.rejects(sides.copy('service', { serviceUrl: 'postgres://postgres@127.0.0.1:1/x' }), {
      code: 'UNREACHABLE',
      message: /^the service's database cannot be reached/i,
    });
  }));

test('two copies of one aggregate do not meet', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 20);
    const results = await Promise.all([sides.copy('service'), sides.copy('service')]);
    assert.deepEqual(results.map(({ moved }) => moved).sort(), [false, true]);
    assert.deepEqual(await ownersOf(sides), ['service 2', 'service 2']);
  }));

for (const place of ['hold-source', 'clear', 'copy', 'verify', 'flip-target'] as const) {
  test(`asked to stop at ${place}, the copy puts the former owner back`, () =>
    withSides(async (sides) => {
      await fillOrders(sides.monolith, 20);
      const stop = new AbortController();
      const copied = sides.copy('service', {
        signal: stop.signal,
        onStep: (step) => {
          if (step === place) stop.abort();
        },
      });
      await assert.rejects(copied, { code: 'STOPPED' });
      await assertNothingMoved(sides);
    }));
}

for (const [place, moved] of [
  ['copy', false],
  ['flip-target', false],
  ['flip-source', true],
] as const) {
  test(`a connection that is cut at ${place} leaves one owner`, () =>
    withSides(async (sides) => {
      await fillOrders(sides.monolith, 20);
      const cut = async () => {
        for (const client of [sides.monolith, sides.service]) {
          await client.query(
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = current_database() AND application_name = 'banyan mover'`,
          );
        }
      };
      const copied = sides.copy('service', { onStep: (step) => (step === place ? cut() : undefined) });
      if (moved) {
        assert.deepEqual(await copied.then(({ epoch, rows }) => [epoch, rows]), [2n, 60]);
        assert.deepEqual(await ownersOf(sides), ['service 2', 'service 2']);
      } else {
        await assert.rejects(copied, { code: 'UNREACHABLE' });
        await assertNothingMoved(sides);
      }
    }));
}

test('rows that exchange unique values are copied, and rows that changed their parent', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 3);
    await sides.monolith.query("INSERT INTO labels VALUES ('urgent', 1), ('late', 3)");
    await sides.copy('service');
    await sides.copy('monolith');
    await sides.monolith.query(`
      UPDATE items SET seat = 'held' WHERE seat = '1/1';
      UPDATE items SET seat = '1/1' WHERE seat = '3/2';
      UPDATE items SET seat = '3/2' WHERE seat = 'held';
      UPDATE labels SET order_id = 5 WHERE name = 'urgent';
      DELETE FROM items WHERE order_id = 1;
      DELETE FROM orders WHERE id = 1`);
    const before = await dump(sides.monolith);
    await sides.copy('service', { batchRows: 1 });
    await sides.copy('monolith');
    assert.equal(await dump(sides.monolith), before);
  }));

test("foreign keys across contexts leave with the aggregate and come back with it; the aggregate's own stay", () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 3);
    const keys = async () => {
      const { rows } = await sides.monolith.query<{ name: string }>(
        "SELECT conname AS name FROM pg_constraint WHERE contype = 'f' AND convalidated AND connamespace = 'public'::regnamespace ORDER BY 1",
      );
      return rows.map(({ name }) => name);
    };
    const all = [
      'items_order_id_fkey',
      'labels_order_id_fkey',
      'orders_customer_id_fkey',
      'reviews_order_id_fkey',
    ];
    await sides.copy('service');
    assert.deepEqual(await keys(), all.slice(0, 3));
    await sides.service.query(`INSERT INTO shop.orders (customer_id, reference, title, amount_minor, rate, currency, wrapping, created_at)
      VALUES (1, 1, '', 1, 1, 'EUR', 'GIFT', '2026-11-22')`);
    // The monolith's other contexts go on with what they only know by its id.
    await sides.monolith.query('INSERT INTO reviews VALUES (1, 6), (2, 8)');
    const back = await sides.copy('monolith');
    assert.deepEqual(
      back.leftSevered.map(({ foreignKey }) => foreignKey),
      ['reviews_order_id_fkey of public.reviews'],
    );
    await sides.monolith.query('DELETE FROM reviews WHERE order_id = 8');
    assert.deepEqual((await sides.copy('monolith')).leftSevered, []);
    assert.deepEqual(await keys(), all);
  }));

test('a row that the receiving database refuses is told, and nothing has moved', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 3);
    await sides.service.query('ALTER TABLE shop.orders ADD CHECK (amount_minor <> 2)');
    await assert.rejects(sides.copy('service'), { code: 'CONSTRAINT', message: /orders_amount_minor_check/ });
    await assertNothingMoved(sides);
  }));

test('a value that the monolith would round on the way back is refused, by its column', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 3);
    await sides.copy('service');
    await sides.service.query("UPDATE shop.orders SET created_at = '2026-11-22 10:00:00.25Z' WHERE id = 3");
    await assert.rejects(sides.copy('monolith'), {
      code: 'MISMATCH',
      message: /key \(3\): its type would round or shorten created_at/,
    });
    assert.deepEqual(await ownersOf(sides), ['service 2', 'service 2']);
  }));
