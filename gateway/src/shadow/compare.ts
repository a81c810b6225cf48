import type { HeaderLine } from '../carve-out/answer.ts';
import { compareBodies } from './compare-bodies.ts';
import { compareHeaders } from './compare-headers.ts';
import type { CompareRules } from './compare-rules.ts';
import type { Difference, Differences, Side } from './difference.ts';
import { createFindings } from './findings.ts';

/** An answer as its client would have it, the body without its framing. */
export type ComparedAnswer = {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
};

/** Differences looked for in one comparison. */
export const DIFFERENCES_MAX = 20;

/** Status, chosen headers and body, in this order. Pure. `method`: HEAD has no body to compare. */
export function compareAnswers(
  method: string,
  monolith: ComparedAnswer,
  service: ComparedAnswer,
  rules: CompareRules,
): Differences {
  const findings = createFindings(DIFFERENCES_MAX);
  if (monolith.status !== service.status && !rules.isIgnored(STATUS.field)) {
    findings.add({ ...STATUS, monolith: statusOf(monolith), service: statusOf(service) });
  }
  const hasBody = method !== 'HEAD' && !(isBodiless(monolith) && isBodiless(service));
  compareHeaders(monolith.headers, service.headers, hasBody, rules, findings);
  if (hasBody) compareBodies(monolith, service, rules, findings);
  return findings.end();
}

const STATUS = { path: 'status', field: 'status', kind: 'status' } as const;

function statusOf({ status }: ComparedAnswer): Side {
  return { type: 'status', length: 3, text: String(status) };
}

function isBodiless({ status }: ComparedAnswer): boolean {
  return status === 204 || status === 304;
}

/** Of the differences found later, those that are in the same place, and of the same kind, as one found before. */
export function repeated(before: Differences, now: Differences): Difference[] {
  const places = new Set(before.found.map(keyOf));
  return now.found.filter((each) => places.has(keyOf(each)));
}

function keyOf({ path, kind }: Difference): string {
  return `${kind} ${path}`;
}
