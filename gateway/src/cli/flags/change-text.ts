import type { Changed, Flag, Snapshot } from '../admin/types.ts';
import { agoText, manyText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { padText, textWidth } from '../terminal/plain-text.ts';
import { flagText } from './stage-text.ts';

/** What a change did: from and to, what follows, and whether it is in force everywhere. */
export function renderChange(before: Snapshot, changed: Changed, layout: Layout): string[] {
  const { paint } = layout;
  const { snapshot, set, following, killed, forced } = changed;
  const names = [...set, ...following.map(({ operationId }) => operationId)];
  const columns = Math.max(0, ...names.map(textWidth)) + 2;
  const lines = set.map((name) => {
    const [from, to] = [before, snapshot].map(({ flags }) => flagText(flagOf(flags, name)));
    const change =
      from === to ? `${to} ${paint('dim', '(as it was)')}` : `${from} → ${paint('bold', to ?? '')}`;
    return padText(name, columns) + change;
  });
  for (const { operationId, stage } of following) {
    lines.push(
      paint('dim', `${padText(operationId, columns)}follows its owner: ${stage ?? 'nobody answers'}`),
    );
  }
  lines.push(...renderOutcome(changed, layout));
  if (forced)
    lines.push(
      paint('yellow', 'forced: its service does not say that it is serving, or its breaker is not closed'),
    );
  if (killed.length > 0) {
    const have = killed.length === 1 ? 'has' : 'have';
    lines.push(
      paint('red', `killed: ${killed.join(', ')} ${have} no effect of this until \`banyan kill --lift\``),
    );
  }
  return lines;
}

function flagOf(flags: Snapshot['flags'], name: string): Flag | null {
  return (Object.hasOwn(flags, name) ? flags[name] : undefined) ?? null;
}

/** Whether a snapshot is in force in every replica, and which are behind. */
export function renderOutcome(
  { snapshot: { version }, effective, tookMs, replicas }: Changed,
  { paint, now }: Layout,
): string[] {
  const took = `${Math.round(tookMs)} ms`;
  if (effective) {
    const where = `${replicas.length > 1 ? 'all ' : ''}${manyText(replicas.length, 'replica')}`;
    return [paint('green', `version ${version}, in force in ${where} after ${took}`)];
  }
  const behind = replicas.filter((replica) => replica.version < version);
  return [
    paint('yellow', `version ${version} is written, but after ${took} not yet in force everywhere:`),
    ...behind.map(({ replica, version: served, at }) =>
      paint('yellow', `  ${replica} serves version ${served}, heard of ${agoText(at, now)}`),
    ),
    '`banyan replicas` shows when they have followed.',
  ];
}
