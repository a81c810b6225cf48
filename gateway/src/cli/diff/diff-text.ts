import type { Difference, Differences, KeptDifference } from '../admin/types.ts';
import { agoText, countText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';
import { renderTable } from '../terminal/table.ts';
import { sideBySide, sidesNote, sideText } from './side-by-side.ts';

const INDENT = '    ';

/** How many were compared, what differed by field, and the last requests that did. */
export function renderDifferences(answer: Differences, limit: number, layout: Layout): string[] {
  const { fields, differences } = answer;
  const lines = summaryLines(answer, layout);
  if (fields.length > 0) lines.push('', ...fieldLines(fields, layout));
  for (const kept of differences.slice(0, limit)) lines.push('', ...keptLines(kept, layout));
  const left = differences.length - limit;
  if (left > 0) {
    lines.push(
      '',
      layout.paint('dim', `${countText(left)} more kept: --limit ${differences.length} shows all`),
    );
  }
  return lines;
}

function summaryLines(answer: Differences, { paint }: Layout): string[] {
  const { operationId, compared, equal, different, unrepeated, skipped } = answer;
  const lines: string[] = [];
  const name = paint('bold', operationId);
  if (compared === 0) {
    lines.push(
      `${name}: nothing was compared yet.`,
      `\`banyan flag set ${operationId} shadow --reason …\` has the service asked aside.`,
    );
  } else if (different === 0) {
    lines.push(`${name}: ${countText(compared)} compared, ${paint('green', 'no differences')}`);
  } else {
    const share = paint('red', `${countText(different)} different`);
    lines.push(`${name}: ${countText(compared)} compared, ${countText(equal)} equal, ${share}`);
  }
  if (unrepeated > 0) {
    lines.push(`${countText(unrepeated)} differed once and not again: something was being changed just then`);
  }
  const reasons = Object.entries(skipped).filter(([, count]) => count > 0);
  if (reasons.length > 0) {
    const texts = reasons.map(([reason, count]) => `${countText(count)} ${plainText(reason)}`);
    lines.push(paint('dim', `not compared: ${texts.join(', ')}`));
  }
  return lines;
}

function fieldLines(fields: Differences['fields'], layout: Layout): string[] {
  const rows = fields.map(({ field, kind, count, unsteady }) => [
    countText(count),
    plainText(field),
    kind,
    { text: unsteady === 0 ? '' : `${countText(unsteady)} unsteady`, style: 'yellow' as const },
  ]);
  const columns = [
    { title: 'COUNT', align: 'right' },
    { title: 'FIELD', widthMin: 20 },
    { title: 'WHAT' },
    { title: '' },
  ] as const;
  return renderTable(columns, rows, layout);
}

function keptLines(kept: KeptDifference, layout: Layout): string[] {
  const { at, requestId, method, path, conditions, differences, isComplete } = kept;
  const { paint, now, width } = layout;
  const asked = conditions.length === 0 ? '' : ` with ${conditions.join(', ')}`;
  const sides = { width: width - INDENT.length, paint };
  const lines = [
    `${paint('bold', plainText(`${method} ${path}`))}${plainText(asked)}`,
    paint('dim', `${agoText(at, now)}, request ${plainText(requestId)}`),
    ...sideBySide(`monolith ${kept.status.monolith}`, `service ${kept.status.service}`, {
      ...sides,
      paint: (_style, text) => paint('dim', text),
    }).map((line) => `${INDENT}${line}`),
  ];
  for (const difference of differences) lines.push(...differenceLines(difference, layout));
  if (!isComplete) lines.push(paint('dim', '  and more'));
  return lines;
}

function differenceLines(difference: Difference, { paint, width }: Layout): string[] {
  const { path, kind, monolith, service, at, unsteady } = difference;
  const [left, right] = [sideText(monolith), sideText(service)];
  const notes = [
    // A path such as `status` or `header:etag` says it already.
    path.split(':')[0] === kind ? '' : kind,
    at === undefined ? '' : `from ${UNIT_OF_KIND[kind] ?? 'character'} ${at + 1}`,
    sidesNote(monolith, service),
    left === right ? 'alike as far as it may be shown' : '',
  ];
  const head =
    `  ${paint('bold', plainText(path))}  ${notes.filter((note) => note !== '').join(', ')}`.trimEnd();
  return [
    `${head}${unsteady ? paint('yellow', '  unsteady') : ''}`,
    ...sideBySide(left, right, { width: width - INDENT.length, paint }).map((line) => INDENT + line),
  ];
}

const UNIT_OF_KIND: Readonly<Partial<Record<Difference['kind'], string>>> = { text: 'line', bytes: 'byte' };
