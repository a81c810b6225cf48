import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOverrideNames } from './override-names.ts';

const names = createOverrideNames(
  [{ operationId: 'getInvoice' }, { operationId: 'payInvoice' }, { operationId: 'getNews' }],
  [{ name: 'billing', operations: { getInvoice: { kind: 'read' }, payInvoice: { kind: 'write' } } }],
);

describe('the names in an override', () => {
  it('are of operations that the contract has and of carve-outs that are declared', () => {
    assert.equal(
      names.faultOf({ getInvoice: 'service', billing: 'monolith', getNews: 'service' }),
      undefined,
    );
    assert.equal(names.faultOf({}), undefined);
    for (const name of ['getInvoices', 'booking', 'constructor', '__proto__']) {
      const sides = Object.fromEntries([['billing', 'service'] as const, [name, 'service'] as const]);
      assert.match(names.faultOf(sides) ?? '', new RegExp(`names "${name}", which is no operation`));
    }
  });

  it('are of no write, which follows its owner', () => {
    assert.match(names.faultOf({ billing: 'service', payInvoice: 'monolith' }) ?? '', /payInvoice, a write/);
  });

  it('stand for the carve-out that is declared for a read', () => {
    const carveOuts = ['getInvoice', 'payInvoice', 'getNews', 'constructor'].map(names.carveOutOf);
    assert.deepEqual(carveOuts, ['billing', undefined, undefined, undefined]);
  });
});
