import type { HeadEdits } from '../datapath/head-edits.ts';
import type { Peer } from '../datapath/request-bytes.ts';
import type { RequestContext } from '../http/request-context.ts';
import type { Route } from '../rollout/routes.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createAsideLinks } from '../translate/aside-links.ts';
import { AsideFailure, type AsideParts, askAside } from '../translate/ask-aside.ts';
import type { CarvedOperation } from '../translate/carved-operation.ts';
import type { IdentitySource } from '../translate/identity-source.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { createAnswerTap } from './answer-tap.ts';
import {
  type AskedRequest,
  conditionsOf,
  copyRequest,
  isRepeatable,
  monolithQuestion,
  readAgain,
  shownPath,
} from './asked-request.ts';
import { type ByteShare, createByteBudget } from './byte-budget.ts';
import { type ComparedAnswer, compareAnswers, repeated } from './compare.ts';
import { type CompareRules, createCompareRules } from './compare-rules.ts';
import type { Difference, Differences } from './difference.ts';
import { createMonolithQuestions } from './monolith-questions.ts';
import { createRateLimit } from './rate-limit.ts';
import { redact } from './redact.ts';
import type { KeptDifference, Shadow } from './shadow.ts';
import { ShadowSkip } from './shadow-skip.ts';
import { createTally } from './tally.ts';
import { createWorkQueue } from './work-queue.ts';

export type ShadowParts = {
  /** By operationId; of an active carve-out. */
  readonly operationOf: (operationId: string) => CarvedOperation | undefined;
  /** As flags, kills and owners are now. */
  readonly routeOf: (operationId: string) => Pick<Route, 'stage'> | undefined;
  readonly identity: IdentitySource;
  readonly monolith: { readonly url: string; readonly ca?: string | undefined };
  /** What keeps an override from the monolith; where there are override keys. */
  readonly overrideEditsOf?: (head: RequestHead) => HeadEdits | undefined;
  /** From 0 to 1, 1 left out. */
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly limits?: Partial<ShadowLimits>;
};

export type ShadowLimits = typeof SHADOW_LIMITS;

export const SHADOW_LIMITS = {
  /** Comparisons under way. */
  concurrencyMax: 4,
  /** Answers of the monolith that wait to be compared. */
  queueMax: 64,
  /** Of one question, to the service or to the monolith. */
  deadlineMs: 5_000,
  /** One answer's body. */
  answerBytesMax: 8_388_608,
  /** Bodies that all comparisons keep together. */
  keptBytesMax: 33_554_432,
  headBytesMax: 65_536,
  /** How often a second the monolith is asked again. */
  repeatsPerSecond: 20,
  /** Of an operation: examples that are kept, and fields that are counted one by one. */
  keptDifferencesMax: 20,
  fieldsMax: 100,
};

type Comparison = {
  readonly carved: CarvedOperation;
  readonly requestId: string;
  readonly request: AskedRequest;
  readonly monolith: ComparedAnswer;
  readonly share: ByteShare;
};

const WARN_EVERY_MS = 5_000;

/** Reads at `shadow`: nothing of what happens here is waited for by a client. Loading this file loads gRPC. */
export function createShadow(parts: ShadowParts): Shadow {
  const { operationOf, routeOf, now, monotonicMs, logger } = parts;
  const limits = { ...SHADOW_LIMITS, ...parts.limits };
  const budget = createByteBudget(limits.keptBytesMax);
  const tally = createTally({ keptMax: limits.keptDifferencesMax, fieldsMax: limits.fieldsMax });
  const mayRepeat = createRateLimit(limits.repeatsPerSecond, monotonicMs);
  const stopping = new AbortController();
  const links = createAsideLinks({ monotonicMs, messageBytesMax: limits.answerBytesMax });
  const monolith = createMonolithQuestions({
    ...parts.monolith,
    connectionsMax: limits.concurrencyMax,
    headBytesMax: limits.headBytesMax,
  });
  const rules = new Map<CarvedOperation, CompareRules>();
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  const warn = (operationId: string, cause: unknown): void => {
    if (monotonicMs() - warnedAtMs < WARN_EVERY_MS) return;
    warnedAtMs = monotonicMs();
    logger.warn({ err: cause, operation: operationId }, 'a question aside failed inside');
  };
  const aside: AsideParts = { identity: parts.identity, links, now, schedule, onInternal: warn };

  const rulesOf = (carved: CarvedOperation): CompareRules => {
    const found = rules.get(carved) ?? createCompareRules(carved.translation.compare);
    rules.set(carved, found);
    return found;
  };

  const askOptions = (share: ByteShare) => ({
    deadlineMs: limits.deadlineMs,
    bodyBytesMax: limits.answerBytesMax,
    signal: stopping.signal,
    mayKeep: share.take,
  });

  const askService = ({ carved, request, share }: Comparison): Promise<ComparedAnswer> =>
    askAside(aside, carved, readAgain(request.asCame), askOptions(share));

  const refuseUnlessShadowed = ({ carved }: Comparison): void => {
    if (stopping.signal.aborted) throw new ShadowSkip('stopped');
    if (routeOf(carved.operation.operationId)?.stage !== 'shadow') throw new ShadowSkip('flag-changed');
  };

  const compare = async (comparison: Comparison): Promise<void> => {
    const { carved, request } = comparison;
    const counted = countedOf(carved);
    refuseUnlessShadowed(comparison);
    const { method } = readAgain(request.asCame);
    const between = (one: ComparedAnswer, other: ComparedAnswer): Differences =>
      compareAnswers(method, one, other, rulesOf(carved));
    const first = between(comparison.monolith, await askService(comparison));
    if (first.found.length === 0) {
      tally.equal(counted);
      return;
    }
    refuseUnlessShadowed(comparison);
    if (!mayRepeat()) throw new ShadowSkip('repeats-full');
    // At the same moment, so that as little as may be changes in between.
    const [again, service] = await bothOf(
      monolith.ask(monolithQuestion(request), askOptions(comparison.share)),
      askService(comparison),
    );
    const second = between(again, service);
    const found = repeated(first, second);
    if (found.length === 0) {
      tally.unrepeated(counted);
      return;
    }
    const unsteady = new Set(between(comparison.monolith, again).found.map(({ path }) => path));
    tally.different(
      counted,
      kept(comparison, { ...second, found }, unsteady, [again.status, service.status]),
    );
  };

  const kept = (
    { carved, requestId, request }: Comparison,
    { found, isComplete }: Differences,
    unsteady: ReadonlySet<string>,
    [monolithStatus, serviceStatus]: readonly [number, number],
  ): KeptDifference => {
    const head = readAgain(request.asCame);
    const redacted = (each: Difference) => {
      const shown = redact(each, rulesOf(carved));
      return unsteady.has(each.path) ? { ...shown, unsteady: true as const } : shown;
    };
    return {
      at: new Date(now()).toISOString(),
      operationId: carved.operation.operationId,
      requestId,
      method: head.method,
      path: shownPath(carved.operation.path, head.target),
      conditions: conditionsOf(head),
      status: { monolith: monolithStatus, service: serviceStatus },
      differences: found.map(redacted),
      isComplete,
    };
  };

  const queue = createWorkQueue<Comparison>({
    activeMax: limits.concurrencyMax,
    waitingMax: limits.queueMax,
    run: async (comparison) => {
      const counted = countedOf(comparison.carved);
      try {
        await compare(comparison);
      } catch (error) {
        if (error instanceof ShadowSkip || error instanceof AsideFailure) tally.skip(counted, error.reason);
        else {
          tally.skip(counted, 'internal');
          warn(counted.operationId, error);
        }
      } finally {
        comparison.share.release();
      }
    },
  });

  return {
    observe: (head: RequestHead, context: RequestContext, peer?: Peer) => {
      const { operation, decision } = context;
      const carved = operation && operationOf(operation.operationId);
      if (carved === undefined || carved.translation.kind !== 'read' || decision.samplePercent === 0) {
        return undefined;
      }
      const counted = countedOf(carved);
      const skip = (reason: ShadowSkip['reason']): undefined => tally.skip(counted, reason) as undefined;
      if (!isRepeatable(head)) return skip('not-repeatable');
      if (parts.random() * 100 >= decision.samplePercent) return skip('not-sampled');
      if (queue.isFull) return skip('queue-full');
      const share = budget.share();
      const request = copyRequest(head, parts.overrideEditsOf?.(head), peer);
      if (!share.take(request.asCame.length + request.asForwarded.length)) return skip('memory-full');
      return createAnswerTap({
        share,
        bodyBytesMax: limits.answerBytesMax,
        onSkipped: skip,
        onWhole: (answer) => {
          if (queue.push({ carved, requestId: context.id, request, monolith: answer, share })) return;
          share.release();
          skip('queue-full');
        },
      });
    },
    report: tally.report,
    differences: tally.differences,
    stop: async () => {
      stopping.abort(new ShadowSkip('stopped'));
      const { dropped, ended } = queue.close();
      for (const { carved, share } of dropped) {
        share.release();
        tally.skip(countedOf(carved), 'stopped');
      }
      await ended;
      monolith.close();
      links.close();
    },
  };
}

function countedOf({ operation, active }: CarvedOperation) {
  return { operationId: operation.operationId, carveOut: active.carveOut.name };
}

/** Both, or the first failure once neither is under way any more. */
async function bothOf<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

function schedule(afterMs: number, run: () => void): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}
