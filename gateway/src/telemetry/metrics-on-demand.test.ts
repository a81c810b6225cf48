import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RequestContext } from '../http/request-context.ts';
import type { Metrics } from './metrics.ts';
import { createMetricsOnDemand } from './metrics-on-demand.ts';

const context = { id: 'a' } as RequestContext;
const end = { status: 200, outcome: 'complete', sentBytes: 1, durationMs: 1 } as const;

const fail = (error: unknown): never => assert.fail(String(error));

function recordingMetrics(): { metrics: Metrics; seen: string[] } {
  const seen: string[] = [];
  return {
    seen,
    metrics: {
      observer: {
        onRefused: () => seen.push('refused'),
        onStart: () => seen.push('start'),
        onEnd: () => seen.push('end'),
      },
      render: async () => ({ contentType: 'text/plain', text: seen.join(' ') }),
      release: () => seen.push('released'),
    },
  };
}

describe('metrics on demand', () => {
  it('are loaded once, behind the first end, and then told of all that went before, in order', async () => {
    const { metrics, seen } = recordingMetrics();
    let loads = 0;
    const onDemand = createMetricsOnDemand(async () => {
      loads += 1;
      return metrics;
    }, fail);
    onDemand.observer.onStart(context);
    assert.equal(loads, 0);
    onDemand.observer.onEnd(context, end);
    onDemand.observer.onStart(context);
    assert.deepEqual([loads, seen], [1, []]);
    assert.equal((await onDemand.render()).text, 'start end start');
    onDemand.observer.onEnd(context, end);
    assert.deepEqual([loads, seen], [1, ['start', 'end', 'start', 'end']]);
  });

  it('that cannot be loaded are reported once, and requests go on', async () => {
    const reported: unknown[] = [];
    const failure = new Error('no such library');
    const onDemand = createMetricsOnDemand(
      () => Promise.reject(failure),
      (error) => reported.push(error),
    );
    for (let i = 0; i < 3; i++) onDemand.observer.onEnd(context, end);
    await assert.rejects(onDemand.render(), failure);
    assert.deepEqual(reported, [failure]);
  });

  it('whose loading ends after the release are released at once', async () => {
    const { metrics, seen } = recordingMetrics();
    const gate = Promise.withResolvers<Metrics>();
    const onDemand = createMetricsOnDemand(() => gate.promise, fail);
    onDemand.observer.onEnd(context, end);
    onDemand.release();
    gate.resolve(metrics);
    await onDemand.render();
    assert.deepEqual(seen, ['end', 'released']);
  });
});
