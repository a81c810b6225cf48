import { otherSide, type Side } from '../ownership.ts';
import { errorCode } from '../refusal.ts';
import { clearAtOdds, clearGone } from './clear.ts';
import { severConstraints } from './constraints.ts';
import type { CopyContext } from './context.ts';
import type { BothRecords, OwnRecord } from './decide.ts';
import type { Mapping } from './mapping.ts';
import { withPatience } from './patience.ts';
import type { Mappings } from './preflight.ts';
import { hold, release, type Term } from './records.ts';
import { liftSequences } from './sequences.ts';
import { partOf, transferRows } from './transfer.ts';
import { verifyTable } from './verify.ts';

const UNIQUE_VIOLATION = '23505';
const EXCLUSION_VIOLATION = '23P01';

/**
 * Foreign keys first, since their tables must be free of readers for a moment, and nobody is held yet. Then the
 * target: as long as the source is not held, its writers do not notice.
 */
export async function holdBoth(context: CopyContext, term: Term, records: BothRecords): Promise<void> {
  const { session, patience, signal, tally } = context;
  tally.held = true;
  await context.begin('sever-constraints');
  const sever = (ms: number) => severConstraints(session.clients.monolith, term.aggregate, ms);
  await withPatience(
    `${term.aggregate} with its foreign keys in the monolith's database`,
    patience,
    sever,
    signal,
  );
  const holdOne = async (side: Side) => {
    const what = `${term.aggregate} in the ${side}'s database`;
    await withPatience(what, patience, (ms) => hold(session.clients[side], term, records[side], ms), signal);
  };
  await context.begin('hold-target');
  await holdOne(term.target);
  await context.begin('hold-source');
  await holdOne(term.source);
}

/** Everything between two holds and the new owner. Each step may be done again when it was done before. */
export async function moveHeld(context: CopyContext, term: Term, mappings: Mappings): Promise<void> {
  const { plan, session, tally } = context;
  const { clients } = session;
  tally.held = true;
  // Beside the writers of nobody else: what the fence asks for.
  await clients[term.target].query("SELECT set_config('banyan.copy', $1, false)", [term.copyId]);

  await context.begin('clear');
  await session.withReader(term.source, async (source) => {
    tally.cleared += await clearGone({ ...clearing(context, term, mappings), source });
  });

  await context.begin('copy');
  await copyTables(context, term, mappings);

  await context.begin('verify');
  await verifyTables(context, term, mappings);

  await context.begin('lift-sequences');
  await liftSequences(clients, plan, term.target);

  await context.begin('flip-target');
  tally.past = true;
  await flip(context, term, term.target);
  tally.moved = true;
  await context.begin('flip-source');
  await flip(context, term, term.source);
}

function flip({ session, patience }: CopyContext, term: Term, side: Side): Promise<void> {
  const held: OwnRecord = {
    owner: 'nobody',
    epoch: term.epoch,
    copy: { id: term.copyId, source: term.source },
  };
  const next = { owner: term.target, epoch: term.epoch + 1n, outcome: 'moved' } as const;
  return withPatience(`${term.aggregate} in the ${side}'s database`, patience, (ms) =>
    release(session.clients[side], term.aggregate, held, next, ms),
  );
}

const clearing = ({ plan, session }: CopyContext, term: Term, mappings: Mappings) => ({
  mappings: mappings[term.target],
  target: session.clients[term.target],
  copyId: term.copyId,
  settings: settingsFor(plan.monolithSettings, term.target),
});

const settingsFor = (settings: Readonly<Record<string, string>> = {}, side: Side) =>
  side === 'monolith' ? settings : {};

async function copyTables(context: CopyContext, term: Term, mappings: Mappings): Promise<void> {
  const counts = await countRows(context, term, mappings);
  const rowsTotal = counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  for (const [index, mapping] of mappings[term.target].entries()) {
    const copied = await copyTable(context, term, mappings, mapping, (rows) =>
      context.tell({ step: 'copy', table: mapping.name, rows: before + rows, rowsTotal }),
    );
    before += Math.max(copied, counts[index] ?? 0);
  }
}

async function copyTable(
  context: CopyContext,
  term: Term,
  mappings: Mappings,
  mapping: Mapping,
  tell: (rows: number) => Promise<void>,
): Promise<number> {
  const { session, batchRows, signal, tally } = context;
  const { target, copyId, settings } = clearing(context, term, mappings);
  const transfer = () =>
    session.withReader(term.source, (source) =>
      transferRows({
        mapping,
        source,
        target,
        copyId,
        batchRows,
        settings,
        signal,
        onBatch: async ({ rows }) => {
          tally.batches++;
          await tell(rows);
        },
      }),
    );
  try {
    return (await transfer()).rows;
  } catch (error) {
    if (![UNIQUE_VIOLATION, EXCLUSION_VIOLATION].includes(errorCode(error) ?? '')) throw error;
    await session.withReader(term.source, async (source) => {
      const odd = { ...clearing(context, term, mappings), source };
      tally.cleared += await clearAtOdds(odd, mapping, partOf(mapping));
    });
    return (await transfer()).rows;
  }
}

async function countRows({ session }: CopyContext, term: Term, mappings: Mappings): Promise<number[]> {
  const counts: number[] = [];
  for (const { planned } of mappings[term.target]) {
    const { rows } = await session.clients[term.source].query<{ count: string }>(
      `SELECT count(*) AS count FROM (${planned}) AS m`,
    );
    counts.push(Number(rows[0]?.count ?? 0));
  }
  return counts;
}

/** Both directions of every table: what one loses, the other shows. */
async function verifyTables(context: CopyContext, term: Term, mappings: Mappings): Promise<void> {
  const { session, tally } = context;
  const pairs = [...mappings[term.target], ...mappings[otherSide(term.target)]];
  const counts = await countRows(context, term, mappings);
  const rowsTotal = 2 * counts.reduce((sum, count) => sum + count, 0);
  let before = 0;
  for (const mapping of pairs) {
    before += await verifyTable(
      session.clients,
      mapping,
      (rows) => context.tell({ step: 'verify', table: mapping.name, rows: before + rows, rowsTotal }),
      context.signal,
    );
    if (mapping.side === term.target) tally.rows = before;
  }
}
