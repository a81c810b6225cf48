import { otherSide, type Side } from '../ownership.ts';
import { type LeftSevered, restoreConstraints } from './constraints.ts';
import { type BothRecords, type Decision, decideMove } from './decide.ts';
import { type Patience, withPatience } from './patience.ts';
import { readRecords, release } from './records.ts';
import type { Session } from './session.ts';

/** How long a foreign key that comes back waits for its tables. */
const CONSTRAINT_LOCK_MS = 2_000;

type Settling = Extract<Decision, { kind: 'finish' | 'put-back' }>;

/** Writes what an interrupted move left unwritten, in either direction. */
export async function settleRecords(
  { clients }: Session,
  aggregate: string,
  decision: Settling,
  records: BothRecords,
  patience: Patience,
): Promise<void> {
  const isMove = decision.kind === 'finish';
  const held = isMove ? [decision.held] : decision.held;
  for (const side of held) {
    const next = {
      owner: isMove ? otherSide(side) : decision.owner,
      epoch: decision.epoch,
      outcome: isMove ? 'moved' : 'put back',
    } as const;
    await withPatience(`${aggregate} in the ${side}'s database`, patience, (ms) =>
      release(clients[side], aggregate, records[side], next, ms),
    );
  }
}

export const restoreKeys = (session: Session): Promise<LeftSevered[]> =>
  restoreConstraints(session.clients.monolith, CONSTRAINT_LOCK_MS);

/**
 * After a failure, on connections of its own: the former owner again, unless the new one was written already; then
 * the rest of that. Gives whether the aggregate has moved.
 */
export async function recover(
  session: Session,
  aggregate: string,
  to: Side,
  patience: Patience,
): Promise<boolean> {
  const records = await readRecords(session.clients, aggregate);
  const decision = decideMove(records, otherSide(to));
  switch (decision.kind) {
    case 'done':
      break;
    case 'start':
      return true;
    case 'finish':
    case 'put-back':
      await settleRecords(session, aggregate, decision, records, patience);
      break;
    case 'resume':
    case 'contradiction':
      throw new Error(`the owner of ${aggregate} is unclear: ${JSON.stringify(decision)}`);
    default:
      return decision satisfies never;
  }
  if (decision.kind === 'finish') return true;
  await restoreKeys(session);
  return false;
}
