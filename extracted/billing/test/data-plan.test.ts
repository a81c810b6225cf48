import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyAggregate } from '@banyan/mover/copy-aggregate';
import { createStatement } from '@meridian/monolith/billing/create-statement';
import { parseMonth } from '@meridian/monolith/billing/statement';
import type pg from 'pg';
import { billingDataPlan } from '../data-plan.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { open, ownDatabase, ownedMonolith, recordOwner } from './support/databases.ts';

const NOW = new Date('2026-11-23T02:20:41.050Z');

/** Every row as text, so that nothing that is lost goes unseen. */
async function dump(pool: pg.Pool): Promise<string[]> {
  const texts: string[] = [];
  for (const { table, monolithTable = table, key } of billingDataPlan.tables) {
    const { rows } = await pool.query<{ row: string }>(
      `SELECT ROW(t.*)::text AS row FROM ${monolithTable} AS t ORDER BY ${key.join(', ')}`,
    );
    texts.push(table, ...rows.map(({ row }) => row));
  }
  return texts;
}

test('all that either side wrote goes there and back as it was, statements to the byte', async (t) => {
  const { url: monolithUrl, pool: monolith } = await ownedMonolith(t);
  const { url: serviceUrl } = await ownDatabase(t, { owner: null });
  await recordOwner(serviceUrl, 'monolith');
  const move = (to: 'monolith' | 'service') =>
    copyAggregate({ plan: billingDataPlan, monolithUrl, serviceUrl, to });

  const { rows } = await monolith.query<{ id: string }>(
    'SELECT account_id AS id FROM invoices GROUP BY account_id ORDER BY count(*) DESC LIMIT 1',
  );
  const accountId = rows[0]?.id ?? '';
  // One with lines and one of a month in which nothing happened.
  for (const text of ['2026-11', '2014-03']) {
    const month = parseMonth(text, NOW);
    assert.ok(month);
    const body = await createStatement(monolith, { accountId, month }, () => NOW);
    assert.equal(body.includes('"lines":[]'), text === '2014-03');
  }
  const written = await dump(monolith);

  await move('service');
  const service = createOwnStorage({
    database: open(t, serviceUrl, 'billing'),
    now: () => NOW,
    newId: () => '',
  });
  const month = { year: 2026, month: 11 };
  const drawing = await service.createStatement({ accountId: BigInt(accountId), month, requestKey: null });
  assert.ok(drawing.kind === 'made');
  const drawnUp = drawing.value;
  assert.ok(drawnUp.lines.length > 0);

  await move('monolith');
  const back = await dump(monolith);
  assert.deepEqual(
    back.filter((row) => !written.includes(row)).map((row) => row.split(',')[0]),
    [`(${drawnUp.id}`],
  );
  assert.ok(written.every((row) => back.includes(row)));

  await move('service');
  assert.deepEqual(await service.findStatement(drawnUp.id), drawnUp);
});
