import type { Replica, Replicas } from '../admin/types.ts';
import { agoText, manyText, spanText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Cell, renderTable } from '../terminal/table.ts';

/** A version that was confirmed longer ago than so much is stale: the store is asked every second. */
const STALE_MS = 3_000;

/** What one admin port answered. */
export type ReplicasAnswer = { readonly url: string; readonly answer: Replicas };

export function renderReplicas(answer: Replicas, layout: Layout): string[] {
  return [...replicaLines(answer, layout), '', ...storeLines(answer.asked, layout)];
}

/** What several said, of which none knows of the others. */
export function renderEach(answers: readonly ReplicasAnswer[], layout: Layout): string[] {
  const lines = answers.flatMap(({ url, answer }) => [
    '',
    layout.paint('bold', url),
    ...storeLines(answer.asked, layout),
  ]);
  const asked = answers[0]?.answer.asked ?? null;
  return [...replicaLines({ asked, replicas: joinReplicas(answers) }, layout), ...lines];
}

/** By name; of one that several know of, what was heard last. */
export function joinReplicas(answers: readonly ReplicasAnswer[]): Replicas['replicas'] {
  const known = new Map<string, Replica>();
  for (const replica of answers.flatMap(({ answer }) => answer.replicas)) {
    const before = known.get(replica.replica);
    if (before === undefined || before.at < replica.at) known.set(replica.replica, replica);
  }
  return [...known.values()];
}

function replicaLines({ asked, replicas }: Replicas, layout: Layout): string[] {
  const { paint, now } = layout;
  const newest = Math.max(asked?.version ?? 0, ...replicas.map(({ version }) => version));
  const rows = replicas.map(({ replica, version, recordedVersion, kills, at }): Cell[] => [
    plainText(replica),
    {
      text: version < newest ? `${version} (behind)` : String(version),
      style: version < newest ? 'red' : 'green',
    },
    String(recordedVersion),
    { text: String(kills), style: kills > 0 ? 'red' : undefined },
    agoText(at, now),
  ]);
  const columns = [
    { title: 'REPLICA', widthMin: 12 },
    { title: 'SERVES', align: 'right' },
    { title: 'RECORDED', align: 'right' },
    { title: 'KILLS', align: 'right' },
    { title: 'HEARD OF' },
  ] as const;
  return replicas.length === 0
    ? [paint('dim', 'No replica is heard of.')]
    : renderTable(columns, rows, layout);
}

const STATES = {
  starting: ['not reached yet', 'flips are refused'],
  reachable: ['reachable', ''],
  away: ['away', 'traffic goes on, flips are refused'],
  behind: ['holding less than this replica has served', '`banyan flag restore` mends it'],
  corrupt: ['holding what is no snapshot', 'flips are refused until it is mended or taken away'],
} as const;

function storeLines(asked: Replicas['asked'], { paint, now }: Layout): string[] {
  if (asked === null) return [paint('dim', 'Nothing is carved out, so there are no flags.')];
  const { store, state, since, reason, version, stalenessMs, pendingAudit } = asked;
  const [is, effect] = STATES[state];
  const forSeconds = Math.max(0, (now.getTime() - Date.parse(since)) / 1_000);
  const why = reason === undefined ? '' : ` (${plainText(reason)})`;
  const told = `the store (${store}) has been ${is} for ${spanText(forSeconds)}${why}`;
  const isStale = stalenessMs === null || stalenessMs > STALE_MS;
  const age =
    stalenessMs === null ? 'never' : stalenessMs < 1_000 ? 'now' : `${spanText(stalenessMs / 1_000)} ago`;
  const lines = [
    paint(state === 'reachable' ? undefined : 'red', effect === '' ? told : `${told}: ${effect}`),
    paint(isStale ? 'yellow' : undefined, `version ${version}, last confirmed ${age}`),
  ];
  if (pendingAudit > 0) {
    lines.push(
      paint('yellow', `${manyText(pendingAudit, 'audit entry', 'audit entries')} waiting for the store`),
    );
  }
  return lines;
}
