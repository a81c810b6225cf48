import type { Operation } from './operation.ts';
import { type PathMatching, parseTemplate, type Segment } from './path-template.ts';

/** Two operations that some request belongs to alike. */
export type Overlap = {
  readonly first: Operation;
  readonly second: Operation;
  readonly why: 'the same path' | 'neither is more concrete than the other';
};

type Relation = 'disjoint' | 'equal' | 'narrower' | 'wider' | 'unordered';

/**
 * Finds what would make a match depend on the order of the contract. A concrete segment beats a parameter, so
 * `/bookings/export.csv` beside `/bookings/{id}` is no overlap, but `/a/{x}/c` beside `/a/b/{y}` is.
 */
export function findOverlaps(operations: readonly Operation[], matching: PathMatching): Overlap[] {
  const parsed = operations.map((operation) => ({
    operation,
    segments: parseTemplate(operation.path, matching),
  }));
  return parsed.flatMap(({ operation: first, segments }, index) =>
    parsed.slice(index + 1).flatMap(({ operation: second, segments: otherSegments }): Overlap[] => {
      const sameMethod = first.method === second.method;
      if (!sameMethod && !areGetAndHead(first, second)) return [];
      const relation = relatePaths(segments, otherSegments);
      if (relation === 'equal' && sameMethod) return [{ first, second, why: 'the same path' }];
      if (relation === 'unordered')
        return [{ first, second, why: 'neither is more concrete than the other' }];
      return [];
    }),
  );
}

/** A HEAD request may belong to either; of one path, the operation of its own wins. */
function areGetAndHead(first: Operation, second: Operation): boolean {
  return (
    (first.method === 'GET' && second.method === 'HEAD') ||
    (first.method === 'HEAD' && second.method === 'GET')
  );
}

function relatePaths(first: readonly Segment[], second: readonly Segment[]): Relation {
  if (first.length !== second.length) return 'disjoint';
  const relations = new Set(first.map((segment, index) => relateSegments(segment, second[index] as Segment)));
  if (relations.has('disjoint')) return 'disjoint';
  if (relations.has('unordered')) return 'unordered';
  if (relations.has('narrower')) return relations.has('wider') ? 'unordered' : 'narrower';
  return relations.has('wider') ? 'wider' : 'equal';
}

function relateSegments(first: Segment, second: Segment): Relation {
  if (first.kind === 'parameter')
    return second.kind === 'parameter' ? 'equal' : reverse(relateSegments(second, first));
  if (first.kind === 'mixed' && second.kind === 'literal') return reverse(relateSegments(second, first));
  if (first.kind === 'literal') {
    if (second.kind === 'literal') return first.text === second.text ? 'equal' : 'disjoint';
    if (second.kind === 'mixed') return second.pattern.test(first.text) ? 'narrower' : 'disjoint';
    return first.text === '' ? 'disjoint' : 'narrower';
  }
  if (second.kind !== 'mixed') return 'narrower';
  if (first.pattern.source === second.pattern.source) return 'equal';
  const prefixesMeet = first.prefix.startsWith(second.prefix) || second.prefix.startsWith(first.prefix);
  const suffixesMeet = first.suffix.endsWith(second.suffix) || second.suffix.endsWith(first.suffix);
  return prefixesMeet && suffixesMeet ? 'unordered' : 'disjoint';
}

function reverse(relation: Relation): Relation {
  if (relation === 'narrower') return 'wider';
  return relation === 'wider' ? 'narrower' : relation;
}
