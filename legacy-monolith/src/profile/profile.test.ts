import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePhotoName, photoTypeOf, photoUrl } from './profile.ts';

test("a photo's address names account, content and kind, and is read back", () => {
  const url = photoUrl('7', '9f86d081884c7d65', 'image/jpeg');
  assert.equal(url, '/photos/7-9f86d081.jpg');
  assert.deepEqual(parsePhotoName('7-9f86d081.jpg'), {
    accountId: '7',
    hashStart: '9f86d081',
    type: 'image/jpeg',
  });
  for (const name of ['7-9f86d08.jpg', '07-9f86d081.jpg', '7-9F86D081.jpg', '7-9f86d081.gif', '../7', '']) {
    assert.equal(parsePhotoName(name), null, name);
  }
});

test('the kind of an image is told by its first bytes', () => {
  assert.equal(photoTypeOf(Buffer.from('ffd8ffe000104a46', 'hex')), 'image/jpeg');
  assert.equal(photoTypeOf(Buffer.from('89504e470d0a1a0a00', 'hex')), 'image/png');
  for (const text of ['', 'GIF89a', '<svg/>', '\x89PNG']) assert.equal(photoTypeOf(Buffer.from(text)), null);
});
