import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@banyan/service-kit/migrations';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { createTestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import pg from 'pg';
import { usePostgres } from '../carve-outs/postgres.ts';
import { cpuMicroseconds, freePort } from '../system.ts';
import type { ConsumerReport, WriterOrder, WriterReport } from './messages.ts';

type Process = 'writer' | 'relay' | 'consumer';

export type EventFigures = {
  readonly perSecond: number;
  readonly barePerSecond: number;
  readonly commitsPerEvent: number;
  readonly batches: number;
  readonly eventsPerBatch: number;
  readonly commitsPerBatch: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From commit until its writer has heard that it was taken: p50, p99. */
  readonly heardMs: readonly [number, number];
  /** After a third of the time, and at its end. */
  readonly residentMebibytes: Readonly<Record<Process, readonly [number, number]>>;
  /** Milliseconds of processor time, of one event. */
  readonly cpuMsPerEvent: Readonly<Record<Process, number>>;
  /** What Postgres counts on top: a listener begins and ends an empty transaction for each notification. */
  readonly emptyPerEvent: number;
  readonly load: number;
};

const FLOOD_SECONDS = 30;
const BARE_SECONDS = 8;
const PACE = { seconds: 15, perSecond: 100 } as const;
const WARM_UP = { seconds: 3, perSecond: 100 } as const;
const OUTSTANDING_MAX = 1_000;
const QUEUE = 'bench-events';
const LONG = { deadlineMs: 120_000 } as const;
/** Postgres tells its statistics when a connection has been idle for a while. */
const STATISTICS_MS = 2_500;
const MEBIBYTE_IN_KIBIBYTES = 1_024;
const RELAY = fileURLToPath(import.meta.resolve('@banyan/service-kit/relay/main'));

/** Events from their commit to their recorded effect: writer, relay and consumer, one process each. */
export async function measureEvents(): Promise<EventFigures> {
  const releases: (() => Promise<unknown>)[] = [];
  try {
    return await measure(releases);
  } finally {
    for (const release of releases.reverse()) await release();
  }
}

async function measure(releases: (() => Promise<unknown>)[]): Promise<EventFigures> {
  await usePostgres(0, releases);
  const redisUrl = await startRedis(releases);
  const writerDb = await makeDatabase(releases, 'SELECT 1');
  const consumerDb = await makeDatabase(releases, 'CREATE TABLE billing.effects (id bigint, said text)');
  const metricsPort = await freePort();
  const env = {
    ...process.env,
    WRITER_DATABASE_URL: writerDb.url,
    CONSUMER_DATABASE_URL: consumerDb.url,
    BENCH_QUEUE: QUEUE,
    RELAY_DATABASE_URL: writerDb.url,
    RELAY_SCHEMA: 'billing',
    RELAY_SOURCE: 'writer',
    RELAY_ROUTES: QUEUE,
    RELAY_METRICS_PORT: String(metricsPort),
    QUEUE_REDIS_URL: redisUrl,
    LOG_LEVEL: 'error',
  };
  const start = (path: string, parameters: string[] = []): ChildProcess => {
    // What this process was started with is for it alone: it would take the channel to the child for its own.
    const child = fork(path, parameters, {
      env,
      execArgv: [],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    releases.push(() => stop(child));
    return child;
  };

  const relay = start(RELAY);
  const consumer = start(join(import.meta.dirname, 'consumer.ts'));
  const writer = start(join(import.meta.dirname, 'writer.ts'));
  let effects = 0;
  consumer.on('message', (report: ConsumerReport) => {
    if (report.kind !== 'effects') return;
    effects = report.count;
    if (writer.connected) writer.send({ kind: 'effects', count: effects } satisfies WriterOrder);
  });
  const order = async (given: WriterOrder): Promise<WriterReport> => {
    writer.send(given);
    return next<WriterReport>(writer, ({ kind }) => kind === 'written');
  };
  const done = (count: number) => until(() => effects >= count, { ...LONG, what: 'the effects' });
  const turns = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    return Number(/^outbox_turns_total\S* (\d+)$/m.exec(text)?.[1]);
  };
  const takeTimes = async (): Promise<Map<number, number>> => {
    consumer.send({ kind: 'times' });
    const report = await next<ConsumerReport>(consumer, ({ kind }) => kind === 'times');
    return pairs(report.kind === 'times' ? report.times : []);
  };

  let sum = (await order({ kind: 'pace', ...WARM_UP })).count;
  await done(sum);
  await takeTimes();

  // The wait from commit to effect, at a pace that nobody has to hurry for.
  const paced = await order({ kind: 'pace', ...PACE });
  sum += paced.count;
  await done(sum);
  const [commits, times] = [pairs(paced.commits), await takeTimes()];
  const waits = [...commits]
    .map(([number, at]) => (times.get(number) ?? Number.NaN) - at)
    .sort((a, b) => a - b);
  const heard = [...paced.waitsMs].sort((a, b) => a - b);

  // As many as go through.
  const cpu = () => ({ writer: cpuMs(writer), relay: cpuMs(relay), consumer: cpuMs(consumer) });
  const count = async () => ({
    commits: await countCommits([writerDb, consumerDb]),
    writing: await countTransactions(writerDb),
    turns: await turns(),
    cpu: cpu(),
  });
  const before = { ...(await count()), effects };
  const resident: Record<Process, [number, number]> = { writer: [0, 0], relay: [0, 0], consumer: [0, 0] };
  const look = (index: 0 | 1): void => {
    resident.writer[index] = residentMebibytes(writer);
    resident.relay[index] = residentMebibytes(relay);
    resident.consumer[index] = residentMebibytes(consumer);
  };
  const third = setTimeout(() => look(0), (FLOOD_SECONDS * 1_000) / 3);
  const from = performance.now();
  const flood = order({ kind: 'flood', seconds: FLOOD_SECONDS, outstandingMax: OUTSTANDING_MAX });
  await flood;
  const perSecond = (effects - before.effects) / ((performance.now() - from) / 1_000);
  clearTimeout(third);
  look(1);
  const flooded = (await flood).count;
  sum += flooded;
  await done(sum);
  await new Promise((resume) => setTimeout(resume, STATISTICS_MS));
  const after = await count();
  const batches = after.turns - before.turns;
  const counted = after.commits.reduce((sum, each, index) => sum + each - (before.commits[index] ?? 0), 0);
  const writing = after.writing - before.writing;
  const perEvent = (name: Process) => (after.cpu[name] - before.cpu[name]) / flooded;
  const load = loadavg()[0] ?? 0;

  for (const child of [writer, consumer, relay]) await stop(child);
  const bareWorker = start(join(import.meta.dirname, 'bare.ts'), ['worker']);
  const bareAdder = start(join(import.meta.dirname, 'bare.ts'), ['adder', String(BARE_SECONDS)]);
  bareWorker.on('message', (count) => bareAdder.connected && bareAdder.send(count));
  const bareFrom = performance.now();
  const bare = await next<number>(bareAdder, () => true);
  const barePerSecond = bare / ((performance.now() - bareFrom) / 1_000);

  return {
    perSecond,
    barePerSecond,
    commitsPerEvent: (writing - batches) / flooded,
    emptyPerEvent: (counted - writing) / flooded,
    batches,
    eventsPerBatch: flooded / batches,
    commitsPerBatch: (writing - 2 * flooded) / batches,
    cpuMsPerEvent: { writer: perEvent('writer'), relay: perEvent('relay'), consumer: perEvent('consumer') },
    p50Ms: quantile(waits, 0.5),
    p99Ms: quantile(waits, 0.99),
    heardMs: [quantile(heard, 0.5), quantile(heard, 0.99)],
    residentMebibytes: resident,
    load,
  };
}

export function describeEvents(figures: EventFigures): string {
  const { perSecond, barePerSecond, residentMebibytes } = figures;
  const reached = (is: boolean): string => (is ? 'yes' : 'NO');
  const memory = ([early, late]: readonly [number, number]): string =>
    `${early.toFixed(0)} → ${late.toFixed(0)} MiB`;
  const rows = [
    ['events/s for 30 s', perSecond.toFixed(0), '≥ 800', reached(perSecond >= 800)],
    [
      'commits per event, without batches',
      figures.commitsPerEvent.toFixed(3),
      '≤ 2',
      reached(figures.commitsPerEvent < 2.05),
    ],
    [
      'commits per batch of the relay',
      figures.commitsPerBatch.toFixed(3),
      '1',
      reached(figures.commitsPerBatch < 1.1),
    ],
    ['transactions that change nothing, per event', figures.emptyPerEvent.toFixed(2), '–', '–'],
    [
      'processor time per event: writer, relay, consumer',
      `${Object.values(figures.cpuMsPerEvent)
        .map((ms) => ms.toFixed(2))
        .join(', ')} ms`,
      '–',
      '–',
    ],
    ['events per batch', figures.eventsPerBatch.toFixed(1), '–', '–'],
    [
      'commit to effect at 100/s, p50',
      `${figures.p50Ms.toFixed(1)} ms`,
      '< 20 ms',
      reached(figures.p50Ms < 20),
    ],
    ['commit to effect at 100/s, p99', `${figures.p99Ms.toFixed(1)} ms`, '–', '–'],
    [
      'commit to acknowledgement heard by its writer at 100/s, p50 and p99',
      `${figures.heardMs.map((ms) => ms.toFixed(1)).join(', ')} ms`,
      '–',
      '–',
    ],
    ['bare BullMQ add + worker', `${barePerSecond.toFixed(0)}/s`, '–', '–'],
    ['ratio to bare', (perSecond / barePerSecond).toFixed(2), '–', '–'],
    ['memory of the writer, which keeps the times', memory(residentMebibytes.writer), '–', '–'],
    ['memory of the relay', memory(residentMebibytes.relay), 'flat', '–'],
    ['memory of the consumer, which keeps the times', memory(residentMebibytes.consumer), 'flat', '–'],
    ['load of the machine', figures.load.toFixed(1), '–', '–'],
  ];
  return [
    '| events | measured | target | reached |',
    '|---|---|---|---|',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

async function startRedis(releases: (() => Promise<unknown>)[]): Promise<string> {
  const redis = await createTestRedis({ keepsData: 'everysec' });
  releases.push(() => redis[Symbol.asyncDispose]());
  await redis.start();
  return redis.url;
}

type Made = { readonly url: string };

async function makeDatabase(releases: (() => Promise<unknown>)[], sql: string): Promise<Made> {
  const { url, drop } = await createTestDatabase('empty');
  releases.push(drop);
  const folder = fileURLToPath(new URL('migrations', import.meta.url));
  await migrate({ databaseUrl: url, folder, schema: 'billing' });
  await ask(url, sql);
  return { url };
}

/** That changed something, in all of the server: Postgres numbers those alone. */
async function countTransactions({ url }: Made): Promise<number> {
  const [row] = await ask(url, 'SELECT pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS n');
  return Number(row?.n);
}

const cpuMs = ({ pid = 0 }: ChildProcess): number => cpuMicroseconds(pid) / 1_000;

/** Of each database so far, but for the one that asks. */
async function countCommits(databases: readonly Made[]): Promise<number[]> {
  const counted = [];
  for (const { url } of databases) {
    const [row] = await ask(
      url,
      'SELECT xact_commit::float8 AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    counted.push(Number(row?.n));
  }
  return counted;
}

async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function next<T>(child: ChildProcess, isIt: (message: T) => boolean): Promise<T> {
  return new Promise((resume, reject) => {
    const onMessage = (message: T): void => {
      if (!isIt(message)) return;
      child.off('message', onMessage);
      resume(message);
    };
    child.on('message', onMessage);
    child.once('exit', (code) => reject(new Error(`a process of the bench ended with ${code}`)));
  });
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

function pairs(list: readonly number[]): Map<number, number> {
  const made = new Map<number, number>();
  for (let index = 0; index < list.length; index += 2) made.set(list[index] ?? 0, list[index + 1] ?? 0);
  return made;
}

function residentMebibytes({ pid }: ChildProcess): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / MEBIBYTE_IN_KIBIBYTES;
  } catch {
    return Number.NaN; // Only Linux tells.
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resume) => child.once('exit', resume));
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 8_000);
  await ended;
  clearTimeout(forced);
}
