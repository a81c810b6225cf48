import type { Owner, ServiceData, Stage } from './stage.ts';

const AT_MONOLITH: readonly Stage[] = ['monolith'];
const AT_SERVICE: readonly Stage[] = ['service'];
const ANY: readonly Stage[] = ['monolith', 'shadow', 'canary', 'service'];
const NONE: readonly Stage[] = [];

/** The stages that a read may have. While nobody owns, its data is being copied, and no side's answer is right. */
export function legalStages(owner: Owner, data: ServiceData): readonly Stage[] {
  switch (owner) {
    case 'monolith':
      return data === 'none' ? AT_MONOLITH : ANY;
    case 'service':
      return AT_SERVICE;
    case 'nobody':
      return NONE;
  }
}

/** The stage that a read has, of the one that its flag wants: the wanted one where it is legal. */
export function effectiveStage(wanted: Stage, owner: Owner, data: ServiceData): Stage | undefined {
  const legal = legalStages(owner, data);
  return legal.includes(wanted) ? wanted : legal[0];
}
