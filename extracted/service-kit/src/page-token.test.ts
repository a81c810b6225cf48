import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readPageToken, writePageToken } from './page-token.ts';

test('a token leads to its place in the list of its filter, and in no other', () => {
  const token = writePageToken(2n ** 62n, 'status=HELD');
  assert.equal(readPageToken(token, 'status=HELD'), 2n ** 62n);
  assert.equal(readPageToken(token, 'status=CANCELLED'), null);
  for (const wrong of ['', 'x', '!', `${token}AAAA`, Buffer.from('12345678-1').toString('base64url')]) {
    assert.equal(readPageToken(wrong, 'status=HELD'), null, wrong);
  }
});
