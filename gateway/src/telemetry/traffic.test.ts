import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RequestContext, RequestEnd } from '../http/request-context.ts';
import { BIN_COUNT, binOf, quantile } from './duration-bins.ts';
import { createTraffic } from './traffic.ts';

type Told = {
  readonly operationId?: string;
  readonly backend?: string;
  readonly status?: number;
  readonly durationMs?: number;
  readonly failed?: boolean;
  readonly upgrade?: boolean;
};

const contextOf = ({ operationId, backend = 'monolith', failed, upgrade = false }: Told): RequestContext =>
  ({
    operation: operationId === undefined ? undefined : { operationId, method: 'GET', path: '/' },
    decision: { backend },
    servedBy: backend,
    failure: failed ? { kind: 'late', cause: new Error('late') } : undefined,
    upgrade,
  }) as unknown as RequestContext;

const endOf = ({ status, durationMs = 1, failed }: Told): RequestEnd => ({
  status: status ?? (failed ? undefined : 200),
  outcome: failed ? 'aborted' : 'complete',
  sentBytes: 1,
  durationMs,
});

function trafficAt(startMs: number) {
  let nowMs = startMs;
  const traffic = createTraffic(() => nowMs);
  return {
    traffic,
    pass: (ms: number) => {
      nowMs += ms;
    },
    tell: (told: Told, times = 1) => {
      for (let i = 0; i < times; i += 1) traffic.observer.onEnd(contextOf(told), endOf(told));
    },
  };
}

const near = (actual: number | null | undefined, expected: number) =>
  assert.ok(
    actual != null && actual >= expected / 1.1 && actual <= expected * 1.1,
    `${actual} is not within 10 % of ${expected}`,
  );

describe('traffic', () => {
  it('is counted by operation and by who answered; what has no operation is `none`', () => {
    const { traffic, tell, pass } = trafficAt(5_000);
    tell({ operationId: 'getInvoice' }, 6);
    tell({ operationId: 'getInvoice', backend: 'billing' }, 2);
    tell({}, 4);
    pass(2_000);
    const rates = (operationId: string) =>
      traffic
        .of(operationId)
        .map(({ backend, requests, requestsPerSecond }) => [backend, requests, requestsPerSecond]);
    assert.deepEqual(rates('getInvoice'), [
      ['monolith', 6, 3],
      ['billing', 2, 1],
    ]);
    assert.deepEqual(rates('none'), [['monolith', 4, 2]]);
    assert.deepEqual(rates('getProfile'), []);
    assert.equal(traffic.windowSeconds, 300);
  });

  it('is forgotten after five minutes, and the place it took is counted anew', () => {
    const { traffic, tell, pass } = trafficAt(0);
    tell({ operationId: 'a', durationMs: 1_000, status: 500 }, 3);
    pass(299_999);
    assert.equal(traffic.of('a')[0]?.requests, 3);
    pass(1);
    assert.deepEqual(traffic.of('a'), []);
    tell({ operationId: 'a', durationMs: 1 });
    const [only] = traffic.of('a');
    assert.deepEqual([only?.requests, only?.errorRate], [1, 0]);
    near(only?.p99Ms, 1);
  });

  it('can be had of the last seconds alone', () => {
    const { traffic, tell, pass } = trafficAt(0);
    tell({ operationId: 'a' }, 100);
    pass(35_000);
    tell({ operationId: 'a' }, 10);
    pass(4_000);
    assert.equal(traffic.of('a')[0]?.requests, 110);
    const [last] = traffic.of('a', 10);
    // The slot under way began nine seconds ago.
    assert.deepEqual([last?.requests, last?.requestsPerSecond], [10, 10 / 9]);
  });

  it("has errors where a backend failed or answered 5xx; a client's own doing is none", () => {
    const { traffic, tell } = trafficAt(0);
    tell({ operationId: 'a', status: 200 }, 5);
    tell({ operationId: 'a', status: 404 }, 1);
    tell({ operationId: 'a', status: 503 }, 2);
    tell({ operationId: 'a', failed: true }, 2);
    assert.equal(traffic.of('a')[0]?.errorRate, 0.4);
  });

  it('counts upgraded connections, and leaves their lengths out of the durations', () => {
    const { traffic, tell } = trafficAt(0);
    tell({ operationId: 'a', status: 101, durationMs: 60_000, upgrade: true });
    const [only] = traffic.of('a');
    assert.deepEqual([only?.requests, only?.p50Ms, only?.p99Ms], [1, null, null]);
  });

  it('tells the middle and the slowest of a hundred apart', () => {
    const { traffic, tell } = trafficAt(0);
    tell({ operationId: 'a', durationMs: 2 }, 98);
    tell({ operationId: 'a', durationMs: 3_000 }, 2);
    const [only] = traffic.of('a');
    near(only?.p50Ms, 2);
    near(only?.p99Ms, 3_000);
  });
});

describe('duration bins', () => {
  it('give every quantile within 10 % of the true one', () => {
    const duration = fc.double({ min: 0.07, max: 1_000_000, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(duration, { minLength: 1, maxLength: 300 }),
        fc.constantFrom(0.5, 0.9, 0.99),
        (durations, share) => {
          const counts = new Uint32Array(BIN_COUNT);
          for (const each of durations) {
            const bin = binOf(each);
            counts[bin] = (counts[bin] ?? 0) + 1;
          }
          const sorted = durations.toSorted((a, b) => a - b);
          near(quantile(counts, share), sorted[Math.ceil(sorted.length * share) - 1] as number);
        },
      ),
    );
  });

  it('take any number, whatever a clock says', () => {
    for (const odd of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) {
      const bin = binOf(odd);
      assert.ok(bin >= 0 && bin < BIN_COUNT, `${odd} in ${bin}`);
    }
    assert.equal(quantile(new Uint32Array(BIN_COUNT), 0.5), null);
  });
});
