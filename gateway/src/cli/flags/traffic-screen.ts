import type { BackendTraffic, Route } from '../admin/types.ts';
import { latencyText, rateText, shareText, spanText, sparkline } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { type Cell, type Column, renderTable } from '../terminal/table.ts';
import { stageText } from './stage-text.ts';

/** What was seen of one operation's backend at each look, oldest first. */
type Seen = { readonly rates: readonly number[]; readonly p99s: readonly (number | null)[] };
/** By operation and backend. */
export type TrafficHistory = ReadonlyMap<string, Seen>;

export type TrafficView = {
  readonly routes: readonly Route[];
  readonly history: TrafficHistory;
  /** Of the flags. */
  readonly version: number;
  /** What the figures are of. */
  readonly windowSeconds: number;
  /** Since it is watched. */
  readonly forSeconds: number;
};

const LOOKS_MAX = 60;
const BARS_MIN = 6;
const BARS_MAX = 30;
/** All but the two columns of bars, with names of a usual length. */
const FIGURES_COLUMNS = 57;

export const NO_HISTORY: TrafficHistory = new Map();

const keyOf = (operationId: string, backend: string): string => `${operationId} ${backend}`;

/** The backends that a read can have, whether or not anything went there: the monolith first. */
function backendsOf({ carveOut, traffic }: Route): readonly BackendTraffic[] {
  const names = new Set([
    'monolith',
    ...(carveOut === null ? [] : [carveOut]),
    ...traffic.map((each) => each.backend),
  ]);
  return [...names].map((name) => traffic.find(({ backend }) => backend === name) ?? noTraffic(name));
}

const noTraffic = (backend: string): BackendTraffic => ({
  backend,
  requests: 0,
  requestsPerSecond: 0,
  errorRate: 0,
  p50Ms: null,
  p99Ms: null,
});

/** The history with one more look. */
export function addTraffic(history: TrafficHistory, routes: readonly Route[]): TrafficHistory {
  const added = new Map<string, Seen>();
  for (const route of routes) {
    for (const { backend, requestsPerSecond, p99Ms } of backendsOf(route)) {
      const key = keyOf(route.operationId, backend);
      const { rates = [], p99s = [] } = history.get(key) ?? {};
      added.set(key, {
        rates: [...rates, requestsPerSecond].slice(-LOOKS_MAX),
        p99s: [...p99s, p99Ms].slice(-LOOKS_MAX),
      });
    }
  }
  return added;
}

/** One drawing: two lines an operation, rates and latencies with how they came to be. */
export function renderTraffic(view: TrafficView, layout: Layout): string[] {
  const { paint, width } = layout;
  const bars = Math.min(BARS_MAX, Math.max(BARS_MIN, Math.floor((width - FIGURES_COLUMNS) / 2)));
  // Of widths that stay from draw to draw, so that nothing jumps.
  const columns: readonly Column[] = [
    { title: 'OPERATION', widthMin: 10 },
    { title: 'BACKEND', widthMin: 7 },
    { title: 'REQ/S', align: 'right' },
    { title: '', align: 'right' },
    { title: 'ERRORS', align: 'right' },
    { title: '   P50', align: 'right' },
    { title: '   P99', align: 'right' },
    { title: '', align: 'right' },
  ];
  const rows = view.routes.flatMap((route) => rowsOf(route, view.history, bars));
  const head = `version ${view.version}, watched for ${spanText(view.forSeconds)}; figures of the last ${view.windowSeconds} s`;
  return [
    paint('dim', head),
    ...renderTable(columns, rows, { width, paint, gap: 1 }),
    paint('dim', 'Ctrl-C ends this; the flags stay as they are'),
  ];
}

function rowsOf(route: Route, history: TrafficHistory, bars: number): Cell[][] {
  const backends = backendsOf(route);
  const seen = backends.map(({ backend }) => history.get(keyOf(route.operationId, backend)));
  // One scale for both backends, so that their bars can be compared.
  const ratesMax = Math.max(0, ...seen.flatMap((each) => each?.rates ?? []));
  const p99sMax = Math.max(0, ...seen.flatMap((each) => each?.p99s ?? []).map((ms) => ms ?? 0));
  const rows = backends.map((traffic, index): Cell[] => {
    const { rates = [], p99s = [] } = seen[index] ?? {};
    const { backend, requestsPerSecond, errorRate, p50Ms, p99Ms } = traffic;
    const style = index === 0 ? 'cyan' : 'green';
    const stage: Cell = { text: `  ${stageText(route)}`, style: 'dim' };
    return [
      index === 0 ? { text: route.operationId, style: 'bold' } : index === 1 ? stage : '',
      { text: backend, style },
      rateText(requestsPerSecond),
      { text: sparkline(rates, bars, ratesMax).padStart(bars), style },
      { text: shareText(errorRate), style: errorRate > 0 ? 'red' : undefined },
      latencyText(p50Ms),
      latencyText(p99Ms),
      { text: sparkline(p99s, bars, p99sMax).padStart(bars), style },
    ];
  });
  return rows;
}

/** Where nothing can be drawn anew: a line an operation and backend. */
export function printTraffic({ routes, version }: TrafficView, { now }: Layout): string[] {
  const time = now.toISOString().slice(11, 19);
  return routes.flatMap((route) =>
    backendsOf(route).map(({ backend, requestsPerSecond, errorRate, p50Ms, p99Ms }) => {
      const figures = [
        `${rateText(requestsPerSecond)}/s`,
        `errors ${shareText(errorRate)}`,
        `p50 ${latencyText(p50Ms)}`,
        `p99 ${latencyText(p99Ms)}`,
      ];
      return `${time}  v${version}  ${route.operationId} (${stageText(route)})  ${backend}  ${figures.join(', ')}`;
    }),
  );
}
