import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BackendTraffic, Route } from '../admin/types.ts';
import { UNPAINTED } from '../terminal/paint.ts';
import { textWidth } from '../terminal/plain-text.ts';
import {
  addTraffic,
  NO_HISTORY,
  printTraffic,
  renderTraffic,
  type TrafficHistory,
} from './traffic-screen.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

function routeOf(operationId: string, traffic: readonly BackendTraffic[]): Route {
  return {
    operationId,
    method: 'GET',
    path: '/',
    carveOut: 'billing',
    kind: 'read',
    stage: 'canary',
    weightPercent: 5,
    owner: 'monolith',
    epoch: 1,
    lastMonolithHit: null,
    data: 'shared',
    legalStages: [],
    wantedStage: 'canary',
    fallback: true,
    samplePercent: 0,
    killed: false,
    lastFlip: null,
    traffic: [...traffic],
    shadow: null,
  };
}

const of = (backend: string, perSecond: number, errorRate = 0): BackendTraffic => ({
  backend,
  requests: perSecond * 20,
  requestsPerSecond: perSecond,
  errorRate,
  p50Ms: 8,
  p99Ms: 10 + perSecond,
});

/** Sixteen looks, in which the service takes over what the monolith had. */
function watched() {
  let history: TrafficHistory = NO_HISTORY;
  let routes: readonly Route[] = [];
  for (let look = 0; look < 16; look++) {
    const service = look > 3 ? [of('billing', look, look > 10 ? 0.01 : 0)] : [];
    routes = [routeOf('getInvoice', [of('monolith', 16 - look), ...service]), routeOf('listInvoices', [])];
    history = addTraffic(history, routes);
  }
  return { routes, history, version: 43, windowSeconds: 20, forSeconds: 32 };
}

describe('the screen that watches a flip', () => {
  it('draws rates and latencies of both backends on one scale, within 80 columns', () => {
    const lines = renderTraffic(watched(), { width: 80, paint: UNPAINTED, now: NOW });
    assert.deepEqual(lines, [
      'version 43, watched for 32 s; figures of the last 20 s',
      'OPERATION    BACKEND  REQ/S             ERRORS    P50    P99',
      'getInvoice   monolith   1.0 ▆▅▅▄▄▃▃▂▂▁▁    0 %   8 ms  11 ms ▇▇▆▆▆▅▅▅▄▄▄',
      '  canary 5 % billing   15.0 ▃▃▄▄▅▅▆▆▇▇█  1.0 %   8 ms  25 ms ▅▅▆▆▆▇▇▇███',
      'listInvoices monolith     0 ···········    0 %      –      –',
      '  canary 5 % billing      0 ···········    0 %      –      –',
      'Ctrl-C ends this; the flags stay as they are',
    ]);
    const wide = renderTraffic(watched(), { width: 120, paint: UNPAINTED, now: NOW });
    assert.match(wide[3] ?? '', /15\.0 {15}····▂▃▃▄▄▅▅▆▆▇▇█/);
    assert.ok(Math.max(...lines.map(textWidth)) <= 80);
  });

  it('remembers no more than it can draw', () => {
    let { history, routes } = watched();
    for (let look = 0; look < 500; look++) history = addTraffic(history, routes);
    assert.deepEqual([...history.keys()].length, 4);
    for (const { rates, p99s } of history.values()) assert.ok(rates.length <= 60 && p99s.length <= 60);
  });

  it('is a line for each backend where it is no terminal', () => {
    assert.deepEqual(printTraffic(watched(), { width: 80, paint: UNPAINTED, now: NOW }), [
      '12:00:00  v43  getInvoice (canary 5 %)  monolith  1.0/s, errors 0 %, p50 8 ms, p99 11 ms',
      '12:00:00  v43  getInvoice (canary 5 %)  billing  15.0/s, errors 1.0 %, p50 8 ms, p99 25 ms',
      '12:00:00  v43  listInvoices (canary 5 %)  monolith  0/s, errors 0 %, p50 –, p99 –',
      '12:00:00  v43  listInvoices (canary 5 %)  billing  0/s, errors 0 %, p50 –, p99 –',
    ]);
  });
});
