import type { AuditEntry, AuditPage, Flag } from '../admin/types.ts';
import { flagText } from '../flags/stage-text.ts';
import { manyText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Cell, renderTable } from '../terminal/table.ts';

const COLUMNS = [
  { title: 'WHEN (UTC)' },
  { title: 'VERSION', align: 'right' },
  { title: 'BY', widthMin: 8 },
  { title: 'WHAT', widthMin: 20 },
] as const;

/** Two lines an entry: what was done, and why. */
export function renderAudit({ entries, isLocal, next }: AuditPage, layout: Layout): string[] {
  const { paint } = layout;
  const lines = entries.length === 0 ? ['Nothing was ever changed.'] : [];
  if (entries.length > 0) lines.push(...renderTable(COLUMNS, entries.flatMap(rowsOf), layout));
  if (isLocal) {
    lines.push('', paint('yellow', 'The store is away: this is what the replica itself has recorded.'));
  }
  if (next !== null) lines.push('', paint('dim', `older ones: banyan audit --before ${next}`));
  return lines;
}

function rowsOf(entry: AuditEntry): Cell[][] {
  const { at, version, by, onBehalfOf, reason, forced } = entry;
  const [what, ...more] = whatTexts(entry);
  const notes = [...(forced ? ['forced'] : []), ...(onBehalfOf === undefined ? [] : [`for ${onBehalfOf}`])];
  const why = `${reason}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
  return [
    [
      at.slice(0, 19).replace('T', ' '),
      version === null ? { text: '–', style: 'dim' } : String(version),
      plainText(by),
      { text: plainText(what ?? ''), style: 'bold' },
    ],
    ...more.map((text): Cell[] => ['', '', '', plainText(text)]),
    [
      { text: '', span: 2 },
      { text: plainText(why), style: 'dim', span: 2 },
    ],
  ];
}

/** What was done; for several flags that did not change alike, or several sides, a text for each. */
function whatTexts(entry: AuditEntry): string[] {
  const { action, target, replica } = entry;
  const everything = target === '*' ? 'every read' : target;
  switch (action) {
    case 'set-route':
    case 'set-carve-out':
      return changeTexts(entry);
    case 'restore':
      return ['restored the flags to the store'];
    case 'kill':
      return [`killed ${everything}`, `  at ${replica}`];
    case 'lift-kill':
      return [`lifted the kill of ${everything}`, `  at ${replica}`];
    case 'mint-override':
      return overrideTexts(target);
    case 'retry-dead-letters':
      return letterTexts('retried', target);
    case 'discard-dead-letters':
      return letterTexts('discarded', target);
  }
}

/** Of `<queue>/<id>`, `<queue>: <count>` or `<queue>: <count> of <type>`. */
function letterTexts(done: string, target: string): string[] {
  const [, queue, count, type] = /^(\S+): (\d+)(?: of (.+))?$/.exec(target) ?? [];
  if (count !== undefined) {
    const what = `${done} ${manyText(Number(count), 'letter')} of ${queue}`;
    return [what, ...(type === undefined ? [] : [`  ${type}`])];
  }
  const slash = target.indexOf('/');
  return [`${done} a letter of ${target.slice(0, slash)}`, `  ${target.slice(slash + 1)}`];
}

/** Of `<id>: <side>,<side> for account <account>`: the sides come first, for the id is long. */
function overrideTexts(target: string): string[] {
  const [, id, list = '', account] = /^(\S+): (.*?)( for account .*)?$/.exec(target) ?? [];
  if (id === undefined) return [`override ${target}`];
  const sides = list.split(',');
  const whose = account === undefined ? [] : [` ${account}`];
  const [side] = sides;
  const what = sides.length === 1 ? [`override ${side}`] : ['override', ...sides.map((each) => `  ${each}`)];
  return [...what, ...whose, `  ${id}`];
}

function changeTexts({ target, from, to }: AuditEntry): string[] {
  const changes = Object.keys(to).map((name) => {
    const [before, after] = [flagIn(from, name), flagIn(to, name)].map(flagText);
    return { name, text: before === after ? `${after} (as it was)` : `${before} → ${after}` };
  });
  if (changes.length === 0) return [`${target}: no change`];
  const texts = new Set(changes.map(({ text }) => text));
  const [only] = texts;
  if (changes.length === 1) return [`${changes[0]?.name}: ${only}`];
  if (texts.size === 1) return [`${target}, ${manyText(changes.length, 'read')}: ${only}`];
  return [
    `${target}, ${manyText(changes.length, 'read')}:`,
    ...changes.map(({ name, text }) => `  ${name}: ${text}`),
  ];
}

const flagIn = (flags: Readonly<Record<string, Flag | null>>, name: string): Flag | null =>
  (Object.hasOwn(flags, name) ? flags[name] : null) ?? null;
