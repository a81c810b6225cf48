import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeFaults } from '../config/fault.ts';
import { findIdentityFaults, readIdentityKeysText } from './identity-settings.ts';

const SECRET = Buffer.alloc(32, 1).toString('base64url');
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

  it('take keys, or a file of them; every fault of the keys is told', () => {
    assert.deepEqual(readIdentityKeysText(`k1:${SECRET}`), { value: `k1:${SECRET}` });
    assert.deepEqual(readIdentityKeysText('@/run/secrets/keys'), { value: '@/run/secrets/keys' });
    const read = readIdentityKeysText('one,two:x,@file');
    assert.equal('faults' in read && read.faults.length, 3);
    assert.equal('faults' in readIdentityKeysText('@'), true);
  });
});
