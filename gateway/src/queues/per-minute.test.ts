import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { perMinute } from './per-minute.ts';

const MINUTE = 60_000;
/** At half of the minute that runs. */
const NOW = 1_000 * MINUTE + 30_000;
const at = (minute: number) => (1_000 + minute) * MINUTE + 10_000;

describe('how many end per minute', () => {
  it('is of the minute that runs and the five before it', () => {
    const meta = { count: 1_000, prevTS: at(0), prevCount: 989 };
    // 11 in this minute; then 1, 2, 3, 4, 5 before; what is older does not count.
    assert.equal(perMinute({ meta, data: [1, 2, 3, 4, 5, 600] }, NOW), (11 + 15) / 5.5);
  });

  it('falls when nothing ends any more, though nobody writes that down', () => {
    const meta = { count: 100, prevTS: at(-4), prevCount: 90 };
    assert.equal(perMinute({ meta, data: [7, 80] }, NOW), (10 + 7) / 5.5);
    assert.equal(perMinute({ meta: { ...meta, prevTS: at(-6) }, data: [7, 80] }, NOW), 0);
  });

  it('is nothing where nothing was ever counted', () => {
    assert.equal(perMinute({ meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [] }, NOW), 0);
  });
});
