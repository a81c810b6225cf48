import type { Route } from '../admin/types.ts';
import { quoted } from '../command-line.ts';

type Named = Pick<Route, 'operationId' | 'carveOut'>;

/** What a name stands for: one operation, or all of a carve-out. */
export type Found<R extends Named = Route> =
  | { readonly kind: 'operation'; readonly name: string; readonly routes: readonly [R] }
  | { readonly kind: 'carve-out'; readonly name: string; readonly routes: readonly R[] };

const SUGGESTED_MAX = 3;

/** The operation of that name, else the carve-out. Throws, with what may have been meant, where there is neither. */
export function findRoutes<R extends Named>(routes: readonly R[], name: string): Found<R> {
  const operation = routes.find(({ operationId }) => operationId === name);
  if (operation !== undefined) return { kind: 'operation', name, routes: [operation] };
  const carved = routes.filter(({ carveOut }) => carveOut === name);
  if (carved.length > 0) return { kind: 'carve-out', name, routes: carved };
  throw new Error(
    `there is no operation and no active carve-out ${quoted(name)}${suggestion(routes, name)}; ` +
      '`banyan routes` lists them',
  );
}

function suggestion(routes: readonly Named[], name: string): string {
  const names = new Set(
    routes.flatMap(({ operationId, carveOut }) => [carveOut ?? operationId, operationId]),
  );
  const near = [...names]
    .map((each) => ({ each, distance: distanceOf(each.toLowerCase(), name.toLowerCase()) }))
    .filter(({ each, distance }) => distance <= Math.max(2, each.length / 4))
    .toSorted((one, other) => one.distance - other.distance)
    .slice(0, SUGGESTED_MAX)
    .map(({ each }) => each);
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
}

/** Levenshtein's: how many letters have to be changed, put in or taken out. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [at, otherLetter] of [...other].entries()) {
      const changed = (row[at] ?? 0) + (letter === otherLetter ? 0 : 1);
      next.push(Math.min(changed, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
