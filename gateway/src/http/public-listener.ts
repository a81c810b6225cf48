import { createDataPath } from '../datapath/data-path.ts';
import type { Exchange, Outcome } from '../datapath/exchange.ts';
import type { ForwardingRule } from '../datapath/forwarding.ts';
import type { DataPathLimits } from '../datapath/limits.ts';
import type { Upstream } from '../datapath/upstream.ts';
import type { Overrides } from '../overrides/overrides.ts';
import {
  type Decision,
  decide,
  decideUncarved,
  NO_FACTS,
  type RequestFacts,
  UNKNOWN_CALLER,
  type Verdict,
} from '../rollout/decision.ts';
import { OWN_ROUTE, type Rollout, type Route } from '../rollout/routes.ts';
import type { MatchOperation } from '../routing/matcher.ts';
import type { Operation } from '../routing/operation.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { Forward, ForwardFailure } from './forward.ts';
import {
  describeRefusal,
  OVERRIDE_REFUSED,
  type OverrideProblem,
  overrideProblem,
} from './override-refusal.ts';
import { proofOf } from './proof.ts';
import type { RequestContext, RequestObserver } from './request-context.ts';
import type { RequestTrace } from './request-trace.ts';

export type PublicListenerParts = {
  readonly matchOperation: MatchOperation;
  /** Of a request that is no operation of the contract: that of the gateway's own which it is. */
  readonly ownOperation: (head: RequestHead) => Operation | undefined;
  /** As it is now; undefined where nothing is carved out. */
  readonly rollout: () => Rollout | undefined;
  /** Undefined without override keys: header and cookie are then the monolith's. */
  readonly overrides: () => Pick<Overrides, 'read' | 'editsOf' | 'carveOutOf'> | undefined;
  /**
   * Whose request it is; asked only where something is carved out. Null: nobody's. Undefined: nobody could say. `route`
   * is undefined where the request is of no active carve-out. Rejects when the signal says that nobody waits.
   */
  readonly accountOf: (
    head: RequestHead,
    route: Route | undefined,
    signal: AbortSignal,
  ) => Promise<string | null | undefined>;
  readonly startTrace: (head: RequestHead, operation: Operation | undefined) => RequestTrace | undefined;
  readonly forward: Forward;
  /** Answers what a decision does not forward. */
  readonly answer: (exchange: Exchange, context: RequestContext) => Promise<void> | undefined;
  /** Told of a request that the monolith had, when it is over. */
  readonly onForwarded: (exchange: Exchange, context: RequestContext) => void;
  readonly onOverrideRefused: (kind: OverrideProblem) => void;
  /** Whose idle connections end by this listener's clock. */
  readonly upstreams: readonly Upstream[];
  readonly forwarding: ForwardingRule;
  readonly observer: RequestObserver;
  readonly nextRequestId: () => string;
  readonly monotonicMs: () => number;
  readonly wallClock: () => Date;
  readonly reportFailure: (failure: unknown) => void;
  readonly onAcceptFailed: (failure: unknown) => void;
};

export type PublicListener = {
  listen(port: number, host: string): Promise<number>;
  /** To the monolith with what was to be translated: its service could not be reached. */
  fallBack(exchange: Exchange, context: RequestContext, failure: ForwardFailure): void;
  /**
   * Ends kept-alive connections after their next response, and for the delay still accepts new ones. Then stops
   * accepting, waits for what is under way and cuts off what is left after the limit. Gives the number of
   * connections that were cut off.
   */
  drain(limitMs: number, delayMs: number): Promise<number>;
  /** Cuts off everything at once. */
  destroy(): void;
};

/** A context that is being made: observers see it when it is decided. */
type Draft = { -readonly [Member in keyof RequestContext]: RequestContext[Member] };

/** The clients' side: names, decides, hands over to the data path, and observes the end. */
export function createPublicListener(parts: PublicListenerParts, limits: DataPathLimits): PublicListener {
  const { matchOperation, ownOperation, rollout, overrides, accountOf, startTrace } = parts;
  const { forward, answer, onForwarded, observer, nextRequestId, monotonicMs } = parts;

  const handle = (exchange: Exchange): Promise<void> | undefined => {
    const { method, target, upgrade } = exchange.head;
    const named = matchOperation(method, target);
    const own = named === undefined ? ownOperation(exchange.head) : undefined;
    const operation = named ?? own;
    const decision = decideUncarved(operation);
    const context: Draft = {
      id: nextRequestId(),
      method,
      target,
      operation,
      decision,
      flagsVersion: 0,
      override: undefined,
      trace: startTrace(exchange.head, operation),
      startMs: monotonicMs(),
      upgrade: upgrade !== undefined,
      servedBy: decision.backend,
      fellBack: false,
      failure: undefined,
      serviceFailure: undefined,
    };
    const read = overrides()?.read(exchange.head);
    if (read !== undefined && read.kind !== 'none') {
      const edits = overrides()?.editsOf(exchange.head);
      // From here on nobody sees the override: no backend, no translation, no question about the caller.
      if (edits !== undefined) exchange.editHead(edits);
      if (read.kind === 'invalid') {
        open(exchange, context, OVERRIDE_REFUSED, rollout());
        refuseOverride(exchange, 'invalid-override', read.detail);
        return undefined;
      }
      context.override = read.override;
    }
    const now = rollout();
    const route = own === undefined ? routeOf(now, operation) : OWN_ROUTE;
    const verdict = decide(operation, route, factsOf(context, undefined));
    if (verdict.action !== 'ask-account') return act(exchange, context, verdict, now);
    // Only an override asks where nothing is carved out, and nobody can answer it there.
    if (now === undefined) return act(exchange, context, UNKNOWN_CALLER, now);
    return askAndAct(exchange, context, route);
  };

  /** A client that leaves meanwhile is counted as one without an account, which goes where it would have gone. */
  const askAndAct = async (exchange: Exchange, context: Draft, route: Route | undefined): Promise<void> => {
    const { operation } = context;
    const routeIn = (now: Rollout | undefined) => (route === OWN_ROUTE ? route : routeOf(now, operation));
    const asking = new AbortController();
    exchange.wait(() => asking.abort());
    exchange.onEnd = (outcome) => {
      const now = rollout();
      const verdict = decide(operation, routeIn(now), factsOf(context, null));
      open(exchange, context, decisionOf(verdict), now);
      exchange.onEnd?.(outcome);
    };
    let account: string | null | undefined;
    try {
      account = await accountOf(exchange.head, route, asking.signal);
    } catch (error) {
      if (asking.signal.aborted) return;
      throw error;
    }
    if (asking.signal.aborted) return;
    // By what holds now, which is what its proof names.
    const now = rollout();
    const isUnknown = account === undefined && context.override?.account !== undefined;
    const verdict = isUnknown
      ? UNKNOWN_CALLER
      : decide(operation, routeIn(now), factsOf(context, account ?? null));
    await act(exchange, context, verdict, now);
  };

  const act = (
    exchange: Exchange,
    context: Draft,
    verdict: Verdict,
    now: Rollout | undefined,
  ): Promise<void> | undefined => {
    open(exchange, context, decisionOf(verdict), now);
    if (verdict.action === 'refuse-override') {
      const kind = verdict.why === 'other-account' ? 'invalid-override' : 'unlawful-override';
      refuseOverride(exchange, kind, describeRefusal(verdict.why, context.operation));
      return undefined;
    }
    if (context.override !== undefined) exchange.answerEdits = proofOf(context);
    if (context.decision.action !== 'forward') return answer(exchange, context);
    forward(exchange, context);
    return undefined;
  };

  /** Shared by the requests that have neither, which are nearly all. */
  const factsOf = ({ operation, override }: Draft, account: string | null | undefined): RequestFacts => {
    if (override === undefined) return account === undefined ? NO_FACTS : { override, account };
    const declaredBy = operation && overrides()?.carveOutOf(operation.operationId);
    return { override, account, declaredBy };
  };

  const refuseOverride = (exchange: Exchange, kind: OverrideProblem, detail: string): void => {
    parts.onOverrideRefused(kind);
    exchange.answer(overrideProblem(kind, detail));
  };

  /** The request is decided: it has begun for those who observe, and will have an end. */
  const open = (exchange: Exchange, context: Draft, decision: Decision, now: Rollout | undefined): void => {
    context.decision = decision;
    context.servedBy = decision.backend;
    if (now !== undefined) context.flagsVersion = now.version;
    observer.onStart(context);
    exchange.onEnd = (outcome) => {
      context.failure ??= failureOf(exchange, outcome);
      if (context.servedBy === 'monolith') onForwarded(exchange, context);
      observer.onEnd(context, {
        status: exchange.status === 0 ? undefined : exchange.status,
        outcome: outcome === 'client-gone' || outcome === 'broken' ? 'aborted' : 'complete',
        sentBytes: exchange.sentBytes,
        durationMs: monotonicMs() - context.startMs,
      });
    };
  };

  const path = createDataPath({
    limits,
    forwarding: parts.forwarding,
    handle,
    onRefused: observer.onRefused,
    reportFailure: parts.reportFailure,
    onAcceptFailed: parts.onAcceptFailed,
    upstreams: parts.upstreams,
    now: monotonicMs,
    wallClock: parts.wallClock,
  });

  return {
    listen: async (port, host) => (await path.listen(port, host)).port,
    fallBack: (exchange, context, failure) => {
      context.serviceFailure = failure;
      context.fellBack = true;
      context.servedBy = 'monolith';
      if (context.override !== undefined) exchange.answerEdits = proofOf(context);
      forward(exchange, context);
    },
    drain: path.drain,
    destroy: path.destroy,
  };
}

function routeOf(rollout: Rollout | undefined, operation: Operation | undefined): Route | undefined {
  return operation === undefined ? undefined : rollout?.routeOf(operation.operationId);
}

/** What a request is counted by. Once its account was asked for, nothing is left to ask. */
function decisionOf(verdict: Verdict): Decision {
  switch (verdict.action) {
    case 'ask-account':
      return decideUncarved(undefined);
    case 'refuse-override':
      return OVERRIDE_REFUSED;
    default:
      return verdict;
  }
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
