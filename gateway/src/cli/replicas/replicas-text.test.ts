import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Replicas } from '../admin/types.ts';
import { UNPAINTED } from '../terminal/paint.ts';
import { renderEach, renderReplicas } from './replicas-text.ts';

const LAYOUT = { width: 80, paint: UNPAINTED, now: new Date('2026-11-23T12:00:00Z') };
const ASKED: NonNullable<Replicas['asked']> = {
  store: 'redis',
  state: 'reachable',
  since: '2026-11-23T11:30:00.000Z',
  version: 43,
  stalenessMs: 310,
  kills: 0,
  pendingAudit: 0,
};
const replica = (name: string, version: number, kills: number) => ({
  replica: name,
  version,
  recordedVersion: version,
  kills,
  at: '2026-11-23T11:59:58.000Z',
});

describe('the replicas', () => {
  it('are shown with what they serve, who is behind, and how the store is', () => {
    const replicas = [replica('gateway-1', 43, 0), replica('gateway-2', 41, 2)];
    assert.deepEqual(renderReplicas({ asked: ASKED, replicas }, LAYOUT), [
      'REPLICA         SERVES  RECORDED  KILLS  HEARD OF',
      'gateway-1           43        43      0  2 s ago',
      'gateway-2  41 (behind)        41      2  2 s ago',
      '',
      'the store (redis) has been reachable for 30 min',
      'version 43, last confirmed now',
    ]);
  });

  it('are shown together where each knows of itself alone, with what each says of the store', () => {
    const away = { ...ASKED, state: 'away', reason: 'ECONNREFUSED', stalenessMs: 65_000 } as const;
    const known = { ...replica('gateway-2', 40, 0), at: '2026-11-23T11:50:00.000Z' };
    const answers = [
      { url: 'http://a:8081', answer: { asked: away, replicas: [known, replica('gateway-1', 43, 0)] } },
      { url: 'http://b:8081', answer: { asked: away, replicas: [replica('gateway-2', 41, 2)] } },
    ];
    const store = [
      'the store (redis) has been away for 30 min (ECONNREFUSED): traffic goes on, flips are refused',
      'version 43, last confirmed 1 min ago',
    ];
    assert.deepEqual(renderEach(answers, LAYOUT), [
      'REPLICA         SERVES  RECORDED  KILLS  HEARD OF',
      'gateway-2  41 (behind)        41      2  2 s ago',
      'gateway-1           43        43      0  2 s ago',
      '',
      'http://a:8081',
      ...store,
      '',
      'http://b:8081',
      ...store,
    ]);
  });

  it('say what a store that is not as it should be means', () => {
    const tell = (asked: Partial<typeof ASKED>) =>
      renderReplicas({ asked: { ...ASKED, ...asked }, replicas: [] }, LAYOUT).slice(2);
    assert.deepEqual(tell({ state: 'away', reason: 'ECONNREFUSED', stalenessMs: 65_000, pendingAudit: 1 }), [
      'the store (redis) has been away for 30 min (ECONNREFUSED): traffic goes on, flips are refused',
      'version 43, last confirmed 1 min ago',
      '1 audit entry waiting for the store',
    ]);
    assert.match(tell({ state: 'behind' })[0] ?? '', /`banyan flag restore` mends it/);
    assert.match(tell({ state: 'corrupt' })[0] ?? '', /flips are refused/);
    assert.match(tell({ state: 'starting', stalenessMs: null })[1] ?? '', /last confirmed never/);
    assert.deepEqual(renderReplicas({ asked: null, replicas: [] }, LAYOUT), [
      'No replica is heard of.',
      '',
      'Nothing is carved out, so there are no flags.',
    ]);
  });
});
