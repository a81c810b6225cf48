import type { Operation } from './operation.ts';
import { foldCase, type PathMatching, parseTemplate, type Segment } from './path-template.ts';

/**
 * Names the operation that a request is, from its method and its raw target as received; nothing, where the
 * contract has none or the monolith's router would refuse the path (a parameter that is no valid encoding).
 */
export type MatchOperation = (method: string, target: string) => Operation | undefined;

type Node = {
  readonly literals: Map<string, Node>;
  readonly mixed: { readonly pattern: RegExp; readonly node: Node }[];
  parameter?: Node;
  operation?: Operation;
};

/**
 * Compiles operations without overlaps (`findOverlaps`) into one tree of segments per method. Literal segments
 * are compared raw, as Express compares them: `%62ookings` is not `bookings`. A HEAD that the contract does not
 * describe is its GET.
 */
export function createMatcher(
  operations: readonly Operation[],
  matching: PathMatching = EXPRESS_MATCHING,
): MatchOperation {
  const roots = new Map<string, Node>();
  // HEAD goes last so that its own operations win over the GETs they inherit.
  const ordered = operations.toSorted((a, b) => Number(a.method === 'HEAD') - Number(b.method === 'HEAD'));
  for (const operation of ordered) {
    const segments = parseTemplate(operation.path, matching);
    const methods = operation.method === 'GET' ? ['GET', 'HEAD'] : [operation.method];
    for (const method of methods) {
      const root = roots.get(method) ?? createNode();
      roots.set(method, root);
      insert(root, segments, operation);
    }
  }
  const tolerated = matching.trailingSlash === 'tolerated';
  return (method, target) => {
    const root = roots.get(method);
    if (!root) return undefined;
    const path = pathOf(target);
    if (path.charCodeAt(0) !== SLASH) return undefined;
    const folded = foldCase(path, matching);
    const end = tolerated && path.charCodeAt(path.length - 1) === SLASH ? path.length - 1 : path.length;
    // Express tolerates the slash after a lone slash too.
    if (tolerated && path === '//') return root.operation;
    return find(root, path, folded, 0, end);
  };
}

export const EXPRESS_MATCHING: PathMatching = { caseSensitive: false, trailingSlash: 'tolerated' };

const SLASH = 0x2f;

/** The path that a router sees in a request target. */
export function pathOf(target: string): string {
  if (target.charCodeAt(0) !== SLASH || target.includes('#')) return pathOfOddTarget(target);
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/**
 * Express parses targets in absolute form and those with a fragment, which no proper client sends, as URLs:
 * backslashes count as slashes there, and only there.
 */
function pathOfOddTarget(target: string): string {
  const [before = ''] = target.split(/[?#]/, 1);
  const path = before.replaceAll('\\', '/');
  const authority = path.startsWith('/') ? -1 : path.indexOf('://');
  if (authority === -1) return path;
  const start = path.indexOf('/', authority + 3);
  return start === -1 ? '/' : path.slice(start);
}

function createNode(): Node {
  return { literals: new Map(), mixed: [] };
}

function insert(root: Node, segments: readonly Segment[], operation: Operation): void {
  let node = root;
  for (const segment of segments) node = child(node, segment);
  node.operation = operation;
}

function child(node: Node, segment: Segment): Node {
  switch (segment.kind) {
    case 'literal': {
      const found = node.literals.get(segment.text) ?? createNode();
      node.literals.set(segment.text, found);
      return found;
    }
    case 'mixed': {
      const found = node.mixed.find(({ pattern }) => pattern.source === segment.pattern.source);
      if (found) return found.node;
      const created = createNode();
      node.mixed.push({ pattern: segment.pattern, node: created });
      return created;
    }
    case 'parameter':
      node.parameter ??= createNode();
      return node.parameter;
  }
}

/** `at` is where the next segment's slash stands. The more concrete is tried first, and left if it ends nowhere. */
function find(node: Node, path: string, folded: string, at: number, end: number): Operation | undefined {
  if (at >= end) return node.operation;
  const slash = path.indexOf('/', at + 1);
  const next = slash === -1 || slash > end ? end : slash;
  const literal = node.literals.get(folded.slice(at + 1, next));
  if (literal) {
    const operation = find(literal, path, folded, next, end);
    if (operation) return operation;
  }
  if (next === at + 1 || (node.parameter === undefined && node.mixed.length === 0)) return undefined;
  const segment = path.slice(at + 1, next);
  for (const { pattern, node: inner } of node.mixed) {
    const groups = pattern.exec(segment);
    const operation = groups && find(inner, path, folded, next, end);
    if (operation) return groups.slice(1).every(isDecodable) ? operation : undefined;
  }
  if (!node.parameter) return undefined;
  const operation = find(node.parameter, path, folded, next, end);
  return operation && isDecodable(segment) ? operation : undefined;
}

function isDecodable(parameter: string): boolean {
  if (!parameter.includes('%')) return true;
  try {
    decodeURIComponent(parameter);
    return true;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}
