/** When a breaker opens and how it closes again. Times in milliseconds of a monotonic clock. */
export type BreakerPolicy = {
  /** Calls are judged over the current window and the one before. */
  readonly windowMs: number;
  /**
   * Opens at this many failures, if they are at least half of the calls. Those of a row count however far apart
   * they are: calls that each wait for a deadline longer than the windows never meet in one.
   */
  readonly failuresMin: number;
  /** How long it stays open the first time; each failed probe doubles it. */
  readonly openMs: number;
  readonly openMsMax: number;
  /** Probes in a row that must succeed. One is under way at a time. */
  readonly probesNeeded: number;
  /** A probe that never reported is taken for failed after this. */
  readonly probeMsMax: number;
};

export const DEFAULT_BREAKER: BreakerPolicy = {
  windowMs: 5_000,
  failuresMin: 5,
  openMs: 500,
  openMsMax: 10_000,
  probesNeeded: 2,
  probeMsMax: 30_000,
};

type Tally = { readonly calls: number; readonly failures: number };

export type BreakerState =
  | {
      readonly kind: 'closed';
      readonly windowStart: number;
      readonly current: Tally;
      readonly previous: Tally;
      /** Failures since the last success. */
      readonly inARow: number;
    }
  | { readonly kind: 'open'; readonly until: number; readonly openMs: number }
  | {
      readonly kind: 'half-open';
      readonly openMs: number;
      readonly succeeded: number;
      /** When the probe under way began. */
      readonly probeSince: number | undefined;
    };

/** `ask`: may a call go? `success`, `failure`: of a call that went; `withdrawn`: it ended without saying either. */
export type BreakerEvent = 'ask' | 'success' | 'failure' | 'withdrawn';

const NOTHING: Tally = { calls: 0, failures: 0 };

export function closedBreaker(now: number): BreakerState {
  return { kind: 'closed', windowStart: now, current: NOTHING, previous: NOTHING, inARow: 0 };
}

/** Whether a call may go, in a state that `transition` has just brought up to `ask`. */
export function admits(state: BreakerState, askedOf: BreakerState): boolean {
  if (state.kind === 'closed') return true;
  return state.kind === 'half-open' && state !== askedOf;
}

/**
 * The state machine, pure. On `ask` a half-open breaker whose probe is free gives it to the asker, which shows as a
 * new state; every other asker gets the state it had.
 */
export function transition(
  state: BreakerState,
  event: BreakerEvent,
  now: number,
  policy: BreakerPolicy,
): BreakerState {
  switch (state.kind) {
    case 'closed':
      return event === 'success' || event === 'failure' ? count(state, event, now, policy) : state;
    case 'open':
      // Calls that went before it opened still report: they change nothing.
      if (event !== 'ask' || now < state.until) return state;
      return { kind: 'half-open', openMs: state.openMs, succeeded: 0, probeSince: now };
    case 'half-open':
      return probe(state, event, now, policy);
  }
}

function count(
  state: BreakerState & { kind: 'closed' },
  event: 'success' | 'failure',
  now: number,
  policy: BreakerPolicy,
): BreakerState {
  const { windowStart, current, previous } = rolled(state, now, policy);
  const failed = event === 'failure' ? 1 : 0;
  const counted = { calls: current.calls + 1, failures: current.failures + failed };
  const failures = counted.failures + previous.failures;
  const calls = counted.calls + previous.calls;
  const inARow = failed === 1 ? state.inARow + 1 : 0;
  const isMany = failures >= policy.failuresMin || inARow >= policy.failuresMin;
  if (failed === 1 && isMany && failures * 2 >= calls) {
    return { kind: 'open', until: now + policy.openMs, openMs: policy.openMs };
  }
  return { kind: 'closed', windowStart, current: counted, previous, inARow };
}

function rolled(state: BreakerState & { kind: 'closed' }, now: number, policy: BreakerPolicy) {
  const age = now - state.windowStart;
  if (age < policy.windowMs) return state;
  const previous = age < policy.windowMs * 2 ? state.current : NOTHING;
  return { windowStart: now, current: NOTHING, previous };
}

function probe(
  state: BreakerState & { kind: 'half-open' },
  event: BreakerEvent,
  now: number,
  policy: BreakerPolicy,
): BreakerState {
  switch (event) {
    case 'ask': {
      const isFree = state.probeSince === undefined || now - state.probeSince >= policy.probeMsMax;
      return isFree ? { ...state, probeSince: now } : state;
    }
    case 'success': {
      const succeeded = state.succeeded + 1;
      if (succeeded >= policy.probesNeeded) return closedBreaker(now);
      return { ...state, succeeded, probeSince: undefined };
    }
    case 'failure': {
      const openMs = Math.min(state.openMs * 2, policy.openMsMax);
      return { kind: 'open', until: now + openMs, openMs };
    }
    case 'withdrawn':
      return { ...state, probeSince: undefined };
  }
}

/** A breaker that remembers its state. */
export type Breaker = {
  /** Whether a call may go. Who is let go reports how it went, once. */
  tryEnter(): boolean;
  report(outcome: 'success' | 'failure' | 'withdrawn'): void;
  readonly state: BreakerState['kind'];
};

export function createBreaker(
  now: () => number,
  onChange: (state: BreakerState['kind']) => void = () => {},
  policy: BreakerPolicy = DEFAULT_BREAKER,
): Breaker {
  let state = closedBreaker(now());
  const enter = (next: BreakerState): void => {
    const changed = next.kind !== state.kind;
    state = next;
    if (changed) onChange(next.kind);
  };
  return {
    tryEnter: () => {
      if (state.kind === 'closed') return true;
      const before = state;
      enter(transition(before, 'ask', now(), policy));
      return admits(state, before);
    },
    report: (outcome) => {
      if (outcome === 'withdrawn' && state.kind === 'closed') return;
      enter(transition(state, outcome, now(), policy));
    },
    get state() {
      return state.kind;
    },
  };
}
