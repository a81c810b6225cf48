import type { Author } from '../rollout/flags.ts';
import type { Rollout } from '../rollout/routes.ts';
import { name } from './members.ts';
import { Refusal } from './problem.ts';
import { findReads, type Standing } from './standing.ts';
import { readWrite, type WriteRequest } from './write-request.ts';

export type LawfulKill = {
  /** A read, a carve-out, or `*`. */
  readonly target: string;
  readonly author: Author;
  /** The reads that it names. */
  readonly operationIds: readonly string[];
};

/**
 * Judges a wish for a kill by its name alone: what may not go to the monolith stays where it is, and nobody who is in
 * a hurry is refused for it. Pure; throws the refusal.
 */
export function judgeKill(request: WriteRequest, standing: Standing): LawfulKill {
  const { values, author } = readWrite(request, { target: name }, ['target']);
  const target = values.target as string;
  const reads =
    target === '*'
      ? standing.rollout.routes.filter(({ kind }) => kind === 'read')
      : findReads(target, standing);
  if (reads.length === 0) throw new Refusal('not-carved-out', 'Nothing is carved out here.', { target });
  return { target, author, operationIds: reads.map(({ operationId }) => operationId) };
}

/** What a kill has done, by the rollout after it. */
export function outcomeOfKill(operationIds: readonly string[], rollout: Pick<Rollout, 'routeOf'>) {
  const reads: string[] = [];
  const unmoved = [];
  for (const operationId of operationIds) {
    const stage = rollout.routeOf(operationId)?.stage ?? null;
    if (stage === 'monolith') reads.push(operationId);
    else unmoved.push({ operationId, stage });
  }
  return { reads, unmoved };
}
