import { isDatabaseExhausted, isDatabaseUnavailable } from '../../db/database-fault.ts';
import { scrub } from '../../log/safe-error.ts';
import { RpcRefusal } from '../rpc/errors.ts';

/**
 * Why an event was not taken. `poison`: it says nothing that can be understood. `refused`: it will be refused again.
 * `away`: something that is needed is not there, which says nothing of the event. `unexpected`: anything else.
 */
export type FaultKind = 'poison' | 'refused' | 'away' | 'unexpected';

/** Null: never again. */
export type RetryMs = number | null;

const UNEXPECTED_ATTEMPTS_MAX = 8;
const BACKOFF = {
  away: { baseMs: 250, mostMs: 15_000 },
  unexpected: { baseMs: 500, mostMs: 30_000 },
} as const;

/** Of work on an event, for its queue. What it says is kept in Redis, and shown to operators. */
export class EventFault extends Error {
  override readonly name = 'EventFault';
  readonly kind: FaultKind;
  readonly retryMs: RetryMs;

  constructor(kind: FaultKind, said: string, retryMs: RetryMs, cause?: unknown) {
    super(`${kind}: ${scrub(said).replaceAll('\0', '').toWellFormed()}`, { cause });
    this.kind = kind;
    this.retryMs = retryMs;
  }
}

export function faultKindOf(error: unknown): FaultKind {
  // It is being moved, or has been: its owner takes the event.
  if (error instanceof RpcRefusal) return error.reason === 'NOT_THE_OWNER' ? 'away' : 'refused';
  return isDatabaseUnavailable(error) || isDatabaseExhausted(error) ? 'away' : 'unexpected';
}

/**
 * Which attempt at a job that is: those for which something was away count for themselves, and those that ended with
 * their worker are among them.
 */
export function attemptsOf(kind: FaultKind, job: { attemptsMade: number; attemptsStarted: number }): number {
  return kind === 'away' ? Math.max(1, job.attemptsStarted - job.attemptsMade) : job.attemptsMade + 1;
}

/**
 * By how many attempts of its kind there were, this one included. What is away is waited for, however long that is.
 */
export function retryMsOf(kind: FaultKind, attempts: number, random: () => number): RetryMs {
  if (kind === 'poison' || kind === 'refused') return null;
  if (kind === 'unexpected' && attempts >= UNEXPECTED_ATTEMPTS_MAX) return null;
  const { baseMs, mostMs } = BACKOFF[kind];
  const wholeMs = Math.min(baseMs * 2 ** Math.min(attempts - 1, 30), mostMs);
  return Math.round(wholeMs / 2 + (wholeMs / 2) * random());
}
