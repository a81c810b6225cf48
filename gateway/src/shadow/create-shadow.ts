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
import { copyRequest, isRepeatable, readAgain } from './asked-request.ts';
import { type ByteShare, createByteBudget } from './byte-budget.ts';
import { type Comparison, createComparisons } from './comparison.ts';
import { createMonolithQuestions } from './monolith-questions.ts';
import { createRateLimit } from './rate-limit.ts';
import type { Shadow, SkipReason } from './shadow.ts';
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

const WARN_EVERY_MS = 5_000;

/** Reads at `shadow`: nothing of what happens here is waited for by a client. Loading this file loads gRPC. */
export function createShadow(parts: ShadowParts): Shadow {
  const { operationOf, routeOf, now, monotonicMs, logger } = parts;
  const limits = { ...SHADOW_LIMITS, ...parts.limits };
  const budget = createByteBudget(limits.keptBytesMax);
  const tally = createTally({ keptMax: limits.keptDifferencesMax, fieldsMax: limits.fieldsMax });
  const stopping = new AbortController();
  const links = createAsideLinks({ monotonicMs, messageBytesMax: limits.answerBytesMax });
  const monolith = createMonolithQuestions({
    ...parts.monolith,
    connectionsMax: limits.concurrencyMax,
    headBytesMax: limits.headBytesMax,
  });
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  const warn = (operationId: string, cause: unknown): void => {
    if (monotonicMs() - warnedAtMs < WARN_EVERY_MS) return;
    warnedAtMs = monotonicMs();
    logger.warn({ err: cause, operation: operationId }, 'a question aside failed inside');
  };
  const aside: AsideParts = { identity: parts.identity, links, now, schedule, onInternal: warn };

  const askOptions = (share: ByteShare) => ({
    deadlineMs: limits.deadlineMs,
    bodyBytesMax: limits.answerBytesMax,
    signal: stopping.signal,
    mayKeep: share.take,
  });

  const compare = createComparisons({
    askService: ({ carved, request, share }) =>
      askAside(aside, carved, readAgain(request.asCame), askOptions(share)),
    askMonolith: (question, share) => monolith.ask(question, askOptions(share)),
    refuseUnlessWanted: ({ carved }) => {
      if (stopping.signal.aborted) throw new ShadowSkip('stopped');
      const { operationId } = carved.operation;
      if (routeOf(operationId)?.stage !== 'shadow') throw new ShadowSkip('flag-changed');
    },
    mayRepeat: createRateLimit(limits.repeatsPerSecond, monotonicMs),
    now,
  });

  const queue = createWorkQueue<Comparison>({
    activeMax: limits.concurrencyMax,
    waitingMax: limits.queueMax,
    run: async (comparison) => {
      const counted = countedOf(comparison.carved);
      try {
        const result = await compare(comparison);
        if (result.kind === 'different') tally.different(counted, result.kept);
        else tally[result.kind](counted);
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
      const skip = (reason: SkipReason): undefined => {
        tally.skip(counted, reason);
      };
      if (!isRepeatable(head)) return skip('not-repeatable');
      if (parts.random() * 100 >= decision.samplePercent) return skip('not-sampled');
      if (queue.isFull) return skip('queue-full');
      const share = budget.share();
      const request = copyRequest(head, peer);
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

function schedule(afterMs: number, run: () => void): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}
