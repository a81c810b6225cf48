import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { RequestContext, RequestEnd, RequestObserver } from '../http/request-context.ts';
import type { Side } from '../rollout/override.ts';
import { NO_OPERATION } from './labels.ts';

/**
 * How a request ended. `answered`: whole, by the backend that was decided for, or by the gateway where its body was
 * none. `fell-back`: by the monolith, since the service could not be reached. `failed`: its backend gave no answer or
 * no whole one. `aborted`: the client left. `refused`: before it was a request.
 */
type Outcome = 'answered' | 'fell-back' | 'failed' | 'aborted' | 'refused';

type Series = { readonly count: Counter.Internal; readonly duration: Histogram.Internal<string> };

const DURATION_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const NO_BACKEND = 'none';
const SIDES: Readonly<Record<string, Side>> = {
  'override-monolith': 'monolith',
  'override-service': 'service',
};

/**
 * Counts by operation, backend, class of status and outcome: sets that the contract bounds. A path or an account is
 * never a label. Fallbacks and overrides are there where something is carved out.
 */
export function registerRequestMetrics(
  registry: Registry,
  { hasRollout }: { readonly hasRollout: boolean },
): RequestObserver {
  const registers = [registry];
  const labelNames = ['operation', 'backend', 'status'] as const;
  const requests = new Counter({
    name: 'banyan_requests_total',
    help: 'Requests that ended. backend: who answered; status: a class such as 2xx, or aborted where there was no answer; outcome: answered, fell-back, failed, aborted, refused. Those refused before they were requests have no operation and no backend.',
    labelNames: [...labelNames, 'outcome'] as const,
    registers,
  });
  const durations = new Histogram({
    name: 'banyan_request_duration_seconds',
    help: 'From the head of a request until its end. Upgraded connections are not in it.',
    labelNames,
    buckets: DURATION_BUCKETS_SECONDS,
    registers,
  });
  const decisions = new Counter({
    name: 'banyan_decisions_total',
    help: 'Requests by why they were to go where they were to go, whatever came of it.',
    labelNames: ['operation', 'reason'] as const,
    registers,
  });
  const failures = new Counter({
    name: 'banyan_backend_failures_total',
    help: 'Requests that a backend did not answer whole, those among them that the monolith answered in its place.',
    labelNames: ['backend', 'kind'] as const,
    registers,
  });
  const refusals = new Counter({
    name: 'banyan_requests_refused_total',
    help: 'What was refused before it was a request: malformed, too large, too late, too much at once.',
    labelNames: ['reason'] as const,
    registers,
  });
  let inFlight = 0;
  new Gauge({
    name: 'banyan_requests_in_flight',
    help: 'Requests and upgraded connections under way.',
    registers,
    collect() {
      this.set(inFlight);
    },
  });
  const fallbacks = new Counter({
    name: 'banyan_fallbacks_total',
    help: 'Reads that went to the monolith because their service could not be reached.',
    labelNames: ['operation', 'service'] as const,
    registers: hasRollout ? registers : [],
  });
  const overrides = new Counter({
    name: 'banyan_overrides_total',
    help: 'Requests with a valid override, by the side it named for them; none: it named no side for this one.',
    labelNames: ['side'] as const,
    registers: hasRollout ? registers : [],
  });

  /** Label sets are resolved once, not on every request. */
  const series = memoized(
    (operation, backend, status, outcome): Series => ({
      count: requests.labels(operation, backend, status, outcome),
      duration: durations.labels(operation, backend, status),
    }),
  );
  const decided = memoized((operation, reason) => decisions.labels(operation, reason));

  return {
    onRefused: ({ reason, status }) => {
      refusals.inc({ reason });
      series(NO_OPERATION, NO_BACKEND, statusClass(status), 'refused').count.inc();
    },
    onStart: () => {
      inFlight += 1;
    },
    onEnd: (context, end) => {
      inFlight -= 1;
      const { decision, servedBy: backend, failure, serviceFailure } = context;
      const operation = context.operation?.operationId ?? NO_OPERATION;
      const { count, duration } = series(
        operation,
        backend,
        statusClass(end.status),
        outcomeOf(context, end),
      );
      count.inc();
      if (!context.upgrade) duration.observe(end.durationMs / 1_000);
      decided(operation, decision.reason).inc();
      if (failure) failures.inc({ backend, kind: failure.kind });
      if (serviceFailure) failures.inc({ backend: decision.backend, kind: serviceFailure.kind });
      if (context.fellBack) fallbacks.inc({ operation, service: decision.backend });
      if (context.override !== undefined) overrides.inc({ side: SIDES[decision.reason] ?? 'none' });
    },
  };
}

/** Of few and short texts; what was made of them is kept. */
function memoized<const Texts extends readonly string[], Made>(
  make: (...texts: Texts) => Made,
): (...texts: Texts) => Made {
  const made = new Map<string, Made>();
  return (...texts) => {
    const key = texts.join('\n');
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(...texts);
    made.set(key, fresh);
    return fresh;
  };
}

function statusClass(status: number | undefined): string {
  return status === undefined ? 'aborted' : `${Math.floor(status / 100)}xx`;
}

function outcomeOf({ failure, fellBack }: RequestContext, end: RequestEnd): Outcome {
  if (failure !== undefined) return 'failed';
  if (end.outcome === 'aborted') return 'aborted';
  return fellBack ? 'fell-back' : 'answered';
}
