import { pathOf } from './matcher.ts';
import type { Operation } from './operation.ts';
import { type PathMatching, parseTemplate } from './path-template.ts';

/** The parameters of a target that was matched to the operation, percent-decoded. */
export type ReadParameters = (target: string) => Readonly<Record<string, string>>;

const NO_PARAMETERS: Readonly<Record<string, string>> = Object.freeze({});

/** Reads parameters as the monolith's router does. The matcher has seen that all of them can be decoded. */
export function createParameterReader(operation: Operation, matching: PathMatching): ReadParameters {
  const names = Array.from(operation.path.matchAll(/\{([^{}]+)\}/g), ([, name]) => name as string);
  if (names.length === 0) return () => NO_PARAMETERS;
  const segments = parseTemplate(operation.path, matching);
  return (target) => {
    const texts = pathOf(target).split('/');
    const parameters: Record<string, string> = {};
    let next = 0;
    for (const [index, segment] of segments.entries()) {
      const text = texts[index + 1] ?? '';
      if (segment.kind === 'parameter') parameters[names[next++] as string] = decode(text);
      else if (segment.kind === 'mixed') {
        for (const group of segment.pattern.exec(text)?.slice(1) ?? []) {
          parameters[names[next++] as string] = decode(group);
        }
      }
    }
    return parameters;
  };
}

const decode = (text: string): string => (text.includes('%') ? decodeURIComponent(text) : text);

/** What stands behind the path: raw, without its `?` and without a fragment. */
export function queryOf(target: string): string {
  const start = target.indexOf('?');
  if (start === -1) return '';
  const end = target.indexOf('#');
  if (end === -1) return target.slice(start + 1);
  return end < start ? '' : target.slice(start + 1, end);
}
