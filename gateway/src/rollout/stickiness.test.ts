import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BUCKETS, bucketOf, bucketsOf, murmur3 } from './stickiness.ts';

describe('murmur3', () => {
  it('gives the published values', () => {
    // Of https://en.wikipedia.org/wiki/MurmurHash, and of Ian Boyd's and others' at
    // https://stackoverflow.com/questions/14747343/murmurhash3-test-vectors
    const vectors = [
      ['', 0, 0],
      ['', 1, 0x514e28b7],
      ['', 0xffffffff, 0x81f16f39],
      ['\0', 0, 0x514e28b7],
      ['\0\0', 0, 0x30f4c306],
      ['\0\0\0', 0, 0x85f0b427],
      ['\0\0\0\0', 0, 0x2362f9de],
      ['a', 0x9747b28c, 0x7fa09ea6],
      ['aa', 0x9747b28c, 0x5d211726],
      ['aaa', 0x9747b28c, 0x283e0130],
      ['aaaa', 0x9747b28c, 0x5a97808a],
      ['ab', 0x9747b28c, 0x74875592],
      ['abc', 0x9747b28c, 0xc84a62dd],
      ['abcd', 0x9747b28c, 0xf0478627],
      ['test', 0, 0xba6bd213],
      ['test', 0x9747b28c, 0x704b81dc],
      ['Hello, world!', 0, 0xc0363e43],
      ['Hello, world!', 0x9747b28c, 0x24884cba],
      ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
      ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
      ['ππππππππ', 0x9747b28c, 0xd58063c1],
      ['a'.repeat(256), 0x9747b28c, 0x37405bdc],
    ] as const;
    for (const [text, seed, hash] of vectors) assert.equal(murmur3(text, seed), hash, text);
  });
});

describe('a bucket', () => {
  it('is the same for ever: who is in must not change with a release', () => {
    // Of another implementation.
    assert.equal(bucketOf('billing', '1'), 25_518);
    assert.equal(bucketOf('billing', '4711'), 35_111);
    assert.equal(bucketOf('booking', '4711'), 29_676);
    assert.equal(bucketOf('billing', 'zoë@example.com'), 57_370);
  });

  it('is one for each step of a weight, whatever its digits', () => {
    for (let step = 0; step <= BUCKETS; step += 1) {
      const weightPercent = Number(`${Math.floor(step / 1_000)}.${String(step % 1_000).padStart(3, '0')}`);
      assert.equal(bucketsOf(weightPercent), step);
    }
  });
});
