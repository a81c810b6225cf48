import type { Step } from '../differential/step.ts';
import { isWrite } from './ask.ts';

/** Enough of a suite to see each operation give each status it can, and all that a later step may build on. */
export function thin(steps: readonly Step[]): readonly Step[] {
  const seen = new Set<string>();
  return steps.filter((each) => {
    const kind = `${each.operation} ${each.method} ${each.status}`;
    const isFirst = !seen.has(kind);
    seen.add(kind);
    return isFirst || each.keep !== undefined || (isWrite(each) && each.status < 400);
  });
}
