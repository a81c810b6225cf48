import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { RequestContext, RequestEnd } from '../http/request-context.ts';
import type { QueueReport } from '../queues/queues.ts';
import type { Flags, FlagsStatus } from '../rollout/flags.ts';
import { INITIAL_SNAPSHOT, type Snapshot } from '../rollout/snapshot.ts';
import type { ShadowReport } from '../shadow/shadow.ts';
import type { ServiceReport } from '../translate/carve-outs.ts';
import { createFlagCounts } from './flag-counts.ts';
import { createMetrics, type MetricsSources } from './metrics.ts';
import { SHADOW_FIELDS_MAX } from './shadow-metrics.ts';

const NOW_MS = Date.parse('2026-11-23T12:00:00Z');
const KILL = {
  id: 'k1',
  target: 'billing',
  reason: 'wrong totals',
  by: 'ann',
  at: '2026-11-23T11:00:00.000Z',
};

const STATUS: FlagsStatus = {
  store: 'redis',
  state: 'reachable',
  sinceMs: 0,
  version: 42,
  stalenessMs: 250,
  kills: [KILL],
  pendingAudit: 2,
};
const SHADOW: ShadowReport = {
  operationId: 'getInvoice',
  carveOut: 'billing',
  compared: 10,
  equal: 7,
  different: 2,
  unrepeated: 1,
  skipped: { 'queue-full': 4 },
  fields: [{ field: '$.total', kind: 'value', count: 2, unsteady: 0 }],
};
const SERVICE = {
  name: 'billing',
  state: 'serving',
  sinceMs: 0,
  owner: { owner: 'monolith', epoch: 3n, ageMs: 0 },
  breaker: 'closed',
  callsUnderWay: 1,
  callsWaiting: 0,
  streamsUnderWay: 0,
  calls: { answered: 5 },
} as unknown as ServiceReport;

const QUEUE: QueueReport = {
  name: 'billing-events',
  consumer: 'billing',
  takes: ['bookingPlaced'],
  jobs: { waiting: 3, active: 1, delayed: 2, dead: 4 },
  oldestSeconds: 12.5,
  completed: { total: 120, perMinute: 1 },
  died: { total: 4, perMinute: 0 },
  consumers: 2,
};

const replica = (version: number) =>
  ({ replica: `r${version}`, version, recordedVersion: version, kills: 0, at: '' }) as const;

const bare: MetricsSources = {
  monolith: {
    onReachable: () => {},
    onUnreachable: () => {},
    read: () => ({ state: 'reachable', sinceMs: 0 }),
  },
  services: () => [],
  droppedLogLines: () => 0,
};

function sourcesOf({
  status = STATUS,
  replicas = async () => ({ replicas: [replica(42), replica(40)], isLocal: false }),
  shadow = [SHADOW],
  counts = createFlagCounts(),
}: {
  status?: FlagsStatus;
  replicas?: Flags['replicas'];
  shadow?: readonly ShadowReport[];
  counts?: ReturnType<typeof createFlagCounts>;
} = {}): MetricsSources {
  return {
    ...bare,
    services: () => [SERVICE],
    rollout: () => ({
      flags: { status: () => status, replicas },
      decidedBy: () => 41,
      counts,
      now: () => NOW_MS,
    }),
    shadow: () => ({ report: () => shadow }),
    tracing: () => ({ counts: () => ({ exported: 3, failed: 1, dropped: 0 }) }),
    queues: () => ({ read: async () => [QUEUE] }),
  };
}

const contextOf = (over: object = {}): RequestContext =>
  ({
    operation: { operationId: 'getInvoice', method: 'GET', path: '/' },
    decision: { backend: 'billing', reason: 'stage-service' },
    servedBy: 'billing',
    fellBack: false,
    failure: undefined,
    serviceFailure: undefined,
    upgrade: false,
    ...over,
  }) as unknown as RequestContext;
const endOf = (over: object = {}): RequestEnd => ({
  status: 200,
  outcome: 'complete',
  sentBytes: 1,
  durationMs: 1,
  ...over,
});

/** Sample by sample, its labels sorted: `name{a="1",b="2"}` → value. Help and type are left out. */
async function samplesOf(metrics: ReturnType<typeof createMetrics>): Promise<Map<string, number>> {
  const { text } = await metrics.render();
  return new Map(
    text
      .split('\n')
      .filter((line) => line.startsWith('banyan_'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))] as const;
      }),
  );
}

const failure = { kind: 'unreachable', cause: new Error('away') };

describe('the metrics', () => {
  it('tell by outcome who answered, who fell back, who failed and who was left by its client', async () => {
    const metrics = createMetrics(sourcesOf());
    for (const [context, end] of [
      [{}, {}],
      [{ servedBy: 'monolith', fellBack: true, serviceFailure: failure }, {}],
      [{ failure }, { status: 503 }],
      [{}, { outcome: 'aborted', status: undefined }],
      [{ operation: undefined, servedBy: 'monolith' }, { status: 404 }],
    ] as const) {
      metrics.observer.onStart(contextOf(context));
      metrics.observer.onEnd(contextOf(context), endOf(end));
    }
    metrics.observer.onRefused({ reason: 'malformed', status: 400, address: '::1', sentBytes: 9 });
    const samples = await samplesOf(metrics);
    const requests = (labels: string) => samples.get(`banyan_requests_total{${labels}}`);
    const of = 'operation="getInvoice",backend=';
    assert.equal(requests(`${of}"billing",status="2xx",outcome="answered"`), 1);
    assert.equal(requests(`${of}"monolith",status="2xx",outcome="fell-back"`), 1);
    assert.equal(requests(`${of}"billing",status="5xx",outcome="failed"`), 1);
    assert.equal(requests(`${of}"billing",status="aborted",outcome="aborted"`), 1);
    assert.equal(requests('operation="none",backend="monolith",status="4xx",outcome="answered"'), 1);
    assert.equal(requests('operation="none",backend="none",status="4xx",outcome="refused"'), 1);
    assert.equal(samples.get('banyan_fallbacks_total{operation="getInvoice",service="billing"}'), 1);
    assert.equal(samples.get('banyan_decisions_total{operation="getInvoice",reason="stage-service"}'), 4);
    assert.equal(samples.get('banyan_backend_failures_total{backend="billing",kind="unreachable"}'), 2);
    assert.equal(samples.get('banyan_requests_in_flight'), 0);
    metrics.release();
  });

  it('count overrides by the side that they named', async () => {
    const metrics = createMetrics(sourcesOf());
    const override = { id: 'o', sides: {}, expiresAtMs: 0 };
    for (const reason of ['override-monolith', 'override-service', 'override-service', 'stage-monolith']) {
      metrics.observer.onEnd(contextOf({ override, decision: { backend: 'monolith', reason } }), endOf());
    }
    metrics.observer.onEnd(contextOf(), endOf());
    const samples = await samplesOf(metrics);
    const side = (name: string) => samples.get(`banyan_overrides_total{side="${name}"}`);
    assert.deepEqual([side('monolith'), side('service'), side('none')], [1, 2, 1]);
    metrics.release();
  });

  it('show the flags of this replica, its store, its kills, and how far others are behind', async () => {
    const counts = createFlagCounts();
    let snapshot: Snapshot = INITIAL_SNAPSHOT;
    const listeners: (() => void)[] = [];
    counts.follow({
      snapshot: () => snapshot,
      onChange: (listener) => {
        listeners.push(listener);
        return () => {};
      },
    });
    const change = () => {
      for (const each of listeners) each();
    };
    change(); // A kill: the snapshot stays.
    snapshot = { ...INITIAL_SNAPSHOT, version: 1 };
    change();
    for (const kind of ['stale-version', 'stale-version', 'store-away'] as const) counts.onRefused(kind);
    const metrics = createMetrics(sourcesOf({ counts }));
    const samples = await samplesOf(metrics);
    const expected = {
      banyan_flags_version: 41,
      banyan_flags_staleness_seconds: 0.25,
      banyan_flags_adopted_total: 1,
      'banyan_flags_refused_total{kind="stale-version"}': 2,
      'banyan_flags_refused_total{kind="store-away"}': 1,
      'banyan_flags_store_state{state="reachable"}': 1,
      'banyan_flags_store_state{state="away"}': 0,
      banyan_kills_active: 1,
      banyan_kill_age_seconds: 3_600,
      banyan_audit_entries_pending: 2,
      banyan_flags_replicas: 2,
      banyan_flags_replica_lag: 2,
      'banyan_trace_spans_total{outcome="failed"}': 1,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
    metrics.release();
  });

  it('leave out what is not known, and wait for no store', async () => {
    const status: FlagsStatus = { ...STATUS, state: 'away', stalenessMs: undefined, kills: [] };
    for (const replicas of [
      async () => ({ replicas: [replica(42)], isLocal: true }),
      () => Promise.reject(new Error('away')),
      () => new Promise<never>(() => {}),
    ]) {
      const metrics = createMetrics(sourcesOf({ status, replicas }));
      const samples = await samplesOf(metrics);
      for (const name of [
        'banyan_flags_staleness_seconds',
        'banyan_kill_age_seconds',
        'banyan_flags_replicas',
        'banyan_flags_replica_lag',
      ]) {
        assert.equal(samples.get(name), undefined, name);
      }
      assert.equal(samples.get('banyan_flags_store_state{state="away"}'), 1);
      metrics.release();
    }
  });

  it('show what shadow reads found, with a bound on the field paths', async () => {
    const fields = (from: number) =>
      Array.from({ length: SHADOW_FIELDS_MAX + 10 }, (_, i) => ({
        field: `$.f${from + i}`,
        kind: 'value' as const,
        count: 1,
        unsteady: 0,
      }));
    const reports = [{ ...SHADOW, fields: fields(0) }];
    const metrics = createMetrics(sourcesOf({ shadow: reports }));
    await samplesOf(metrics);
    // Others are seen more often by now; those with a series keep it.
    reports[0] = { ...SHADOW, fields: fields(SHADOW_FIELDS_MAX - 1) };
    const samples = await samplesOf(metrics);
    const differences = [...samples].filter(([name]) => name.startsWith('banyan_shadow_differences_total'));
    assert.deepEqual(
      differences.map(([name]) => name),
      [
        `banyan_shadow_differences_total{operation="getInvoice",field="$.f${SHADOW_FIELDS_MAX - 1}"}`,
        'banyan_shadow_differences_total{operation="getInvoice",field="(other)"}',
      ],
    );
    assert.equal(differences[1]?.[1], SHADOW_FIELDS_MAX + 9);
    const compared = (result: string) =>
      samples.get(`banyan_shadow_comparisons_total{operation="getInvoice",result="${result}"}`);
    assert.deepEqual([compared('equal'), compared('different'), compared('unrepeated')], [7, 2, 1]);
    assert.equal(samples.get('banyan_shadow_skipped_total{operation="getInvoice",reason="queue-full"}'), 4);
    metrics.release();
  });

  it('show what the queues hold, and while Redis is away that it is, and nothing old', async () => {
    let sample: readonly QueueReport[] | undefined = [
      QUEUE,
      { ...QUEUE, name: 'billing-jobs', oldestSeconds: null, consumers: null },
    ];
    const metrics = createMetrics({ ...bare, queues: () => ({ read: async () => sample }) });
    const there = await samplesOf(metrics);
    const of = (name: string, queue = 'billing-events') =>
      there.get(`banyan_queue_${name}{queue="${queue}"}`);
    assert.deepEqual(
      ['waiting', 'active', 'delayed', 'dead'].map((state) =>
        there.get(`banyan_queue_jobs{queue="billing-events",state="${state}"}`),
      ),
      [3, 1, 2, 4],
    );
    assert.deepEqual([of('oldest_seconds'), of('oldest_seconds', 'billing-jobs')], [12.5, 0]);
    assert.deepEqual([of('consumers'), of('consumers', 'billing-jobs')], [2, undefined]);
    assert.equal(there.get('banyan_queue_ended_total{queue="billing-events",outcome="died"}'), 4);
    assert.equal(there.get('banyan_queues_reachable'), 1);
    sample = undefined;
    const away = await samplesOf(metrics);
    const left = [...away].filter(([name]) => name.startsWith('banyan_queue'));
    assert.deepEqual(left, [['banyan_queues_reachable', 0]]);
    metrics.release();
  });

  it('of a gateway with nothing carved out have nothing of flags, shadows, overrides, traces and queues', async () => {
    const metrics = createMetrics(bare);
    const { text } = await metrics.render();
    assert.match(text, /# HELP banyan_requests_total /);
    assert.doesNotMatch(text, /banyan_(flags|kill|audit|shadow|override|fallback|trace|queue)/);
    metrics.release();
  });

  it('are documented, each with its type, its labels and what it is', async () => {
    const metrics = createMetrics(sourcesOf());
    metrics.observer.onRefused({ reason: 'malformed', status: 400, address: '::1', sentBytes: 9 });
    const override = { id: 'o', sides: {}, expiresAtMs: 0 };
    metrics.observer.onStart(contextOf());
    metrics.observer.onEnd(contextOf({ failure, fellBack: true, override }), endOf());
    const counts = createFlagCounts();
    counts.onRefused('store-away');
    const others = createMetrics(sourcesOf({ counts }));
    const text = `${(await metrics.render()).text}${(await others.render()).text}`;
    const document = await readFile(new URL('../../../docs/observability.md', import.meta.url), 'utf8');
    const documented = document.split('\n').filter((line) => /^\| `banyan_/.test(line));
    assert.deepEqual(documented.toSorted(), describeMetrics(text).toSorted());
    const names = documented.map((row) => row.split('`')[1]);
    const mentioned = document.match(/banyan_\w+/g) ?? [];
    const unknown = mentioned.filter((name) => !names.includes(name));
    assert.deepEqual(unknown, [], 'alerts and queries name metrics that there are');
    metrics.release();
    others.release();
  });
});

/** A row for each metric of ours, from what Prometheus is told. */
function describeMetrics(text: string): string[] {
  const lines = text.split('\n');
  const rows = lines.flatMap((line) => {
    const [, name, help] = /^# HELP (banyan_\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined) return [];
    const type = lines.find((each) => each.startsWith(`# TYPE ${name} `))?.split(' ')[3];
    const samples = lines.filter((each) => new RegExp(`^${name}(_bucket)?[{ ]`).test(each));
    assert.ok(samples.length > 0, `${name} has no sample here: the test is to make one`);
    const labels = new Set(
      samples.flatMap((each) => [...each.matchAll(/[{,](\w+)="/g)].map(([, label]) => label)),
    );
    labels.delete('le');
    const shown = [...labels].map((label) => `\`${label}\``).join(', ');
    return [`| \`${name}\` | ${type} | ${shown || '–'} | ${help} |`];
  });
  return [...new Set(rows)];
}
