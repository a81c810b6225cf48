import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createBackendHealth } from './backend-health.ts';

const failure = (code?: string) => Object.assign(new Error(`connect ${code} 10.0.0.1:3000`), { code });

it('a backend is away since it first could not be reached, for the reason of the last attempt', () => {
  let nowMs = 1_000;
  const health = createBackendHealth(() => nowMs);
  assert.deepEqual(health.read(), { state: 'unknown', sinceMs: 1_000 });
  nowMs = 2_000;
  health.onUnreachable(failure('ECONNREFUSED'));
  nowMs = 3_000;
  health.onUnreachable(failure('ETIMEDOUT'));
  assert.deepEqual(health.read(), {
    state: 'unreachable',
    sinceMs: 2_000,
    reason: 'no connection in time',
  });
  nowMs = 4_000;
  health.onReachable();
  nowMs = 5_000;
  health.onReachable();
  assert.deepEqual(health.read(), { state: 'reachable', sinceMs: 4_000 });
});

it('a reason holds no address, whatever the error says', () => {
  const health = createBackendHealth(() => 0);
  for (const code of [undefined, 'ECONNREFUSED', 'E_UNHEARD_OF']) {
    health.onUnreachable(failure(code));
    assert.doesNotMatch(health.read().reason ?? '', /10\.0|3000/);
  }
});
