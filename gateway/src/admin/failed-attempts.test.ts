import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createFailedAttempts } from './failed-attempts.ts';

function attemptsAt(clock: { ms: number }) {
  const attempts = createFailedAttempts(() => clock.ms);
  return (address: string, times: number) =>
    Array.from({ length: times }, () => attempts.onFailure(address)).at(-1);
}

describe('wrong tokens', () => {
  it('are counted by address, and limited beyond ten within a minute', () => {
    const clock = { ms: 5_000 };
    const fail = attemptsAt(clock);
    assert.deepEqual(fail('10.0.0.1', 10), { kind: 'counted', count: 10 });
    clock.ms += 12_500;
    assert.deepEqual(fail('10.0.0.1', 1), { kind: 'limited', count: 11, retryAfterSeconds: 48 });
    assert.deepEqual(fail('10.0.0.2', 1), { kind: 'counted', count: 1 });
  });

  it('are forgotten when the minute is over, however many came in it', () => {
    const clock = { ms: 0 };
    const fail = attemptsAt(clock);
    assert.equal(fail('10.0.0.1', 500)?.kind, 'limited');
    clock.ms = 59_999;
    assert.deepEqual(fail('10.0.0.1', 1), { kind: 'limited', count: 501, retryAfterSeconds: 1 });
    clock.ms = 60_000;
    assert.deepEqual(fail('10.0.0.1', 1), { kind: 'counted', count: 1 });
  });

  it('are counted for the whole /64 of an IPv6 address', () => {
    const fail = attemptsAt({ ms: 0 });
    fail('2001:db8:1:2:aaaa::1', 10);
    assert.equal(fail('2001:db8:1:2::2', 1)?.kind, 'limited');
    assert.equal(fail('2001:db8:1:2:0:0:0:3', 1)?.kind, 'limited');
    assert.equal(fail('2001:db8:1:3::2', 1)?.kind, 'counted');
    assert.equal(fail('::1', 1)?.kind, 'counted');
    assert.equal(fail('::2', 1)?.count, 2);
    assert.equal(fail('fe80::1', 1)?.count, 1);
  });

  it('are remembered of a thousand addresses, the first of which is forgotten for the next', () => {
    const fail = attemptsAt({ ms: 0 });
    fail('first', 10);
    for (let index = 0; index < 999; index += 1) fail(`address-${index}`, 1);
    assert.equal(fail('first', 1)?.kind, 'limited');
    fail('one-more', 1);
    assert.deepEqual(fail('first', 1), { kind: 'counted', count: 1 });
  });
});
