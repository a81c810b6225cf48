import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import type { BackendTraffic, Route } from '../admin/types.ts';
import { PAINTED, UNPAINTED } from '../terminal/paint.ts';
import { textWidth } from '../terminal/plain-text.ts';
import { renderRoutes } from './routes-table.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const ago = (seconds: number) => new Date(NOW.getTime() - seconds * 1_000).toISOString();

function traffic(
  backend: string,
  perSecond: number,
  errorRate: number,
  p50Ms: number,
  p99Ms: number,
): BackendTraffic {
  return { backend, requests: perSecond * 300, requestsPerSecond: perSecond, errorRate, p50Ms, p99Ms };
}

const FREE: Route = {
  operationId: 'getSession',
  method: 'GET',
  path: '/session',
  carveOut: null,
  kind: 'read',
  stage: 'monolith',
  weightPercent: 0,
  owner: 'monolith',
  epoch: null,
  lastMonolithHit: ago(3),
  data: null,
  legalStages: [],
  wantedStage: null,
  fallback: null,
  samplePercent: 0,
  killed: false,
  lastFlip: null,
  traffic: [],
  shadow: null,
};
const BILLING: Route = {
  ...FREE,
  carveOut: 'billing',
  epoch: 1,
  data: 'shared',
  wantedStage: 'monolith',
  fallback: true,
};
const ROUTES: readonly Route[] = [
  { ...FREE, traffic: [traffic('monolith', 104, 0.0002, 3, 12)], lastMonolithHit: ago(0) },
  { ...FREE, operationId: 'streamFlightStatus', lastMonolithHit: null },
  {
    ...BILLING,
    operationId: 'getInvoice',
    stage: 'canary',
    wantedStage: 'canary',
    weightPercent: 12.5,
    lastFlip: { at: ago(130), by: 'ann', reason: 'first accounts', version: 42 },
    traffic: [traffic('monolith', 12.1, 0, 8, 21), traffic('billing', 1.6, 0.012, 12, 1_400)],
  },
  {
    ...BILLING,
    operationId: 'getBookingInvoice',
    stage: 'shadow',
    wantedStage: 'shadow',
    samplePercent: 10,
    lastFlip: {
      at: ago(4_000),
      by: 'operator',
      reason: 'compare it on a Monday morning,\u001b[31m with all the partners that come then',
      version: 40,
    },
    traffic: [traffic('monolith', 1_234, 0, 8, 21)],
    shadow: { compared: 1_204, different: 3 },
  },
  { ...BILLING, operationId: 'getInvoicePdf', killed: true, wantedStage: 'service' },
  {
    ...BILLING,
    operationId: 'exportInvoices',
    stage: 'service',
    wantedStage: 'service',
    weightPercent: 100,
    fallback: false,
    lastMonolithHit: ago(259_200),
    traffic: [traffic('billing', 0.04, 0, 20, 90)],
  },
  { ...BILLING, operationId: 'payInvoice', kind: 'write', wantedStage: null, fallback: null },
  { ...BILLING, carveOut: 'seats', data: 'none', operationId: 'listSeats', wantedStage: 'service' },
  {
    ...BILLING,
    carveOut: 'booking',
    owner: 'service',
    epoch: 2,
    operationId: 'listBookings',
    stage: 'service',
    weightPercent: 100,
    killed: true,
    lastMonolithHit: ago(7_200),
    traffic: [traffic('booking', 55, 0, 5, 19)],
  },
  { ...BILLING, carveOut: 'mail', owner: 'unknown', epoch: null, operationId: 'listMails', stage: null },
];

const render = (width: number) => renderRoutes(ROUTES, { width, paint: UNPAINTED, now: NOW });

describe('the table of routes', () => {
  it('stands in 80 columns, with what is not as one expects below each operation', () => {
    const lines = render(80);
    assert.deepEqual(lines, [
      'OPERATION          RW STAGE         BACKEND  REQ/S ERRORS   P50   P99 MONOLITH',
      'not carved out: the monolith answers',
      'getSession         r  monolith      monolith   104 <0.1 %  3 ms 12 ms now',
      'streamFlightStatus r  monolith      –                                 never',
      '',
      "billing: the monolith owns (epoch 1), its service reads the monolith's tables",
      'getInvoice         r  canary 12.5 % monolith  12.1    0 %  8 ms 21 ms 3 s ago',
      '  2 min ago by ann: first accounts  billing    1.6  1.2 % 12 ms 1.4 s',
      'getBookingInvoice  r  shadow 10 %   monolith 1,234    0 %  8 ms 21 ms 3 s ago',
      '  1 h ago by operator: compare it on a Monday morning,\\u001b[31m with all the p…',
      '  1,204 compared, 3 different',
      'getInvoicePdf      r  monolith      –                                 3 s ago',
      '  killed; its flag says service',
      'exportInvoices     r  service       billing   <0.1    0 % 20 ms 90 ms 3 d ago',
      '  without fallback',
      'payInvoice         w  monolith      –                                 3 s ago',
      '',
      'seats: the monolith owns (epoch 1), its service has no data',
      'listSeats          r  monolith      –                                 3 s ago',
      '  its flag says service, not legal now',
      '',
      'booking: its service owns (epoch 2), and answers whatever the flags say',
      'listBookings       r  service       booking   55.0    0 %  5 ms 19 ms 2 h ago',
      '  killed; without effect: its service owns',
      '',
      'mail: who owns is not known yet',
      'listMails          r  nobody        –                                 3 s ago',
    ]);
    assert.ok(Math.max(...lines.map(textWidth)) <= 80);
  });

  it('has the last flip beside it in 120 columns', () => {
    const lines = render(120);
    assert.deepEqual(lines.slice(0, 11), [
      'OPERATION           KIND   STAGE          BACKEND   REQ/S  ERRORS    P50    P99  MONOLITH  LAST FLIP',
      'not carved out: the monolith answers',
      'getSession          read   monolith       monolith    104  <0.1 %   3 ms  12 ms  now',
      'streamFlightStatus  read   monolith       –                                      never',
      '',
      "billing: the monolith owns (epoch 1), its service reads the monolith's tables",
      'getInvoice          read   canary 12.5 %  monolith   12.1     0 %   8 ms  21 ms  3 s ago   2 min ago by ann: first acco…',
      '                                          billing     1.6   1.2 %  12 ms  1.4 s',
      'getBookingInvoice   read   shadow 10 %    monolith  1,234     0 %   8 ms  21 ms  3 s ago   1 h ago by operator: compare…',
      '  1,204 compared, 3 different',
      'getInvoicePdf       read   monolith       –                                      3 s ago',
    ]);
    assert.equal(Math.max(...lines.map(textWidth)), 120);
  });

  it('is cut nowhere for a program, and stands the same in colours', () => {
    assert.ok(render(Number.POSITIVE_INFINITY).some((line) => line.endsWith('the partners that come then')));
    const painted = renderRoutes(ROUTES, { width: 80, paint: PAINTED, now: NOW });
    assert.deepEqual(
      painted.map((line) => stripVTControlCharacters(line)),
      render(80),
    );
    assert.notDeepEqual(painted, render(80));
  });
});
