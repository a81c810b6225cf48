import type { Changed as ShownChange } from '@banyan/openapi/generated/admin';
import { FlagRefusal } from '../../rollout/flag-refusal.ts';
import type { Changed } from '../../rollout/flags.ts';
import type { Rollout } from '../../rollout/routes.ts';
import type { ApiParts } from '../admin-parts.ts';
import type { LawfulChange } from '../flag-desk.ts';
import { Refusal } from '../problem.ts';
import type { Answer } from '../resource.ts';
import type { Standing } from '../standing.ts';
import type { WriteRequest } from '../write-request.ts';

export type Judge = (request: WriteRequest, standing: Standing, current: number) => LawfulChange;
/** Judges a wish by how things stand now, and makes the change. */
export type ChangeFlags = (judge: Judge, request: WriteRequest) => Promise<Answer<ShownChange>>;

export function createChangeFlags(parts: ApiParts, standing: () => Standing): ChangeFlags {
  const { flags, rollout } = parts;
  return async (judge, request) => {
    const { change, reads, writes } = judge(request, standing(), flags.snapshot().version);
    const { action, target, expectedVersion, forced } = change;
    const changed = await orStale(expectedVersion, () => flags.change(change));
    const { version } = changed.snapshot;
    const now = rollout();
    const body = describeChange(changed, {
      set: reads.map(({ operationId }) => operationId),
      following: writes.map(({ operationId }) => stageOf(operationId, now)),
      killed: reads.flatMap(({ operationId }) => (now.routeOf(operationId)?.isKilled ? operationId : [])),
      forced,
    });
    const { effective, tookMs } = body;
    return { body, version, noted: { action, target, version, forced, effective, tookMs } };
  };
}

/** What became of a change, as the API shows it. */
export function describeChange(
  { snapshot, effective, tookMs, replicas }: Changed,
  rest: Pick<ShownChange, 'set' | 'following' | 'killed' | 'forced'>,
): ShownChange {
  return {
    snapshot,
    effective,
    tookMs: Math.round(tookMs * 10) / 10,
    replicas: replicas.map((each) => ({ ...each })),
    ...rest,
  };
}

/** The store's word that somebody was quicker says both versions, as this replica's own word does. */
export async function orStale<T>(expected: number, change: () => Promise<T>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof FlagRefusal) || error.kind !== 'stale-version') throw error;
    const { current } = error.facts;
    const facts = { expected, current: typeof current === 'number' ? current : 0 };
    throw new Refusal('stale-version', error.message, facts);
  }
}

function stageOf(operationId: string, rollout: Pick<Rollout, 'routeOf'>) {
  return { operationId, stage: rollout.routeOf(operationId)?.stage ?? null };
}
