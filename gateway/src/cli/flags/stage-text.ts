import type { Flag, Route } from '../admin/types.ts';

/** `canary 12.5 %`, `shadow 10 %`, `service`, with `, no fallback` where the flag says so. Null is no flag. */
export function flagText(flag: Flag | null): string {
  if (flag === null) return 'monolith';
  const { stage, weightPercent = 0, samplePercent = 0, fallback } = flag;
  // At the monolith there is nothing to fall back from.
  const without = fallback || stage === 'monolith' || stage === 'shadow' ? '' : ', no fallback';
  return `${sharedText(stage, weightPercent, samplePercent)}${without}`;
}

/** Where an operation's traffic goes now. */
export function stageText({ stage, weightPercent, samplePercent }: Route): string {
  return stage === null ? 'nobody' : sharedText(stage, weightPercent, samplePercent);
}

/** What the flag of a read says; the weight of a canary that is not in force is not known. */
export function wantedText(route: Route): string {
  return route.wantedStage === route.stage ? stageText(route) : (route.wantedStage ?? 'none');
}

function sharedText(stage: string, weightPercent: number, samplePercent: number): string {
  if (stage === 'canary') return `canary ${weightPercent} %`;
  return stage === 'shadow' && samplePercent < 100 ? `shadow ${samplePercent} %` : stage;
}
