import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFaults } from '../config/fault.ts';
import { findIdentityFaults } from './identity-settings.ts';

const none = { configFile: 'banyan.config.ts', hasAdapter: false, hasKeys: false };

describe('settings of identity', () => {
  it('are asked for, all at once, where something is carved out, and only there', () => {
    assert.deepEqual(findIdentityFaults({ ...none, activeCarveOuts: [] }), []);
    const faults = findIdentityFaults({ ...none, activeCarveOuts: ['billing', 'booking'] });
    assert.deepEqual(
      faults.map(({ name }) => name),
      ['BANYAN_IDENTITY_KEYS', 'banyan.config.ts: identity'],
    );
    assert.match(describeFaults(faults), /BANYAN_IDENTITY_KEYS: must be set .*billing, booking.*k1:</);
    assert.deepEqual(
      findIdentityFaults({ ...none, activeCarveOuts: ['billing'], hasAdapter: true, hasKeys: true }),
      [],
    );
  });
});
