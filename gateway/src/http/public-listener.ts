import { createDataPath } from '../datapath/data-path.ts';
import type { Exchange, Outcome } from '../datapath/exchange.ts';
import type { ForwardingRule } from '../datapath/forwarding.ts';
import type { DataPathLimits } from '../datapath/limits.ts';
import type { Upstream } from '../datapath/upstream.ts';
import type { Decision } from '../rollout/decision.ts';
import type { MatchOperation } from '../routing/matcher.ts';
import type { Operation } from '../routing/operation.ts';
import type { Forward, ForwardFailure } from './forward.ts';
import type { RequestContext, RequestObserver } from './request-context.ts';

export type PublicListenerParts = {
  readonly matchOperation: MatchOperation;
  readonly decide: (operation: Operation | undefined) => Decision;
  readonly forward: Forward;
  /** Answers what a decision does not forward. */
  readonly answer: (exchange: Exchange, context: RequestContext) => Promise<void> | undefined;
  /** Told of a request that the monolith had, when it is over. */
  readonly onForwarded: (exchange: Exchange, context: RequestContext) => void;
  /** Whose idle connections end by this listener's clock. */
  readonly upstreams: readonly Upstream[];
  readonly forwarding: ForwardingRule;
  readonly observer: RequestObserver;
  readonly nextRequestId: () => string;
  readonly monotonicMs: () => number;
  readonly wallClock: () => Date;
  readonly reportFailure: (failure: unknown) => void;
};

export type PublicListener = {
  listen(port: number, host: string): Promise<number>;
  /**
   * Ends kept-alive connections after their next response, and for the delay still accepts new ones. Then stops
   * accepting, waits for what is under way and cuts off what is left after the limit. Gives the number of
   * connections that were cut off.
   */
  drain(limitMs: number, delayMs: number): Promise<number>;
  /** Cuts off everything at once. */
  destroy(): void;
};

/** The clients' side: names, decides, hands over to the data path, and observes the end. */
export function createPublicListener(parts: PublicListenerParts, limits: DataPathLimits): PublicListener {
  const { matchOperation, decide, forward, answer, onForwarded, observer, nextRequestId, monotonicMs } =
    parts;

  const handle = (exchange: Exchange): Promise<void> | undefined => {
    const { method, target, upgrade } = exchange.head;
    const operation = matchOperation(method, target);
    const context: RequestContext = {
      id: nextRequestId(),
      method,
      target,
      operation,
      decision: decide(operation),
      startMs: monotonicMs(),
      upgrade: upgrade !== undefined,
      failure: undefined,
    };
    observer.onStart(context);
    exchange.onEnd = (outcome) => {
      context.failure ??= failureOf(exchange, outcome);
      if (context.decision.action === 'forward') onForwarded(exchange, context);
      observer.onEnd(context, {
        status: exchange.status === 0 ? undefined : exchange.status,
        outcome: outcome === 'client-gone' || outcome === 'broken' ? 'aborted' : 'complete',
        sentBytes: exchange.sentBytes,
        durationMs: monotonicMs() - context.startMs,
      });
    };
    if (context.decision.action !== 'forward') return answer(exchange, context);
    forward(exchange);
    return undefined;
  };

  const path = createDataPath({
    limits,
    forwarding: parts.forwarding,
    handle,
    onRefused: observer.onRefused,
    reportFailure: parts.reportFailure,
    upstreams: parts.upstreams,
    now: monotonicMs,
    wallClock: parts.wallClock,
  });

  return {
    listen: async (port, host) => (await path.listen(port, host)).port,
    drain: path.drain,
    destroy: path.destroy,
  };
}

const FAILURE_KINDS = {
  unreachable: 'unreachable',
  late: 'late',
  lost: 'broken',
  broken: 'broken',
} as const satisfies Partial<Record<Outcome, ForwardFailure['kind']>>;

/** A client that hung up is no failure, nor is a request that we rejected. */
function failureOf(exchange: Exchange, outcome: Outcome): ForwardFailure | undefined {
  if (!(outcome in FAILURE_KINDS)) return undefined;
  const kind = FAILURE_KINDS[outcome as keyof typeof FAILURE_KINDS];
  return { kind, cause: exchange.cause ?? new Error(outcome) };
}
