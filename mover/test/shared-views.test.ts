import assert from 'node:assert/strict';
import { test } from 'node:test';
import pg from 'pg';
import { installSharedViews, removeSharedViews } from '../src/shared-views.ts';
import { fillOrders, ordersPlan, type Sides, withSides } from './support/orders.ts';

const ROLE = `banyan_test_reader_${process.pid}`;
const shared = {
  schema: 'shop_shared',
  plan: ordersPlan,
  role: ROLE,
  password: "it's secret",
  extraViews: { customers: 'SELECT id, name FROM customers' },
};

async function withReader(sides: Sides, work: (reader: pg.Client) => Promise<void>): Promise<void> {
  const url = new URL(sides.monolithUrl);
  url.username = ROLE;
  url.password = encodeURIComponent(shared.password);
  const reader = new pg.Client({ connectionString: url.href });
  await reader.connect();
  try {
    await reader.query('SET search_path = shop_shared');
    await work(reader);
  } finally {
    await reader.end();
  }
}

const withViews = (work: (sides: Sides) => Promise<void>) =>
  withSides(async (sides) => {
    await installSharedViews(sides.monolithUrl, shared);
    try {
      await work(sides);
    } finally {
      await sides.monolith.query(`DROP OWNED BY ${ROLE}; DROP ROLE ${ROLE}`);
    }
  });

test("the reader sees the monolith's rows as the service would hold them, and may write nothing", () =>
  withViews(async (sides) => {
    await fillOrders(sides.monolith, 3);
    await withReader(sides, async (reader) => {
      const { rows } = await reader.query('SELECT id, amount_minor, wrapping FROM orders ORDER BY id');
      assert.deepEqual(rows[1], { id: '3', amount_minor: '2', wrapping: 'GIFT' });
      assert.equal((await reader.query('SELECT FROM order_items')).rowCount, 6);
      assert.equal((await reader.query('SELECT FROM customers')).rowCount, 2);
      await assert.rejects(reader.query('SELECT setval($1, 1)', ['public.orders_id_seq']), {
        code: /25006|42501/,
      });
      await assert.rejects(reader.query('DELETE FROM orders'), { code: '42501' });
      await assert.rejects(reader.query('CREATE TABLE shop_shared.t ()'), { code: /25006|42501/ });
      await reader.query('SET default_transaction_read_only = off');
      await assert.rejects(reader.query('DELETE FROM customers'), { code: '42501' });
      await assert.rejects(reader.query('SELECT FROM public.orders'), { code: '42501' });
      await assert.rejects(reader.query('CREATE TABLE public.t ()'), { code: '42501' });
    });
  }));

test('views are made anew when the plan changes, and left alone when it does not', () =>
  withViews(async (sides) => {
    const ids = async () => {
      const { rows } = await sides.monolith.query<{ id: number; name: string }>(
        "SELECT oid AS id, relname AS name FROM pg_class WHERE relnamespace = 'shop_shared'::regnamespace ORDER BY 2",
      );
      return rows;
    };
    const before = await ids();
    await Promise.all([
      installSharedViews(sides.monolithUrl, shared),
      installSharedViews(sides.monolithUrl, { ...shared, password: shared.password }),
    ]);
    assert.deepEqual(await ids(), before);
    await installSharedViews(sides.monolithUrl, {
      ...shared,
      extraViews: { people: 'SELECT id FROM customers' },
    });
    assert.deepEqual(
      (await ids()).map(({ name }) => name),
      ['labels', 'order_items', 'orders', 'people'],
    );
    await withReader(sides, async (reader) => {
      assert.equal((await reader.query('SELECT FROM people')).rowCount, 2);
    });
    await removeSharedViews(sides.monolithUrl, 'shop_shared');
    assert.deepEqual(await ids(), []);
  }));
