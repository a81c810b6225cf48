/** Whether to ask, and how: `probe` is the one question that finds out whether a backend that failed is back. */
export type MayAsk = 'yes' | 'probe' | 'no';

export type BackendBreaker = {
  mayAsk(): MayAsk;
  onAnswered(): void;
  onFailed(): void;
};

type State =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number }
  | { readonly kind: 'half-open' };

const FAILURES_MAX = 3;
const OPEN_MS = 1_000;

/**
 * After some failures in a row nobody waits any more for a backend that does not answer: once a second one question
 * tries it, and the others go on without.
 */
export function createBackendBreaker(now: () => number): BackendBreaker {
  let state: State = { kind: 'closed', failures: 0 };
  return {
    mayAsk: () => {
      if (state.kind === 'closed') return 'yes';
      if (state.kind === 'half-open' || now() < state.untilMs) return 'no';
      state = { kind: 'half-open' };
      return 'probe';
    },
    onAnswered: () => {
      if (state.kind !== 'closed' || state.failures > 0) state = { kind: 'closed', failures: 0 };
    },
    onFailed: () => {
      const failures = state.kind === 'closed' ? state.failures + 1 : FAILURES_MAX;
      state =
        failures < FAILURES_MAX ? { kind: 'closed', failures } : { kind: 'open', untilMs: now() + OPEN_MS };
    },
  };
}
