import type { Job } from 'bullmq';
import { jitteredBackoffMs } from '../backoff.ts';
import { isDatabaseExhausted, isDatabaseUnavailable, isNotTheOwner } from '../database-fault.ts';
import { RemoteError, RpcError } from '../errors.ts';
import { scrub } from '../safe-error.ts';

/**
 * Why an event could not be taken. `poison`: it says nothing that can be understood. `refused`: whoever takes it says
 * no, and will say so again. `away`: something that is needed is not there, which says nothing of the event.
 * `unexpected`: anything else; it may be a mistake of ours, or pass.
 */
export type FaultKind = 'poison' | 'refused' | 'away' | 'unexpected';

/** Thrown by a job's work, for the queue. Its message is shown to operators and kept in Redis. */
export class EventFault extends Error {
  override readonly name = 'EventFault';
  readonly kind: FaultKind;
  readonly next: FaultNext;

  constructor(kind: FaultKind, next: FaultNext, said: string, cause?: unknown) {
    super(`${kind}: ${scrub(said).replaceAll('\0', '').toWellFormed()}`, { cause });
    this.kind = kind;
    this.next = next;
  }
}

export type FaultNext = { readonly kind: 'retry'; readonly inMs: number } | { readonly kind: 'dead' };

const UNEXPECTED_ATTEMPTS_MAX = 8;
const BACKOFF = {
  away: { baseMs: 250, mostMs: 15_000 },
  unexpected: { baseMs: 500, mostMs: 30_000 },
} as const;

/**
 * Which attempt at a job that is: those for which something was away count for themselves, and those that ended with
 * their worker are among them.
 */
export function attemptsOf(kind: FaultKind, job: Pick<Job, 'attemptsMade' | 'attemptsStarted'>): number {
  return kind === 'away' ? Math.max(1, job.attemptsStarted - job.attemptsMade) : job.attemptsMade + 1;
}

/**
 * By how many attempts of its kind there were, this one included. An event whose receiver is away is tried for as long
 * as it is away: nothing is wrong with the event.
 */
export function decideNext(kind: FaultKind, attempts: number, random: () => number): FaultNext {
  if (kind === 'poison' || kind === 'refused') return { kind: 'dead' };
  if (kind === 'unexpected' && attempts >= UNEXPECTED_ATTEMPTS_MAX) return { kind: 'dead' };
  return { kind: 'retry', inMs: Math.max(1, jitteredBackoffMs(attempts, { ...BACKOFF[kind], random })) };
}

const REFUSALS: readonly string[] = [
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
  'FAILED_PRECONDITION',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
];
const AWAY: readonly string[] = [
  'UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RESOURCE_EXHAUSTED',
  'CANCELLED',
  'ABORTED',
];

/** What the kit's own errors mean. A service that has refusals of its own names them before it asks here. */
export function faultKindOf(error: unknown): FaultKind {
  if (isDatabaseUnavailable(error) || isDatabaseExhausted(error) || isNotTheOwner(error)) return 'away';
  if (error instanceof RpcError || error instanceof RemoteError) {
    // It is being moved: its new owner takes the event.
    if (error.reason === 'NOT_THE_OWNER' || AWAY.includes(error.code)) return 'away';
    if (error instanceof RpcError && REFUSALS.includes(error.code)) return 'refused';
  }
  return 'unexpected';
}
