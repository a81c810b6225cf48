import type { Owner, ServiceData, Stage } from './stage.ts';

const AT_MONOLITH: readonly Stage[] = Object.freeze(['monolith'] as const);
const AT_SERVICE: readonly Stage[] = Object.freeze(['service'] as const);
const ANY: readonly Stage[] = Object.freeze(['monolith', 'shadow', 'canary', 'service'] as const);
const NONE: readonly Stage[] = Object.freeze([]);

/**
 * The stages that a read may have: what flags, overrides, kills and fallback are all judged by. While nobody owns,
 * its data is being copied, and no side's answer is right; `undefined`: nobody has said who owns. A kill leaves the
 * monolith alone, where that is legal.
 */
export function legalStages(
  owner: Owner | undefined,
  data: ServiceData,
  isKilled: boolean = false,
): readonly Stage[] {
  switch (owner) {
    case 'monolith':
      return data === 'none' || isKilled ? AT_MONOLITH : ANY;
    case 'service':
      return AT_SERVICE;
    case 'nobody':
    case undefined:
      return NONE;
  }
}

/** The stage that a read has, of the one that its flag wants: that one where it is legal. Undefined: none is. */
export function effectiveStage(
  wanted: Stage,
  owner: Owner | undefined,
  data: ServiceData,
  isKilled: boolean = false,
): Stage | undefined {
  const legal = legalStages(owner, data, isKilled);
  return legal.includes(wanted) ? wanted : legal[0];
}
