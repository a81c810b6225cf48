import type { ReadLegality } from '@banyan/openapi/generated/admin';
import { legalStages } from '../rollout/legality.ts';
import type { Route } from '../rollout/routes.ts';
import type { Stage } from '../rollout/stage.ts';
import { ownerOf } from './standing.ts';

/** What a flag of a read may say now; a kill forbids no flag. Empty for a write. */
export function settableStages({
  kind,
  owner,
  data,
}: Pick<Route, 'kind' | 'owner' | 'data'>): readonly Stage[] {
  return kind === 'read' ? legalStages(owner, data) : [];
}

/** What a script has to know of a read that may not be where it is wanted. */
export function legalityOf(route: Route, wanted: Stage, legal: readonly Stage[]): ReadLegality {
  const { operationId, data, isKilled } = route;
  return {
    operationId,
    wanted,
    owner: ownerOf(route),
    data,
    legalStages: [...legal],
    ...(isKilled ? { killed: true } : {}),
  };
}

/** Why, and what would be legal, as the end of a sentence. */
export function whyUnlawful({ owner, data, legalStages: legal, killed }: ReadLegality): string {
  const only = legal.length === 0 ? 'no stage is legal' : `it can only be at ${legal.join(', ')}`;
  switch (owner) {
    case 'unknown':
      return `nobody has said yet who owns its data, so ${only}`;
    case 'nobody':
      return `its data is being copied and nobody owns it, so ${only}`;
    case 'service':
      return `its service owns the data, so ${only}`;
    case 'monolith':
      if (killed) return `a kill keeps it at the monolith`;
      return `the monolith owns the data and the service has none of it (data: ${data}), so ${only}`;
  }
}
