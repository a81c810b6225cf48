/** How the monolith's own router reads paths. */
export type PathMatching = {
  readonly caseSensitive: boolean;
  readonly trailingSlash: 'tolerated' | 'strict';
};

/** What one segment of a template takes. A parameter takes one segment, never an empty one, never a slash. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | {
      /** Parameters with text around or between them, such as `{id}.pdf`. */
      readonly kind: 'mixed';
      readonly prefix: string;
      readonly suffix: string;
      /** Takes the whole segment; its groups are the parameters. */
      readonly pattern: RegExp;
    }
  | { readonly kind: 'parameter' };

const PARAMETER = /\{([^{}]*)\}/g;

/** What makes a path no template; nothing, if it is one. */
export function templateFault(path: string): string | undefined {
  if (!path.startsWith('/')) return 'a path must begin with a slash';
  if (/[?#]/.test(path)) return 'a path must hold no query and no fragment';
  if (path.includes('//')) return 'a path must hold no empty segment';
  const text = path.replace(PARAMETER, '\0');
  if (/[{}]/.test(text)) return 'a brace without its partner';
  if (text.includes('\0\0')) return 'two parameters need text between them';
  const names = Array.from(path.matchAll(PARAMETER), ([, name]) => name);
  if (names.includes('')) return 'a parameter needs a name';
  if (new Set(names).size < names.length) return 'a parameter is named twice';
  return undefined;
}

/** Splits a template that has no fault. Literal text is folded as the matching says. */
export function parseTemplate(path: string, matching: PathMatching): readonly Segment[] {
  const loosened = matching.trailingSlash === 'tolerated' ? path.replace(/\/+$/, '') : path;
  if (loosened === '') return [];
  return loosened
    .slice(1)
    .split('/')
    .map((segment) => parseSegment(segment, matching));
}

export function foldCase(text: string, matching: PathMatching): string {
  return matching.caseSensitive ? text : text.toLowerCase();
}

function parseSegment(segment: string, matching: PathMatching): Segment {
  const literals = segment.split(PARAMETER).filter((_, index) => index % 2 === 0);
  const [prefix = '', ...rest] = literals.map((literal) => foldCase(literal, matching));
  const suffix = rest.at(-1);
  if (suffix === undefined) return { kind: 'literal', text: prefix };
  if (rest.length === 1 && prefix === '' && suffix === '') return { kind: 'parameter' };
  return {
    kind: 'mixed',
    prefix,
    suffix,
    pattern: new RegExp(`^${mixedPattern(prefix, rest)}$`, matching.caseSensitive ? '' : 'i'),
  };
}

/**
 * The pattern that path-to-regexp 8 gives a segment of several parameters: the first takes as much as it can,
 * a later one does not run over the text before it.
 */
function mixedPattern(prefix: string, literalsAfter: readonly string[]): string {
  let pattern = escapePattern(prefix);
  let before = '';
  for (const [index, after] of literalsAfter.entries()) {
    const barrier = escapePattern(before);
    pattern += index === 0 ? '([^/]+)' : `((?:(?!${barrier})[^/])+|${barrier})`;
    pattern += escapePattern(after);
    before = after;
  }
  return pattern;
}

function escapePattern(text: string): string {
  return text.replace(/[.+*?^${}()[\]|/\\]/g, '\\$&');
}
