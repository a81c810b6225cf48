import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { COPY_STEPS } from '../src/copy-aggregate.ts';
import type { Side } from '../src/ownership.ts';
import { dump, fillOrders, ownersOf, type Sides, withSides } from './support/orders.ts';

async function killCopyAt(sides: Sides, to: Side, place: string): Promise<void> {
  const copier = startProcess({
    args: ['mover/test/support/copier.ts'],
    env: {
      COPIER_MONOLITH_URL: sides.monolithUrl,
      COPIER_SERVICE_URL: sides.serviceUrl,
      COPIER_TO: to,
      COPIER_STOP_AT: place,
    },
  });
  await until(() => copier.logged('stopped'), { deadlineMs: 120_000, what: `the copy's ${place}` });
  copier.signal('SIGKILL');
  await copier.ended;
}

/** Who may write, by trying. */
async function writersOf({ monolith, service }: Sides): Promise<Side[]> {
  const may = async (client: typeof monolith, table: string) =>
    client.query(`UPDATE ${table} SET note = note WHERE false`).then(
      () => true,
      (error: { code?: string }) => {
        assert.equal(error.code, 'BNY01');
        return false;
      },
    );
  const writers: Side[] = [];
  if (await may(monolith, 'orders')) writers.push('monolith');
  if (await may(service, 'shop.orders')) writers.push('service');
  return writers;
}

async function emptyMonolith({ monolith }: Sides): Promise<void> {
  const tables = ['orders', 'items', 'labels'];
  for (const table of tables) await monolith.query(`ALTER TABLE ${table} DISABLE TRIGGER banyan_fence`);
  await monolith.query('DELETE FROM labels; DELETE FROM items; DELETE FROM orders');
  for (const table of tables) await monolith.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER banyan_fence`);
}

for (const step of [...COPY_STEPS, 'batch 3']) {
  test(`killed at ${step}, a copy is finished by running it again, and nothing is lost`, () =>
    withSides(async (sides) => {
      await fillOrders(sides.monolith, 30);
      const before = await dump(sides.monolith);
      await killCopyAt(sides, 'service', step);
      assert.ok((await writersOf(sides)).length <= 1);
      const again = await sides.copy('service', { batchRows: 10 });
      assert.deepEqual(await ownersOf(sides), ['service 2', 'service 2']);
      assert.deepEqual(await writersOf(sides), ['service']);
      // Nine batches: 30 orders and 60 items by tens. What was done before the kill is not done again.
      const left = { clear: 9, copy: 9, 'batch 3': 6, verify: 0, 'lift-sequences': 0, 'flip-target': 0 };
      if (step in left)
        assert.deepEqual([again.resumed, again.batches], [true, left[step as keyof typeof left]]);
      await emptyMonolith(sides);
      await sides.copy('monolith');
      assert.equal(await dump(sides.monolith), before);
    }));
}

for (const step of [
  'sever-constraints',
  'hold-source',
  'copy',
  'batch 3',
  'flip-target',
  'flip-source',
] as const) {
  test(`killed at ${step}, a copy can be taken back instead, and the next one copies what was written since`, () =>
    withSides(async (sides) => {
      await fillOrders(sides.monolith, 30);
      await killCopyAt(sides, 'service', step);
      const back = await sides.copy('monolith');
      // Where the service was the owner already, coming back is a move of its own.
      assert.equal(back.epoch, step === 'flip-source' ? 3n : 1n);
      assert.deepEqual(await writersOf(sides), ['monolith']);
      const { rows } = await sides.monolith.query(
        "SELECT FROM pg_constraint WHERE conname = 'reviews_order_id_fkey'",
      );
      assert.equal(rows.length, 1);
      await sides.monolith.query(
        "UPDATE orders SET note = 'since' WHERE id IN (1, 59); DELETE FROM items WHERE order_id = 5",
      );
      const before = await dump(sides.monolith);
      await sides.copy('service');
      await emptyMonolith(sides);
      await sides.copy('monolith');
      assert.equal(await dump(sides.monolith), before);
    }));
}

test('a copy of the way back that was killed goes on as well', () =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 30);
    await sides.copy('service');
    await sides.service.query("UPDATE shop.orders SET note = 'by the service'");
    await killCopyAt(sides, 'monolith', 'batch 3');
    const again = await sides.copy('monolith', { batchRows: 10 });
    assert.deepEqual([again.resumed, again.batches], [true, 6]);
    assert.deepEqual(await ownersOf(sides), ['monolith 3', 'monolith 3']);
    const { rows } = await sides.monolith.query("SELECT FROM orders WHERE note = 'by the service'");
    assert.equal(rows.length, 30);
  }));
