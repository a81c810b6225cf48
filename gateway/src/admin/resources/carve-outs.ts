import { judgeCarveOut } from '../flag-desk.ts';
import type { Resource } from '../resource.ts';
import type { ChangeFlags } from './change-flags.ts';

/** `/carve-outs/{name}`. */
export function createCarveOutRoutes(changeFlags: ChangeFlags): readonly Resource[] {
  return [{ path: '/carve-outs/:name', put: (request) => changeFlags(judgeCarveOut, request) }];
}
