import type { Response } from 'express';
import { QueuesAway } from '../queues/queues.ts';
import { FLAG_REFUSALS, FlagRefusal, type FlagRefusalKind } from '../rollout/flag-refusal.ts';
import { PROBLEM_TYPES, type ProblemKind } from './problem-types.ts';

/** A request that is refused: by kind, with a sentence for a person, and what a script needs of it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: ProblemKind;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    kind: ProblemKind,
    detail: string,
    facts: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.kind = kind;
    this.facts = facts;
    this.headers = headers;
  }
}

const RETRY_STORE_SECONDS = 2;

export function isFlagRefusal(kind: ProblemKind): kind is FlagRefusalKind {
  return kind in FLAG_REFUSALS;
}

/** The refusal that an error stands for; undefined where it is a fault of ours. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof FlagRefusal) {
    const headers: Record<string, string> =
      error.status === 503 ? { 'Retry-After': String(RETRY_STORE_SECONDS) } : {};
    return new Refusal(error.kind, error.message, factsOf(error), headers);
  }
  if (error instanceof QueuesAway) return queuesUnavailable(error);
  // Express could not decode the path.
  if (error instanceof URIError) return new Refusal('not-found', 'The path is not percent-encoded UTF-8.');
  return undefined;
}

const RETRY_QUEUES_SECONDS = 2;

/** `done`: of several that were to be settled, those that were. */
export function queuesUnavailable({ message: reason, isUnknown }: QueuesAway, done?: number): Refusal {
  const became = isUnknown ? 'What became of this is not known' : 'Nothing was changed';
  const says = done ? `${done} were settled before` : became;
  return new Refusal(
    'queues-unavailable',
    `The Redis of the queues cannot be asked (${reason}). ${says}.`,
    { reason, outcome: isUnknown || done ? 'unknown' : 'unchanged', ...(done === undefined ? {} : { done }) },
    { 'Retry-After': String(RETRY_QUEUES_SECONDS) },
  );
}

function factsOf({ kind, message, facts }: FlagRefusal): Readonly<Record<string, unknown>> {
  if (kind !== 'invalid-value' || 'faults' in facts) return facts;
  return { faults: [{ field: 'body', rule: message }] };
}

/** RFC 9457. */
export function sendProblem(response: Response, { kind, message, facts, headers }: Refusal): void {
  const { status, title } = PROBLEM_TYPES[kind];
  response.status(status).set(headers).type('application/problem+json');
  response.end(JSON.stringify({ type: `/problems/${kind}`, title, status, detail: message, ...facts }));
}
