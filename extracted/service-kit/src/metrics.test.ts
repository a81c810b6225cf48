import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { it } from 'node:test';
import { createEffectsMetrics } from './effects.ts';
import { createJobMetrics } from './jobs/job-metrics.ts';
import { createMetrics } from './metrics.ts';
import { createConsumerMetrics, createRelayMetrics } from './queues/queue-metrics.ts';
import { createScheduleMetrics } from './schedule.ts';

it("a service's metrics are documented, each with its type, its labels and what it is", async () => {
  const metrics = createMetrics('billing');
  metrics.onCallStart();
  metrics.onCallEnd({ method: '/billing.v1.BillingService/GetInvoice', code: 'OK', durationMs: 3 });
  metrics.watchPool('billing', () => ({ total: 2, idle: 1, waiting: 0 }));
  metrics.watchDroppedLogLines(() => 0);
  const relay = createRelayMetrics(metrics);
  relay.onTurn();
  relay.onHanded(1);
  relay.onAcknowledged('taken', 1);
  relay.setOutboxAge(0);
  const consumer = createConsumerMetrics(metrics);
  consumer.onTaken('billing-events', 'taken');
  consumer.onFault('billing-events', 'away', 'retry');
  assert.doesNotThrow(() => createConsumerMetrics(metrics), 'consumers of one process share them');
  createEffectsMetrics(metrics).onWaited(1, 0, 0.003);
  const jobs = createJobMetrics(metrics);
  jobs.onCreated('billing.v1.BillingService/ExportInvoices');
  jobs.onBegin();
  jobs.onEnd('billing.v1.BillingService/ExportInvoices', 'ended', 3);
  const schedule = createScheduleMetrics(metrics);
  schedule.onRun('hold-expiry', 'done');
  schedule.setAges(new Map([['hold-expiry', 1]]));
  const lines = (await metrics.render()).text.split('\n');
  const rows = lines.flatMap((line) => {
    const [, name, help] = /^# HELP (\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined || /^(process|nodejs)_/.test(name)) return [];
    const type = lines.find((each) => each.startsWith(`# TYPE ${name} `))?.split(' ')[3];
    const samples = lines.filter((each) => new RegExp(`^${name}(_bucket)?[{ ]`).test(each));
    assert.ok(samples.length > 0, `${name} has no sample here: the test is to make one`);
    const labels = new Set(
      samples.flatMap((each) => [...each.matchAll(/[{,](\w+)="/g)].map(([, label]) => label)),
    );
    for (const each of ['le', 'service']) labels.delete(each);
    const shown = [...labels].map((label) => `\`${label}\``).join(', ');
    return [`| \`${name}\` | ${type} | ${shown || '–'} | ${help} |`];
  });
  const document = await readFile(new URL('../../../docs/observability.md', import.meta.url), 'utf8');
  const [section = ''] = document.split('### In the services\n')[1]?.split('\n## ') ?? [];
  const documented = section.split('\n').filter((line) => line.startsWith('| `'));
  assert.deepEqual(documented.toSorted(), rows.toSorted());
  metrics.release();
});
