import type { CarvedOperation } from '../translate/carved-operation.ts';
import { type AskedRequest, conditionsOf, monolithQuestion, readAgain, shownPath } from './asked-request.ts';
import type { ByteShare } from './byte-budget.ts';
import { type ComparedAnswer, compareAnswers, repeated } from './compare.ts';
import { type CompareRules, createCompareRules } from './compare-rules.ts';
import type { Difference, Differences } from './difference.ts';
import type { MonolithQuestion } from './monolith-questions.ts';
import { redact } from './redact.ts';
import type { KeptDifference } from './shadow.ts';
import { ShadowSkip } from './shadow-skip.ts';

/** A request that the monolith has answered. */
export type Comparison = {
  readonly carved: CarvedOperation;
  readonly requestId: string;
  readonly request: AskedRequest;
  readonly monolith: ComparedAnswer;
  /** Of whatever is kept for it. */
  readonly share: ByteShare;
};

export type ComparisonResult =
  | { readonly kind: 'equal' | 'unrepeated' }
  | { readonly kind: 'different'; readonly kept: KeptDifference };

export type ComparisonParts = {
  readonly askService: (comparison: Comparison) => Promise<ComparedAnswer>;
  readonly askMonolith: (question: MonolithQuestion, share: ByteShare) => Promise<ComparedAnswer>;
  /** Throws ShadowSkip where it is no longer wanted. */
  readonly refuseUnlessWanted: (comparison: Comparison) => void;
  /** Whether the monolith may be asked once more now. */
  readonly mayRepeat: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/**
 * Asks the service, and where that answers otherwise, both once more: only what differs in the same place again is
 * a difference. Rejects with ShadowSkip, or what the questions reject with.
 */
export function createComparisons(
  parts: ComparisonParts,
): (comparison: Comparison) => Promise<ComparisonResult> {
  const { askService, askMonolith, refuseUnlessWanted, mayRepeat, now } = parts;
  const rules = new Map<CarvedOperation, CompareRules>();
  const rulesOf = (carved: CarvedOperation): CompareRules => {
    const found = rules.get(carved) ?? createCompareRules(carved.translation.compare);
    rules.set(carved, found);
    return found;
  };

  return async (comparison) => {
    const { carved, request, monolith, share } = comparison;
    refuseUnlessWanted(comparison);
    const { method } = readAgain(request.asCame);
    const between = (one: ComparedAnswer, other: ComparedAnswer): Differences =>
      compareAnswers(method, one, other, rulesOf(carved));
    const first = between(monolith, await askService(comparison));
    if (first.found.length === 0) return { kind: 'equal' };
    refuseUnlessWanted(comparison);
    if (!mayRepeat()) throw new ShadowSkip('repeats-full');
    // At the same moment, so that as little as may be changes in between.
    const [again, service] = await bothOf(
      askMonolith(monolithQuestion(request), share),
      askService(comparison),
    );
    const second = between(again, service);
    const found = repeated(first, second);
    if (found.length === 0) return { kind: 'unrepeated' };
    const unsteady = new Set(between(monolith, again).found.map(({ path }) => path));
    const redacted = (each: Difference) => {
      const shown = redact(each, rulesOf(carved));
      return unsteady.has(each.path) ? { ...shown, unsteady: true as const } : shown;
    };
    return {
      kind: 'different',
      kept: {
        at: new Date(now()).toISOString(),
        ...describeRequest(comparison),
        status: { monolith: again.status, service: service.status },
        differences: found.map(redacted),
        isComplete: second.isComplete,
      },
    };
  };
}

function describeRequest({ carved, requestId, request }: Comparison) {
  const { operationId, path } = carved.operation;
  const head = readAgain(request.asCame);
  return {
    operationId,
    requestId,
    method: head.method,
    path: shownPath(path, head.target),
    conditions: conditionsOf(head),
  };
}

/** Both, or the first failure once neither is under way any more. */
async function bothOf<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
