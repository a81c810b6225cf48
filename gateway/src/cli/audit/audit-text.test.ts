import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditEntry } from '../admin/types.ts';
import { UNPAINTED } from '../terminal/paint.ts';
import { textWidth } from '../terminal/plain-text.ts';
import { renderAudit } from './audit-text.ts';

const LAYOUT = { width: 80, paint: UNPAINTED, now: new Date('2026-11-23T12:00:00Z') };
const ENTRY: AuditEntry = {
  id: 'a-1',
  version: 42,
  at: '2026-11-23T11:58:02.123Z',
  by: 'ann',
  reason: 'first accounts',
  action: 'set-route',
  target: 'getInvoice',
  from: { getInvoice: null },
  to: { getInvoice: { stage: 'canary', weightPercent: 12.5, fallback: true } },
  replica: 'gateway-8080',
  client: '127.0.0.1',
};
const SERVICE = { stage: 'service', fallback: true } as const;
const none = { version: null, from: {}, to: {} };
const LETTER = '0198c4b2-7f00-7000-8000-000000000001';
const ENTRIES: readonly AuditEntry[] = [
  { ...ENTRY, ...none, action: 'discard-dead-letters', target: `billing-events/${LETTER}` },
  { ...ENTRY, ...none, action: 'retry-dead-letters', target: 'billing-events: 12 of bookingPlaced' },
  { ...ENTRY, ...none, action: 'discard-dead-letters', target: 'booking-events: 1' },
  { ...ENTRY, ...none, action: 'mint-override', target: '5f0c: billing=service for account 7' },
  {
    ...ENTRY,
    ...none,
    action: 'mint-override',
    target: '01a7b1de-77c8-4d70-9d3c-0f6ea1d8a7a1: billing=service,getInvoice=monolith',
  },
  { ...ENTRY, version: 46, action: 'set-carve-out', target: 'billing', from: {}, to: {} },
  { ...ENTRY, ...none, action: 'lift-kill', target: '*', by: 'operator', onBehalfOf: 'ann@desk' },
  { ...ENTRY, ...none, action: 'kill', target: 'billing', reason: 'wrong\u001b[2J totals' },
  { ...ENTRY, version: 45, action: 'restore', target: '*', from: {}, to: {} },
  {
    ...ENTRY,
    version: 44,
    action: 'set-carve-out',
    target: 'billing',
    forced: true,
    onBehalfOf: 'ann@desk',
    from: { getInvoice: null, listInvoices: SERVICE },
    to: { getInvoice: SERVICE, listInvoices: SERVICE },
  },
  {
    ...ENTRY,
    version: 43,
    action: 'set-carve-out',
    target: 'billing',
    from: { getInvoice: null, listInvoices: null },
    to: { getInvoice: SERVICE, listInvoices: SERVICE },
  },
  ENTRY,
];

describe('the audit', () => {
  it('is what was done by whom, and why, within 80 columns', () => {
    const lines = renderAudit({ entries: [...ENTRIES], isLocal: true, next: 'a-1' }, LAYOUT);
    assert.deepEqual(lines, [
      'WHEN (UTC)           VERSION  BY        WHAT',
      '2026-11-23 11:58:02        –  ann       discarded a letter of billing-events',
      '                                          0198c4b2-7f00-7000-8000-000000000001',
      '                              first accounts',
      '2026-11-23 11:58:02        –  ann       retried 12 letters of billing-events',
      '                                          bookingPlaced',
      '                              first accounts',
      '2026-11-23 11:58:02        –  ann       discarded 1 letter of booking-events',
      '                              first accounts',
      '2026-11-23 11:58:02        –  ann       override billing=service',
      '                                          for account 7',
      '                                          5f0c',
      '                              first accounts',
      '2026-11-23 11:58:02        –  ann       override',
      '                                          billing=service',
      '                                          getInvoice=monolith',
      '                                          01a7b1de-77c8-4d70-9d3c-0f6ea1d8a7a1',
      '                              first accounts',
      '2026-11-23 11:58:02       46  ann       billing: no change',
      '                              first accounts',
      '2026-11-23 11:58:02        –  operator  lifted the kill of every read',
      '                                          at gateway-8080',
      '                              first accounts (for ann@desk)',
      '2026-11-23 11:58:02        –  ann       killed billing',
      '                                          at gateway-8080',
      '                              wrong\\u001b[2J totals',
      '2026-11-23 11:58:02       45  ann       restored the flags to the store',
      '                              first accounts',
      '2026-11-23 11:58:02       44  ann       billing, 2 reads:',
      '                                          getInvoice: monolith → service',
      '                                          listInvoices: service (as it was)',
      '                              first accounts (forced, for ann@desk)',
      '2026-11-23 11:58:02       43  ann       billing, 2 reads: monolith → service',
      '                              first accounts',
      '2026-11-23 11:58:02       42  ann       getInvoice: monolith → canary 12.5 %',
      '                              first accounts',
      '',
      'The store is away: this is what the replica itself has recorded.',
      '',
      'older ones: banyan audit --before a-1',
    ]);
    assert.ok(Math.max(...lines.map(textWidth)) <= 80);
  });

  it('is empty, and says so', () => {
    assert.deepEqual(renderAudit({ entries: [], isLocal: false, next: null }, LAYOUT), [
      'Nothing was ever changed.',
    ]);
  });
});
