import type { Kill, Killed } from '../admin/types.ts';
import { agoText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';
import { renderTable } from '../terminal/table.ts';
import type { Outcome } from './each-replica.ts';

/** `*` as people say it. */
const targetText = (target: string): string => (target === '*' ? 'all' : target);

/** What became of it, a replica a paragraph. Of a list only what failed is said here. */
export function renderOutcomes(outcomes: readonly Outcome[], { paint }: Layout): string[] {
  return outcomes.flatMap((outcome) => {
    const { url } = outcome;
    if (outcome.kind === 'failed') {
      const [first = '', ...more] = outcome.message.split('\n');
      return [
        `${paint('bold', url)}  ${paint('red', 'failed')}: ${first}`,
        ...more.map((line) => `  ${line}`),
      ];
    }
    if (outcome.killed) return killedLines(url, outcome.killed, paint);
    if (outcome.lifted) return liftedLines(url, outcome.lifted, paint);
    return [];
  });
}

function killedLines(url: string, { kill, reads, unmoved }: Killed, paint: Layout['paint']): string[] {
  const head = `${paint('bold', url)}  ${paint('green', 'killed')} ${targetText(kill.target)} (${kill.id})`;
  const lines = [head];
  lines.push(`  at the monolith: ${reads.join(', ') || 'none'}`);
  for (const { operationId, stage } of unmoved) {
    const why = stage === null ? 'nobody may answer it' : `it may only be at ${stage}`;
    lines.push(paint('yellow', `  not moved: ${operationId}, ${why}`));
  }
  return lines;
}

function liftedLines(url: string, lifted: readonly Kill[], paint: Layout['paint']): string[] {
  if (lifted.length === 0) return [`${paint('bold', url)}  nothing to lift`];
  const names = lifted.map(({ target, id }) => `${targetText(target)} (${id})`).join(', ');
  return [`${paint('bold', url)}  ${paint('green', 'lifted')} ${names}: the flags hold again`];
}

/** What is killed, and where. */
export function renderKills(outcomes: readonly Outcome[], layout: Layout): string[] {
  const kills = outcomes.flatMap((each) =>
    each.kind === 'done' ? (each.kills ?? []).map((kill) => ({ url: each.url, kill })) : [],
  );
  if (kills.length === 0) {
    return outcomes.some(({ kind }) => kind === 'done') ? ['Nothing is killed.'] : [];
  }
  const rows = kills.map(({ url, kill: { id, target, at, by, reason } }) => [
    { text: targetText(target), style: 'red' as const },
    id,
    url,
    agoText(at, layout.now),
    plainText(by),
    plainText(reason),
  ]);
  const columns = [
    { title: 'KILLED' },
    { title: 'ID', widthMin: 8 },
    { title: 'REPLICA' },
    { title: 'WHEN' },
    { title: 'BY', widthMin: 6 },
    { title: 'REASON', widthMin: 10 },
  ];
  return renderTable(columns, rows, layout);
}
