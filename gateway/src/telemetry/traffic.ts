import type { RequestContext, RequestEnd, RequestObserver } from '../http/request-context.ts';
import { BIN_COUNT, binOf, quantile } from './duration-bins.ts';
import { NO_OPERATION } from './labels.ts';

export type BackendTraffic = {
  readonly backend: string;
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** 0 to 1: the backend answered with 5xx, or gave no whole answer. A client that left is no error. */
  readonly errorRate: number;
  /** Within 10 %; null where nothing has ended but upgraded connections. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
};

export type Traffic = {
  readonly observer: Pick<RequestObserver, 'onEnd'>;
  /**
   * By backend, in the order in which they were first seen: what ended within the last seconds, `windowSeconds` at
   * most, in steps of ten. Backends of which nothing ended then are left out. `none` is all that has no operation.
   */
  of(operationId: string, lastSeconds?: number): readonly BackendTraffic[];
  readonly windowSeconds: number;
};

const SLOT_MS = 10_000;
const SLOT_COUNT = 30;
const WINDOW_SECONDS = (SLOT_MS * SLOT_COUNT) / 1_000;

/**
 * Counts and durations of the last five minutes, by operation and backend. A ring of ten-second slots for each pair,
 * 12 KB, made when the pair is first seen: there are as many as the contract and the carve-outs allow. What is
 * counted allocates nothing, and no timer runs: a slot is emptied by whoever needs it next.
 */
export function createTraffic(monotonicMs: () => number): Traffic {
  const startedMs = monotonicMs();
  const byOperation = new Map<string, Series[]>();

  const seriesOf = (operationId: string, backend: string): Series => {
    let all = byOperation.get(operationId);
    if (all === undefined) {
      all = [];
      byOperation.set(operationId, all);
    }
    for (const series of all) if (series.backend === backend) return series;
    const made = new Series(backend);
    all.push(made);
    return made;
  };

  return {
    windowSeconds: WINDOW_SECONDS,
    observer: {
      onEnd: (context: RequestContext, end: RequestEnd) => {
        const series = seriesOf(context.operation?.operationId ?? NO_OPERATION, context.servedBy);
        const failed = context.failure !== undefined || (end.status !== undefined && end.status >= 500);
        const duration = context.upgrade ? undefined : end.durationMs;
        series.count(Math.floor(monotonicMs() / SLOT_MS), failed, duration);
      },
    },
    of: (operationId, lastSeconds = WINDOW_SECONDS) => {
      const nowMs = monotonicMs();
      const slot = Math.floor(nowMs / SLOT_MS);
      const slots = Math.min(Math.max(Math.ceil((lastSeconds * 1_000) / SLOT_MS), 1), SLOT_COUNT);
      const since = slot - slots + 1;
      const coveredMs = Math.max(nowMs - Math.max(since * SLOT_MS, startedMs), 1_000);
      return (byOperation.get(operationId) ?? [])
        .map((series) => series.read(since, coveredMs / 1_000))
        .filter(({ requests }) => requests > 0);
    },
  };
}

/** Of one operation and backend. */
class Series {
  readonly backend: string;
  /** Which slot of time each place of the ring holds. */
  readonly #held = new Float64Array(SLOT_COUNT).fill(-1);
  readonly #requests = new Uint32Array(SLOT_COUNT);
  readonly #errors = new Uint32Array(SLOT_COUNT);
  readonly #durations = new Uint32Array(SLOT_COUNT * BIN_COUNT);

  constructor(backend: string) {
    this.backend = backend;
  }

  count(slot: number, failed: boolean, durationMs: number | undefined): void {
    const place = slot % SLOT_COUNT;
    if (this.#held[place] !== slot) this.#empty(place, slot);
    increment(this.#requests, place);
    if (failed) increment(this.#errors, place);
    if (durationMs !== undefined) increment(this.#durations, place * BIN_COUNT + binOf(durationMs));
  }

  read(since: number, seconds: number): BackendTraffic {
    const durations = new Float64Array(BIN_COUNT);
    let requests = 0;
    let errors = 0;
    for (let place = 0; place < SLOT_COUNT; place += 1) {
      if ((this.#held[place] ?? -1) < since) continue;
      requests += this.#requests[place] ?? 0;
      errors += this.#errors[place] ?? 0;
      for (let bin = 0; bin < BIN_COUNT; bin += 1) {
        durations[bin] = (durations[bin] ?? 0) + (this.#durations[place * BIN_COUNT + bin] ?? 0);
      }
    }
    return {
      backend: this.backend,
      requests,
      requestsPerSecond: requests / seconds,
      errorRate: requests === 0 ? 0 : errors / requests,
      p50Ms: quantile(durations, 0.5),
      p99Ms: quantile(durations, 0.99),
    };
  }

  #empty(place: number, slot: number): void {
    this.#held[place] = slot;
    this.#requests[place] = 0;
    this.#errors[place] = 0;
    this.#durations.fill(0, place * BIN_COUNT, (place + 1) * BIN_COUNT);
  }
}

function increment(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
