import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Changed, Snapshot } from '../admin/types.ts';
import { UNPAINTED } from '../terminal/paint.ts';
import { renderChange } from './change-text.ts';

const LAYOUT = { width: 80, paint: UNPAINTED, now: new Date('2026-11-23T12:00:00Z') };

function snapshotOf(version: number, flags: Snapshot['flags']): Snapshot {
  return { version, at: '2026-11-23T12:00:00.000Z', by: 'ann', reason: 'because', flags };
}
const replica = (name: string, version: number) => ({
  replica: name,
  version,
  recordedVersion: version,
  kills: 0,
  at: '2026-11-23T11:59:58.000Z',
});

const BEFORE = snapshotOf(42, {
  getInvoice: { stage: 'canary', weightPercent: 5, fallback: true },
  getInvoicePdf: { stage: 'service', fallback: true },
});
const CHANGED: Changed = {
  snapshot: snapshotOf(43, {
    getInvoice: { stage: 'canary', weightPercent: 12.5, fallback: false },
    listInvoices: { stage: 'shadow', samplePercent: 10, fallback: true },
    getInvoicePdf: { stage: 'service', fallback: true },
  }),
  effective: true,
  tookMs: 14.4,
  replicas: [replica('gateway-1', 43), replica('gateway-2', 43), replica('gateway-3', 43)],
  set: ['getInvoice', 'listInvoices', 'getInvoicePdf'],
  following: [
    { operationId: 'payInvoice', stage: 'monolith' },
    { operationId: 'createStatement', stage: null },
  ],
  killed: [],
  forced: false,
};

describe('what a change did', () => {
  it('is from and to of each read, what follows the owner, and where it is in force since when', () => {
    assert.deepEqual(renderChange(BEFORE, CHANGED, LAYOUT), [
      'getInvoice       canary 5 % → canary 12.5 %, no fallback',
      'listInvoices     monolith → shadow 10 %',
      'getInvoicePdf    service (as it was)',
      'payInvoice       follows its owner: monolith',
      'createStatement  follows its owner: nobody answers',
      'version 43, in force in all 3 replicas after 14 ms',
    ]);
  });

  it('says that it is forced, or that a kill keeps it from having an effect', () => {
    const changed = { ...CHANGED, set: ['getInvoice'], following: [], forced: true, killed: ['getInvoice'] };
    const [, , ...more] = renderChange(BEFORE, { ...changed, replicas: [replica('one', 43)] }, LAYOUT);
    assert.deepEqual(more, [
      'forced: its service does not say that it is serving, or its breaker is not closed',
      'killed: getInvoice has no effect of this until `banyan kill --lift`',
    ]);
  });

  it('names the replicas in which it is not in force', () => {
    const replicas = [replica('gateway-1', 43), replica('gateway-2', 41)];
    const changed = { ...CHANGED, set: [], following: [], effective: false, tookMs: 1_000, replicas };
    assert.deepEqual(renderChange(BEFORE, changed, LAYOUT), [
      'version 43 is written, but after 1000 ms not yet in force everywhere:',
      '  gateway-2 serves version 41, heard of 2 s ago',
      '`banyan replicas` shows when they have followed.',
    ]);
  });
});
