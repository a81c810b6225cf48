import { PROBLEM_TYPES } from '../admin/problem-types.ts';
import type { Answer } from '../datapath/gateway-answer.ts';
import { CLEAR_OVERRIDE_COOKIE } from '../overrides/override-fields.ts';
import type { Decision, OverrideRefusal } from '../rollout/decision.ts';
import type { Operation } from '../routing/operation.ts';

/** What is said of a request in whose override nobody believes, or which it may not have: nobody was asked. */
export const OVERRIDE_REFUSED: Decision = Object.freeze({
  backend: 'none',
  reason: 'override-refused',
  action: 'refuse',
  mayFallBack: false,
  samplePercent: 0,
});

export type OverrideProblem = 'invalid-override' | 'unlawful-override';

/** Problem+json (RFC 9457), and the cookie is taken away: a browser that was pinned must not be stuck. */
export function overrideProblem(kind: OverrideProblem, detail: string): Answer {
  const { status, title } = PROBLEM_TYPES[kind];
  const body = JSON.stringify({ type: `/problems/${kind}`, title, status, detail });
  return {
    status,
    reason: status === 400 ? 'Bad Request' : 'Conflict',
    fields: [
      'Content-Type',
      'application/problem+json',
      'Cache-Control',
      'no-store',
      'Set-Cookie',
      CLEAR_OVERRIDE_COOKIE,
    ],
    body: Buffer.from(body),
  };
}

/** Of a valid override that the decision did not follow: a sentence for whoever sent it. */
export function describeRefusal(why: OverrideRefusal, operation: Operation | undefined): string {
  const name = operation?.operationId ?? 'this request';
  switch (why) {
    case 'unlawful':
      return `The side that the override names for ${name} is not legal now: its owner, or what its service can read, does not allow it.`;
    case 'killed':
      return `The side that the override names for ${name} is not legal now: a kill holds it at the monolith.`;
    case 'inactive':
      return `The override asks a service for ${name}, and no carve-out that is active here has it.`;
    case 'other-account':
      return 'The override is for another account than the one that calls.';
    case 'unknown-caller':
      return 'The override is for one account, and nobody can say now whose this request is: no carve-out is active here, or the monolith could not be asked.';
  }
}
