import type { BackendTraffic, Route } from '../admin/types.ts';
import { agoText, countText, latencyText, rateText, shareText } from '../terminal/figures.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Cell, type Column, renderTable } from '../terminal/table.ts';
import { stageText } from './stage-text.ts';

export type RoutesLayout = {
  /** Columns there are; Infinity where nothing has to fit. */
  readonly width: number;
  readonly paint: Paint;
  readonly now: Date;
};

/** From here on the last flip has a column of its own; below it stands on a line of its own. */
const WIDE_COLUMNS = 118;

const BACKEND_COLUMNS: readonly Column[] = [
  { title: 'BACKEND', widthMin: 7 },
  { title: 'REQ/S', align: 'right' },
  { title: 'ERRORS', align: 'right' },
  { title: 'P50', align: 'right' },
  { title: 'P99', align: 'right' },
];
const NARROW: readonly Column[] = [
  { title: 'OPERATION', widthMin: 12 },
  { title: 'RW' },
  { title: 'STAGE' },
  ...BACKEND_COLUMNS,
  { title: 'MONOLITH' },
];
const WIDE: readonly Column[] = [
  { title: 'OPERATION', widthMin: 16 },
  { title: 'KIND' },
  { title: 'STAGE' },
  ...BACKEND_COLUMNS,
  { title: 'MONOLITH' },
  { title: 'LAST FLIP', widthMin: 20 },
];
/** The operation's own columns, in front of its backends'. */
const OWN_COLUMNS = 3;

/** What each operation does, by carve-out, as lines. */
export function renderRoutes(routes: readonly Route[], layout: RoutesLayout): string[] {
  const isWide = layout.width >= WIDE_COLUMNS;
  const columns = isWide ? WIDE : NARROW;
  const rows: Cell[][] = [];
  for (const group of groupRoutes(routes)) {
    if (rows.length > 0) rows.push([]);
    rows.push([{ text: headingOf(group[0]), style: 'bold', span: columns.length }]);
    for (const route of group) rows.push(...rowsOf(route, { ...layout, isWide }));
  }
  return renderTable(columns, rows, { ...layout, gap: isWide ? 2 : 1 });
}

/** Those of one carve-out under one owner stand together, in the order in which they come. */
function groupRoutes(routes: readonly Route[]): (readonly [Route, ...Route[]])[] {
  const groups = new Map<string, [Route, ...Route[]]>();
  for (const route of routes) {
    const key = JSON.stringify([route.carveOut, route.carveOut && [route.owner, route.epoch, route.data]]);
    const group = groups.get(key);
    if (group) group.push(route);
    else groups.set(key, [route]);
  }
  return [...groups.values()];
}

const READS = {
  shared: "its service reads the monolith's tables",
  followed: 'its service follows with a copy of its own',
  none: 'its service has no data',
} as const;

function headingOf({ carveOut, owner, epoch, data }: Route): string {
  if (carveOut === null) return 'not carved out: the monolith answers';
  const term = epoch === null ? '' : ` (epoch ${epoch})`;
  switch (owner) {
    case 'monolith':
      return `${carveOut}: the monolith owns${term}${data === null ? '' : `, ${READS[data]}`}`;
    case 'service':
      return `${carveOut}: its service owns${term}, and answers whatever the flags say`;
    case 'nobody':
      return `${carveOut}: nobody owns${term}, its data is being copied`;
    case 'unknown':
      return `${carveOut}: who owns is not known yet`;
  }
}

function rowsOf(route: Route, { isWide, now }: RoutesLayout & { readonly isWide: boolean }): Cell[][] {
  const backends = route.traffic.map(backendCells);
  const notes = notesOf(route);
  const flip = flipText(route, now);
  if (!isWide && flip !== undefined) notes.unshift({ text: flip, style: 'dim' });
  const [firstBackend = EMPTY_BACKEND, ...moreBackends] = backends;
  const first: Cell[] = [
    route.operationId,
    isWide ? route.kind : route.kind === 'read' ? 'r' : 'w',
    stageCell(route),
    ...firstBackend,
    { text: agoText(route.lastMonolithHit, now), style: route.lastMonolithHit === null ? 'dim' : undefined },
    ...(isWide ? [flip ?? ''] : []),
  ];
  const more = Math.max(notes.length, moreBackends.length);
  const below = Array.from({ length: more }, (_, index): Cell[] => {
    const note = notes[index];
    const backend = moreBackends[index];
    const all = (isWide ? WIDE : NARROW).length;
    const text = note === undefined ? '' : `  ${note.text}`;
    return [
      { text, style: note?.style, span: backend === undefined ? all : OWN_COLUMNS },
      ...(backend ?? []),
    ];
  });
  return [first, ...below];
}

const EMPTY_BACKEND: readonly Cell[] = [{ text: '–', style: 'dim' }, '', '', '', ''];

export function backendCells(traffic: BackendTraffic): readonly Cell[] {
  const { backend, requestsPerSecond, errorRate, p50Ms, p99Ms } = traffic;
  return [
    backend,
    rateText(requestsPerSecond),
    { text: shareText(errorRate), style: errorRate > 0 ? 'red' : undefined },
    latencyText(p50Ms),
    latencyText(p99Ms),
  ];
}

const STAGE_STYLES = { monolith: undefined, shadow: 'magenta', canary: 'yellow', service: 'green' } as const;

function stageCell(route: Route): Cell {
  const { kind, stage, killed } = route;
  const style: Style | undefined =
    stage === null || killed ? 'red' : kind === 'write' ? 'dim' : STAGE_STYLES[stage];
  return { text: stageText(route), style };
}

type Note = { readonly text: string; readonly style: Style };

/** What is not as one would expect it from the stage alone. */
function notesOf(route: Route): Note[] {
  const { owner, stage, wantedStage, killed, fallback, shadow, kind } = route;
  const notes: Note[] = [];
  if (killed) {
    const effect = stage === 'monolith' ? `its flag says ${wantedStage}` : 'without effect: its service owns';
    notes.push({ text: `killed; ${effect}`, style: 'red' });
  } else if (owner === 'monolith' && kind === 'read' && wantedStage !== null && wantedStage !== stage) {
    notes.push({ text: `its flag says ${wantedStage}, not legal now`, style: 'yellow' });
  }
  if (owner === 'monolith' && fallback === false && (stage === 'canary' || stage === 'service')) {
    notes.push({ text: 'without fallback', style: 'yellow' });
  }
  if (shadow !== null && (stage === 'shadow' || shadow.different > 0)) {
    const { compared, different } = shadow;
    const text = `${countText(compared)} compared, ${different === 0 ? 'none' : countText(different)} different`;
    notes.push({ text, style: different > 0 ? 'red' : 'dim' });
  }
  return notes;
}

function flipText({ lastFlip }: Route, now: Date): string | undefined {
  if (lastFlip === null) return undefined;
  const { at, by, reason } = lastFlip;
  return plainText(`${agoText(at, now)} by ${by}: ${reason}`);
}
