import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { fillOrders, ownersOf, withSides } from './support/orders.ts';

test('a hundred thousand rows are copied in flat memory', (context) =>
  withSides(async (sides) => {
    await fillOrders(sides.monolith, 34_000);
    const times: Record<string, number> = {};
    let heapMax = 0;
    global.gc?.();
    const before = process.memoryUsage();
    let residentMax = 0;
    const result = await sides.copy('service', {
      onStep: (step) => {
        times[step] = performance.now();
      },
      onProgress: () => {
        const { heapUsed, arrayBuffers, rss } = process.memoryUsage();
        heapMax = Math.max(heapMax, heapUsed + arrayBuffers);
        residentMax = Math.max(residentMax, rss);
      },
    });
    assert.equal(result.rows, 102_000);
    const seconds = (from: string, to: string) => ((times[to] ?? 0) - (times[from] ?? 0)) / 1000;
    const mb = (bytes: number) => Math.round(bytes / 1024 / 1024);
    context.diagnostic(
      `copied ${Math.round(102_000 / seconds('copy', 'verify'))} rows/s, compared both ways ` +
        `${Math.round(102_000 / seconds('verify', 'lift-sequences'))} rows/s, ` +
        `heap ${mb(before.heapUsed + before.arrayBuffers)} → at most ${mb(heapMax)} MB, resident ${mb(before.rss)} → ${mb(residentMax)} MB`,
    );
    // The rows are about 20 MB as text: held whole, they would show.
    assert.ok(heapMax - before.heapUsed - before.arrayBuffers < 16 * 1024 * 1024, `${mb(heapMax)} MB`);
  }));

for (const isolation of ['READ COMMITTED', 'REPEATABLE READ']) {
  test(`writers at ${isolation} hammering a move there and back: what was acknowledged is there, what was refused is not`, () =>
    withSides(async (sides) => {
      await fillOrders(sides.monolith, 1);
      const acknowledged: string[] = [];
      const refused: string[] = [];
      const stop = new AbortController();
      const table = { monolith: 'labels', service: 'shop.labels' };
      const writers = Array.from({ length: 6 }, async (_, index) => {
        const side = index % 2 === 0 ? 'monolith' : 'service';
        const writer = await sides.connect(side === 'monolith' ? sides.monolithUrl : sides.serviceUrl);
        for (let n = 0; !stop.signal.aborted; n++) {
          const name = `${side} ${index} ${n}`;
          try {
            await writer.query(`BEGIN ISOLATION LEVEL ${isolation}`);
            await writer.query(`SELECT count(*) FROM ${table[side]}`);
            await writer.query(`INSERT INTO ${table[side]} VALUES ($1, 1)`, [name]);
            await writer.query('COMMIT');
            acknowledged.push(name);
          } catch (error) {
            assert.ok(['BNY01', '40001'].includes((error as { code?: string }).code ?? ''), String(error));
            refused.push(name);
            await writer.query('ROLLBACK');
          }
        }
      });
      const more = (count: number) => {
        const target = acknowledged.length + count;
        return until(() => acknowledged.length > target, { deadlineMs: 60_000 });
      };
      for (const to of ['service', 'monolith', 'service'] as const) {
        await more(20);
        await sides.copy(to, { batchRows: 50 });
      }
      await more(20);
      stop.abort();
      await Promise.all(writers);
      assert.deepEqual(await ownersOf(sides), ['service 4', 'service 4']);
      const { rows } = await sides.service.query<{ name: string }>('SELECT name FROM shop.labels');
      assert.deepEqual(rows.map(({ name }) => name).sort(), acknowledged.sort());
      assert.ok(refused.length > 0);
    }));
}

test('ids of the two sides never meet, and none comes again', () =>
  withSides(async (sides) => {
    const next = async (to: 'service' | 'monolith') => {
      const { rows } = await (to === 'service'
        ? sides.service.query("SELECT nextval('shop.orders_id_seq') AS id")
        : sides.monolith.query("SELECT nextval('orders_id_seq') AS id"));
      return Number(rows[0].id);
    };
    // Given and never committed.
    for (let n = 0; n < 5; n++) await next('monolith');
    await sides.monolith.query('ALTER SEQUENCE orders_id_seq INCREMENT BY 1');
    await sides.copy('service');
    assert.deepEqual([await next('service'), await next('service')], [10, 12]);
    await sides.copy('monolith');
    assert.deepEqual([await next('monolith'), await next('monolith')], [13, 15]);
    await sides.copy('service');
    assert.equal(await next('service'), 16);
  }));
