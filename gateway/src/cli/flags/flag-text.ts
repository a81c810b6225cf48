import type { Route, Snapshot } from '../admin/types.ts';
import { agoText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { padText, plainText } from '../terminal/plain-text.ts';
import { renderTable } from '../terminal/table.ts';
import { flagText, stageText } from './stage-text.ts';

const LABEL_COLUMNS = 11;

/** One operation's flag, a fact a line. */
export function renderFlag(route: Route, snapshot: Snapshot, { paint, now }: Layout): string[] {
  const { operationId, method, path, carveOut, kind, owner, epoch, data, killed, legalStages } = route;
  const facts: [label: string, text: string][] = [];
  if (carveOut === null) {
    facts.push(['flag', 'none: it is not carved out, and goes to the monolith']);
  } else {
    const term = epoch === null ? '' : `, epoch ${epoch}`;
    const reading = data === null ? '' : `, data ${data}`;
    facts.push(['carve-out', `${carveOut} (owner ${owner}${term}${reading})`]);
    if (kind === 'write') facts.push(['flag', 'none: a write goes to the owner of its data']);
    else facts.push(['flag', wantedText(route, snapshot)]);
    facts.push(['in force', `${stageText(route)}${killed ? ', killed' : ''}`]);
    if (kind === 'read') facts.push(['legal now', legalStages.join(', ') || 'none']);
  }
  const flip = flipText(route, now);
  if (flip !== undefined) facts.push(['last flip', flip]);
  facts.push(['version', String(snapshot.version)]);
  return [
    `${paint('bold', operationId)}  ${method} ${path}`,
    ...facts.map(([label, text]) => `  ${paint('dim', padText(label, LABEL_COLUMNS))}${text}`),
  ];
}

/** The flags of a carve-out, one a line. */
export function renderFlags(routes: readonly Route[], snapshot: Snapshot, layout: Layout): string[] {
  const rows = routes.map((route) => [
    route.operationId,
    route.kind === 'write'
      ? { text: 'follows its owner', style: 'dim' as const }
      : wantedText(route, snapshot),
    route.killed ? { text: `${stageText(route)}, killed`, style: 'red' as const } : stageText(route),
    flipText(route, layout.now) ?? '',
  ]);
  const columns = [
    { title: 'OPERATION' },
    { title: 'FLAG' },
    { title: 'IN FORCE' },
    { title: 'LAST FLIP', widthMin: 8 },
  ];
  return [
    ...renderTable(columns, rows, layout),
    '',
    layout.paint('dim', `flags at version ${snapshot.version}`),
  ];
}

const wantedText = ({ operationId }: Route, { flags }: Snapshot): string =>
  flagText((Object.hasOwn(flags, operationId) ? flags[operationId] : null) ?? null);

function flipText({ lastFlip }: Route, now: Date): string | undefined {
  if (lastFlip === null) return undefined;
  return plainText(`${agoText(lastFlip.at, now)} by ${lastFlip.by}: ${lastFlip.reason}`);
}
