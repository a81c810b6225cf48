import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readKeysText } from './keys-text.ts';

const SECRET = Buffer.alloc(32, 1).toString('base64url');

describe('a variable of keys', () => {
  it('takes keys, or a file of them; every fault of the keys is told', () => {
    assert.deepEqual(readKeysText(`k1:${SECRET}`), { value: `k1:${SECRET}` });
    assert.deepEqual(readKeysText('@/run/secrets/keys'), { value: '@/run/secrets/keys' });
    const read = readKeysText('one,two:x,@file');
    assert.equal('faults' in read && read.faults.length, 3);
    assert.equal('faults' in readKeysText('@'), true);
  });
});
