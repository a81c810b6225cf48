import type { HeaderLine } from '../carve-out/answer.ts';
import type { CompareRules } from './compare-rules.ts';
import type { Side } from './difference.ts';
import { ABSENT, type Findings, firstDifference, shownPart } from './findings.ts';

/**
 * What is compared of a head beside its status: everything that the contract of an answer may rest on. Not Date, what
 * belongs to one connection (RFC 9110 §7.6.1), what proxies write (Via, Age, Server), and what is different for each
 * answer by its nature (request ids, traces, timings).
 */
export const COMPARED_HEADERS = [
  'accept-ranges',
  'access-control-allow-credentials',
  'access-control-allow-headers',
  'access-control-allow-methods',
  'access-control-allow-origin',
  'access-control-expose-headers',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-range',
  'content-security-policy',
  'content-type',
  'deprecation',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'pragma',
  'referrer-policy',
  'retry-after',
  'set-cookie',
  'strict-transport-security',
  'sunset',
  'trailer',
  'vary',
  'www-authenticate',
  'x-content-type-options',
  'x-frame-options',
  'x-powered-by',
  'x-total-count',
] as const;

/**
 * Compares what is chosen of two heads, by name in any order; the lines of one name in theirs. `hasBody`: there are
 * bodies to compare, so of Content-Length only matters whether it is there.
 */
export function compareHeaders(
  monolith: readonly HeaderLine[],
  service: readonly HeaderLine[],
  hasBody: boolean,
  rules: CompareRules,
  findings: Findings,
): void {
  const [ofMonolith, ofService] = [comparedOf(monolith), comparedOf(service)];
  for (const name of COMPARED_HEADERS) {
    const [one, other] = [ofMonolith.get(name), ofService.get(name)];
    if (one === other) continue;
    const isPresentTwice = one !== undefined && other !== undefined;
    if (name === 'content-length' && hasBody && isPresentTwice) continue;
    const field = `header:${name}`;
    if (rules.isIgnored(field)) continue;
    const kind = isPresentTwice ? 'header' : one === undefined ? 'extra' : 'missing';
    const at = isPresentTwice ? firstDifference(one, other) : undefined;
    findings.add({
      path: field,
      field,
      kind,
      monolith: sideOf(one, at),
      service: sideOf(other, at),
      ...(at === undefined ? {} : { at }),
    });
  }
}

function sideOf(value: string | undefined, at: number | undefined): Side {
  if (value === undefined) return ABSENT;
  return { type: 'header', length: value.length, text: shownPart(value, at) };
}

const COMPARED: ReadonlySet<string> = new Set(COMPARED_HEADERS);

/** What is compared, all lines of a name as one; of cookies their names, since their values are secrets and renewed. */
function comparedOf(lines: readonly HeaderLine[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [written, text] of lines) {
    const name = written.toLowerCase();
    if (!COMPARED.has(name)) continue;
    const value = name === 'set-cookie' ? cookieName(text) : text.trim();
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return values;
}

function cookieName(line: string): string {
  return line.slice(0, Math.max(0, line.indexOf('='))).trim();
}
