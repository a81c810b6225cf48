import { randomUUID } from 'node:crypto';
import type { DataPlan } from '@banyan/gateway/carve-out';
import type { LeftSevered } from './copy/constraints.ts';
import type { CopyContext, CopyProgress, CopyStep, Tally } from './copy/context.ts';
import { decideMove } from './copy/decide.ts';
import { asRefusal } from './copy/failure.ts';
import { holdBoth, moveHeld } from './copy/move.ts';
import { DEFAULT_PATIENCE, type Patience } from './copy/patience.ts';
import { preflight } from './copy/preflight.ts';
import { readRecords, type Term } from './copy/records.ts';
import { openSession, type Session } from './copy/session.ts';
import { recover, restoreKeys, settleRecords } from './copy/settle.ts';
import { reasonOf } from './database.ts';
import { otherSide, type Side } from './ownership.ts';
import { Refusal } from './refusal.ts';

export type { LeftSevered } from './copy/constraints.ts';
export { COPY_STEPS, type CopyProgress, type CopyStep } from './copy/context.ts';
export type { Patience } from './copy/patience.ts';
export { Refusal, type RefusalCode } from './refusal.ts';

export type CopyOptions = {
  readonly plan: DataPlan;
  readonly monolithUrl: string;
  readonly serviceUrl: string;
  readonly to: Side;
  /** Rows of a batch, 5,000 unless told; a batch also ends at 8 MB. */
  readonly batchRows?: number;
  readonly patience?: Patience;
  /** Before each step; the copy waits for what it returns. */
  readonly onStep?: (step: CopyStep) => void | Promise<void>;
  /** After every batch and every comparison; likewise. */
  readonly onProgress?: (progress: CopyProgress) => void | Promise<void>;
  /** Stops the copy and puts the former owner back. Heeded until the new owner is written. */
  readonly signal?: AbortSignal;
  readonly newId?: () => string;
};

export type CopyResult = {
  readonly aggregate: string;
  readonly owner: Side;
  readonly epoch: bigint;
  /** False where the owner was the wanted one already. */
  readonly moved: boolean;
  /** Whether a copy that had died was taken up where it was. */
  readonly resumed: boolean;
  /** Rows compared and found equal. */
  readonly rows: number;
  /** Batches written by this run. */
  readonly batches: number;
  /** Rows of the receiving side that were deleted, for the giving side did not have them. */
  readonly cleared: number;
  /** Foreign keys of the monolith that its rows do not satisfy any more. */
  readonly leftSevered: readonly LeftSevered[];
};

const BATCH_ROWS = 5_000;

/**
 * Makes `to` the owner of the plan's aggregate, at rest: nobody may write it while its rows are copied and compared.
 * The same call again goes on where one was killed. When it cannot finish, it puts the former owner back, and
 * throws a `Refusal` whose message says what to do.
 */
export async function copyAggregate(options: CopyOptions): Promise<CopyResult> {
  const { plan, signal } = options;
  const tally: Tally = {
    moved: false,
    resumed: false,
    rows: 0,
    batches: 0,
    cleared: 0,
    held: false,
    past: false,
  };
  try {
    return await withSession(options, signal, async (session) => {
      // What is under way ends with its connection; a stop does not wait for it.
      const stop = () => void (tally.past || session.close());
      signal?.addEventListener('abort', stop);
      try {
        signal?.throwIfAborted();
        return await bring(options, session, tally);
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
  } catch (error) {
    const failure = asRefusal(error, plan.aggregate, tally.past ? undefined : signal);
    if (tally.held && (await putBack(options, failure))) {
      // The connection was lost on the last steps, and they were done all the same.
      const result = await copyAggregate(options);
      return { ...result, ...tallied(tally), moved: true };
    }
    throw failure;
  }
}

/** Goes from decision to decision until the wanted owner is there. */
async function bring(options: CopyOptions, session: Session, tally: Tally): Promise<CopyResult> {
  const { plan, to, newId = randomUUID } = options;
  const context = contextOf(options, session, tally);
  const mappings = await preflight(session.clients, plan);
  for (;;) {
    const records = await readRecords(session.clients, plan.aggregate);
    const decision = decideMove(records, to);
    switch (decision.kind) {
      case 'contradiction':
        throw new Refusal(
          'CONTRADICTION',
          `It cannot be told who owns ${plan.aggregate}: ${decision.why}. Find out which database has the ` +
            'latest rows, restore the other from its backup or write banyan.own in both by hand, then try again.',
        );
      case 'done': {
        await context.begin('restore-constraints');
        const leftSevered = await restoreKeys(session);
        const { epoch } = decision;
        return { aggregate: plan.aggregate, owner: to, epoch, ...tallied(tally), leftSevered };
      }
      case 'finish':
      case 'put-back':
        tally.past = true;
        await settleRecords(session, plan.aggregate, decision, records, context.patience);
        tally.moved ||= decision.kind === 'finish';
        tally.past = false;
        break;
      case 'start':
      case 'resume': {
        const { source, epoch } = decision;
        const copyId = decision.kind === 'resume' ? decision.copyId : newId();
        const term: Term = { copyId, aggregate: plan.aggregate, source, target: to, epoch };
        if (decision.kind === 'start') await holdBoth(context, term, records);
        else tally.resumed = true;
        await moveHeld(context, term, mappings);
        break;
      }
      default:
        decision satisfies never;
    }
  }
}

/** Gives whether the aggregate has moved after all. What went wrong first is what the operator is told. */
async function putBack(options: CopyOptions, failure: unknown): Promise<boolean> {
  const { plan, to, patience = DEFAULT_PATIENCE } = options;
  try {
    return await withSession(options, undefined, (session) => recover(session, plan.aggregate, to, patience));
  } catch (error) {
    throw new Refusal(
      failure instanceof Refusal ? failure.code : 'UNREACHABLE',
      `${reasonOf(failure)} The former owner could not be put back either (${reasonOf(error)}): until the copy is ` +
        `run again, in this direction or back to the ${otherSide(to)}, nobody may write ${plan.aggregate}.`,
      { cause: failure },
    );
  }
}

function contextOf(options: CopyOptions, session: Session, tally: Tally): CopyContext {
  const { plan, signal, onStep, onProgress } = options;
  return {
    plan,
    session,
    signal,
    tally,
    patience: options.patience ?? DEFAULT_PATIENCE,
    batchRows: options.batchRows ?? BATCH_ROWS,
    async begin(step) {
      if (!tally.past) signal?.throwIfAborted();
      await onStep?.(step);
      if (!tally.past) signal?.throwIfAborted();
    },
    async tell(progress) {
      await onProgress?.(progress);
    },
  };
}

const tallied = ({ moved, resumed, rows, batches, cleared }: Tally) => ({
  moved,
  resumed,
  rows,
  batches,
  cleared,
});

async function withSession<T>(
  { plan, monolithUrl, serviceUrl }: CopyOptions,
  signal: AbortSignal | undefined,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await openSession({ plan, urls: { monolith: monolithUrl, service: serviceUrl }, signal });
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
