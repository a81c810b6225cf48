import { once } from 'node:events';
import { connect } from 'node:net';
import type { Target } from '../report.ts';
import { residentBytes } from '../system.ts';
import type { Front, World } from './world.ts';

export type ExportFigures = {
  readonly rows: number;
  readonly firstByteMs: number;
  /** Of the monolith's own export. */
  readonly monolithFirstByteMs: number;
  readonly seconds: number;
  readonly monolithSeconds: number;
  /** Growth of resident memory beyond what as many rows took in exports of a tenth, in megabytes. */
  readonly gatewayGrowthMb: number;
  readonly serviceGrowthMb: number;
  /** The same while a client reads 4 MB/s. */
  readonly slowGatewayGrowthMb: number;
  readonly slowServiceGrowthMb: number;
};

const MB = 1_048_576;
const WATCH_MS = 10;
const REPEATS = 5;
const FIRST_BYTE_MS_MAX = 100;
const GROWTH_MB_MAX = 16;
const SLOW_BYTES_PER_SECOND = 4 * MB;
/** A tenth of what `fillWithInvoices` makes, by day of issue. */
const TENTH = '?to=2026-01-28';

/** An export of all invoices: how soon it begins, how long it takes, what it takes of memory. */
export async function measureExport(world: World): Promise<ExportFigures> {
  const { translated, service, monolith } = world;
  const run = (front: Front, query = '', bytesPerSecond = Number.POSITIVE_INFINITY) =>
    readExport(front.port, `/api/v1/invoices/export.csv${query}`, world.cookie, bytesPerSecond);
  const several = async (front: Front): Promise<Read[]> => {
    await run(front, TENTH);
    const reads: Read[] = [];
    while (reads.length < REPEATS) reads.push(await run(front));
    return reads;
  };
  const watch = watchMemory([translated, service]);
  // As many rows in short exports as in the long ones: what differs is the length alone, not how much garbage there was.
  for (let i = 0; i < REPEATS * 10; i++) await run(translated, TENTH);
  const early = watch.highest();
  const reads = await several(translated);
  const late = watch.highest();
  await run(translated, '', SLOW_BYTES_PER_SECOND);
  const slow = watch.highest();
  watch.stop();
  const direct = await several(monolith);
  const grown = (to: readonly number[], at: number): number => ((to[at] ?? 0) - (early[at] ?? 0)) / MB;
  return {
    rows: reads[0]?.rows ?? 0,
    firstByteMs: median(reads.map(({ firstByteMs }) => firstByteMs)),
    monolithFirstByteMs: median(direct.map(({ firstByteMs }) => firstByteMs)),
    seconds: median(reads.map(({ seconds }) => seconds)),
    monolithSeconds: median(direct.map(({ seconds }) => seconds)),
    gatewayGrowthMb: grown(late, 0),
    serviceGrowthMb: grown(late, 1),
    slowGatewayGrowthMb: grown(slow, 0),
    slowServiceGrowthMb: grown(slow, 1),
  };
}

export function exportTargets(figures: ExportFigures): Target[] {
  const atMost = (what: string, value: number, limit: number): Target => ({
    what,
    value,
    limit,
    atMost: true,
  });
  const rows = figures.rows.toLocaleString('en-US');
  return [
    atMost(`export of ${rows} rows, first byte, ms`, figures.firstByteMs, FIRST_BYTE_MS_MAX),
    atMost('memory growth of the gateway, a tenth to all rows, MB', figures.gatewayGrowthMb, GROWTH_MB_MAX),
    atMost('memory growth of the service, a tenth to all rows, MB', figures.serviceGrowthMb, GROWTH_MB_MAX),
    atMost('the same of the gateway, to a slow client, MB', figures.slowGatewayGrowthMb, GROWTH_MB_MAX),
    atMost('the same of the service, to a slow client, MB', figures.slowServiceGrowthMb, GROWTH_MB_MAX),
  ];
}

export function exportTable(figures: ExportFigures): string {
  const row = (name: string, firstByteMs: number, seconds: number): string =>
    `| ${name} | ${firstByteMs.toFixed(1)} | ${seconds.toFixed(2)} | ${Math.round(figures.rows / seconds).toLocaleString('en-US')} |`;
  return [
    `### export of ${figures.rows.toLocaleString('en-US')} invoices`,
    '',
    '| | first byte ms | whole s | rows/s |',
    '|---|--:|--:|--:|',
    row('Banyan, translating', figures.firstByteMs, figures.seconds),
    row('monolith, directly', figures.monolithFirstByteMs, figures.monolithSeconds),
  ].join('\n');
}

type Read = { readonly firstByteMs: number; readonly seconds: number; readonly rows: number };

/** Over a bare socket, so that the client takes as little of the processor as it can. */
async function readExport(port: number, path: string, cookie: string, bytesPerSecond: number): Promise<Read> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const startedAt = performance.now();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`);
  let firstByteMs = Number.NaN;
  let bytes = 0;
  let head = '';
  let tail = '';
  for await (const chunk of socket) {
    const piece = chunk as Buffer;
    if (bytes === 0) {
      firstByteMs = performance.now() - startedAt;
      head = piece.toString('latin1', 0, 15);
    }
    bytes += piece.length;
    tail = (tail + piece.toString('latin1', Math.max(0, piece.length - 200))).slice(-200);
    const aheadMs = (bytes / bytesPerSecond) * 1000 - (performance.now() - startedAt);
    if (aheadMs > 5) await new Promise((resolve) => setTimeout(resolve, aheadMs));
  }
  const rows = Number(/X-Row-Count: (\d+)/i.exec(tail)?.[1]);
  if (!head.startsWith('HTTP/1.1 200') || !Number.isFinite(rows)) {
    throw new Error(`the export of port ${port} began with ${head} and ended with ${tail}`);
  }
  return { firstByteMs, seconds: (performance.now() - startedAt) / 1000, rows };
}

/** Highest resident memory since the last look, of each. */
function watchMemory(fronts: readonly Front[]) {
  const highest = fronts.map(() => 0);
  const timer = setInterval(() => {
    for (const [i, { pid }] of fronts.entries()) highest[i] = Math.max(highest[i] ?? 0, residentBytes(pid));
  }, WATCH_MS);
  return { highest: (): readonly number[] => [...highest], stop: () => clearInterval(timer) };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
