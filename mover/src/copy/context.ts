import type { DataPlan } from '@banyan/gateway/carve-out';
import type { Patience } from './patience.ts';
import type { Session } from './session.ts';

/** The steps of a move, in order. `decide.ts` says what each leaves behind when the copy dies after it. */
export const COPY_STEPS = [
  'sever-constraints',
  'hold-target',
  'hold-source',
  'clear',
  'copy',
  'verify',
  'lift-sequences',
  'flip-target',
  'flip-source',
  'restore-constraints',
] as const;
export type CopyStep = (typeof COPY_STEPS)[number];

export type CopyProgress = {
  readonly step: 'copy' | 'verify';
  /** As the plan calls it. */
  readonly table: string;
  /** Of all tables, those of an earlier run that this one goes on from included. */
  readonly rows: number;
  readonly rowsTotal: number;
};

/** What a run has done so far; a step adds to it. */
export type Tally = {
  moved: boolean;
  resumed: boolean;
  rows: number;
  batches: number;
  cleared: number;
  /** A hold may have been written: there may be something to put back. */
  held: boolean;
  /** The new owner may have been written: from here it goes forward only. */
  past: boolean;
};

export type CopyContext = {
  readonly plan: DataPlan;
  readonly session: Session;
  readonly patience: Patience;
  readonly batchRows: number;
  readonly signal: AbortSignal | undefined;
  readonly tally: Tally;
  /** Announces a step; it does not begin when the copy is to stop. */
  begin(step: CopyStep): Promise<void>;
  tell(progress: CopyProgress): Promise<void>;
};
