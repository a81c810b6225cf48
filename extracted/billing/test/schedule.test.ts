import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { startBilling, startWorld } from './support/world.ts';

const LONG = { deadlineMs: 60_000 } as const;
const RUNS = /^scheduled_runs_total\{task="housekeeping",outcome="done"[^}]*\} (\d+)$/m;

test('of several processes one keeps the house in each period: what is old goes, what is not stays', async (t) => {
  const world = await startWorld(t);
  const replicas = [world, await startBilling(t, world.env), await startBilling(t, world.env)];
  const runs = async (): Promise<number> => {
    const texts = await Promise.all(replicas.map(({ metrics }) => metrics.render()));
    return texts.reduce((sum, { text }) => sum + Number(RUNS.exec(text)?.[1] ?? 0), 0);
  };
  await until(async () => (await runs()) === 1, LONG);
  await world.database.query(OLD_AND_NEW);
  await world.database.query("UPDATE scheduled_work SET next_at = now() WHERE name = 'housekeeping'");
  await until(async () => (await runs()) === 2, LONG);
  const { rows } = await world.database.query(LEFT);
  assert.deepEqual(rows, [
    { kept: 'key new' },
    { kept: 'mail new' },
    { kept: 'mail queued' },
    { kept: 'news new' },
  ]);
  assert.equal(await runs(), 2);
});

const OLD_AND_NEW = `
  WITH ages (name, at) AS (VALUES ('new', now() - interval '6 days'), ('old', now() - interval '31 days')),
  keys AS (
    INSERT INTO request_keys (account_id, operation, key, request_hash, made_id, created_at)
    SELECT 1, 'PayInvoice', name, '', 2, at FROM ages),
  mails AS (
    INSERT INTO outgoing_mail (message_id, kind, recipient, data, state, next_attempt_at, created_at, sent_at)
    SELECT name, 'RECEIPT', '', '{}'::jsonb, 'SENT', at, at, at FROM ages
    UNION ALL SELECT 'queued', 'RECEIPT', '', '{}'::jsonb, 'QUEUED', now() + interval '1 day', at, NULL FROM ages
    WHERE name = 'old')
  INSERT INTO inbox (event_id, received_at)
  SELECT CASE name WHEN 'new' THEN '00000000-0000-4000-8000-000000000001'::uuid ELSE gen_random_uuid() END, at FROM ages`;

const LEFT = `
  SELECT 'key ' || key AS kept FROM request_keys
  UNION ALL SELECT 'mail ' || message_id FROM outgoing_mail
  UNION ALL SELECT CASE event_id WHEN '00000000-0000-4000-8000-000000000001' THEN 'news new' ELSE 'news old' END
  FROM inbox
  ORDER BY 1`;
