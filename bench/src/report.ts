import type { ColdStart } from './cold-start.ts';
import type { LoadCase, Sample } from './load.ts';
import type { MemoryFigures } from './memory.ts';

export type CaseResult = {
  readonly loadCase: LoadCase;
  /** By contender, a sample for each round. */
  readonly samples: ReadonlyMap<string, readonly Sample[]>;
};

export function median(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Half the distance between the second-lowest and second-highest, in percent of the median. */
function spreadPercent(values: readonly number[]): number {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  const [low, high] = sorted.length >= 4 ? [sorted[1], sorted.at(-2)] : [sorted[0], sorted.at(-1)];
  return (((high ?? 0) - (low ?? 0)) / 2 / median(values)) * 100;
}

const show = (value: number, digits = 0): string =>
  Number.isFinite(value)
    ? value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })
    : '–';

export type Summary = {
  readonly name: string;
  readonly requestsPerSecond: number;
  readonly spreadPercent: number;
  readonly cpuUsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
};

export function summarize({ samples }: CaseResult): Summary[] {
  return [...samples].map(([name, list]) => ({
    name,
    requestsPerSecond: median(list.map((sample) => sample.requestsPerSecond)),
    spreadPercent: spreadPercent(list.map((sample) => sample.requestsPerSecond)),
    cpuUsPerRequest: median(list.map((sample) => sample.cpuUsPerRequest)),
    p50Ms: median(list.map((sample) => sample.p50Ms)),
    p99Ms: median(list.map((sample) => sample.p99Ms)),
    errors: list.reduce((sum, sample) => sum + sample.errors, 0),
  }));
}

/** A Markdown table; ratios are to ours. */
export function caseTable(result: CaseResult, ours: string): string {
  const rows = summarize(result);
  const own = rows.find(({ name }) => name === ours)?.requestsPerSecond ?? Number.NaN;
  const lines = [
    `### ${result.loadCase.name}, ${result.loadCase.connections} connection${result.loadCase.connections === 1 ? '' : 's'}`,
    '',
    '| | requests/s | ± % | ours is × | CPU µs/request | p50 ms | p99 ms | errors |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
  ];
  for (const row of rows) {
    lines.push(
      `| ${row.name} | ${show(row.requestsPerSecond)} | ${show(row.spreadPercent, 1)} | ${show(own / row.requestsPerSecond, 2)} | ` +
        `${show(row.cpuUsPerRequest, 1)} | ${show(row.p50Ms, 3)} | ${show(row.p99Ms, 3)} | ${row.errors} |`,
    );
  }
  return lines.join('\n');
}

export type Target = {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly atMost: boolean;
};

export function targets(
  results: readonly CaseResult[],
  memory: MemoryFigures | undefined,
  coldStart: ColdStart | undefined,
  names: { readonly ours: string; readonly probe: string; readonly hpm: string },
): Target[] {
  const found: Target[] = [];
  const rowsOf = (name: string, connections: number): Map<string, Summary> => {
    const result = results.find(
      ({ loadCase }) => loadCase.name === name && loadCase.connections === connections,
    );
    return new Map(result === undefined ? [] : summarize(result).map((row) => [row.name, row]));
  };
  const add = (what: string, value: number, limit: number, atMost: boolean): void => {
    if (Number.isFinite(value)) found.push({ what, value, limit, atMost });
  };
  const ratio = (
    rows: Map<string, Summary>,
    other: string,
    of: 'requestsPerSecond' | 'cpuUsPerRequest',
  ): number => (rows.get(names.ours)?.[of] ?? Number.NaN) / (rows.get(other)?.[of] ?? Number.NaN);
  const small = rowsOf('small GET', 64);
  add('CPU per request, × the probe', ratio(small, names.probe, 'cpuUsPerRequest'), 1.25, true);
  add('requests/s, × Express + HPM', ratio(small, names.hpm, 'requestsPerSecond'), 3.3, false);
  add('requests/s, × nginx', ratio(small, 'nginx', 'requestsPerSecond'), 0.4, false);
  add(
    '64 KB GET requests/s, × nginx',
    ratio(rowsOf('64 KB GET', 64), 'nginx', 'requestsPerSecond'),
    0.5,
    false,
  );
  const single = rowsOf('small GET', 1);
  const added = (single.get(names.ours)?.p50Ms ?? Number.NaN) - (single.get('direct')?.p50Ms ?? Number.NaN);
  add('added p50 at 1 connection, ms', added, 0.2, true);
  if (memory !== undefined) {
    add('memory growth, 100 MB to 1 GB down, MB', memory.downloadGrowthMb, 16, true);
    add('memory growth, 100 MB to 1 GB up, MB', memory.uploadGrowthMb, 16, true);
    add('an idle WebSocket, KB', memory.websocketKb, 40, true);
  }
  if (coldStart !== undefined) add('cold start to first answer, ms', coldStart.wallMs, 400, true);
  return found;
}

export function targetTable(list: readonly Target[]): string {
  const lines = ['| figure | measured | to reach | |', '|---|--:|--:|---|'];
  for (const { what, value, limit, atMost } of list) {
    const reached = atMost ? value <= limit : value >= limit;
    lines.push(
      `| ${what} | ${show(value, 2)} | ${atMost ? '≤' : '≥'} ${limit} | ${reached ? 'reached' : 'missed'} |`,
    );
  }
  return lines.join('\n');
}

/** Bars of requests/s for one case, light and dark. */
export function chart(result: CaseResult, ours: string): string {
  const rows = summarize(result)
    .filter(({ name }) => name !== 'direct')
    .toSorted((a, b) => b.requestsPerSecond - a.requestsPerSecond);
  const most = Math.max(...rows.map((row) => row.requestsPerSecond));
  const [left, width, step] = [170, 430, 30];
  const bars = rows.map((row, i) => {
    const y = 44 + i * step;
    const length = Math.max(1, (row.requestsPerSecond / most) * width);
    return (
      `<text class="t" x="${left - 10}" y="${y + 15}" text-anchor="end">${row.name}</text>` +
      `<rect class="${row.name === ours ? 'o' : 'b'}" x="${left}" y="${y}" width="${length.toFixed(1)}" height="20" rx="3"/>` +
      `<text class="t" x="${(left + length + 8).toFixed(1)}" y="${y + 15}">${show(row.requestsPerSecond)}</text>`
    );
  });
  const height = 56 + rows.length * step;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 690 ${height}" width="690" height="${height}" role="img">
<title>Requests per second, ${result.loadCase.name}, ${result.loadCase.connections} connections, one core each</title>
<style>.t{font:13px system-ui,sans-serif;fill:#24292f}.h{font-weight:600}.b{fill:#b6bec9}.o{fill:#2f855a}
@media (prefers-color-scheme:dark){.t{fill:#d0d7de}.b{fill:#57606a}.o{fill:#48bb78}}</style>
<text class="t h" x="16" y="24">Requests per second: ${result.loadCase.name}, ${result.loadCase.connections} connections, one core each</text>
${bars.join('\n')}
</svg>
`;
}
