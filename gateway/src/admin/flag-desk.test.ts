import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { legalStages } from '../rollout/legality.ts';
import { compileRoutes, type OwnerFacts } from '../rollout/routes.ts';
import { INITIAL_SNAPSHOT } from '../rollout/snapshot.ts';
import { OWNERS, type Owner, type ServiceData, STAGES } from '../rollout/stage.ts';
import { judgeCarveOut, judgeRoute } from './flag-desk.ts';
import { Refusal } from './problem.ts';
import type { Standing } from './standing.ts';
import type { WriteRequest } from './write-request.ts';

const CARVED = [
  { operationId: 'getInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'listInvoices', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'payInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'write' },
] as const;
const OPERATIONS = [...CARVED, { operationId: 'getNews' }];
const CURRENT = 7;

function standing(
  owner: OwnerFacts | undefined,
  state: 'serving' | 'not-serving' | 'away' = 'serving',
  breaker: 'closed' | 'open' | 'half-open' = 'closed',
): Standing {
  return {
    operations: OPERATIONS,
    rollout: compileRoutes(CARVED, () => owner, INITIAL_SNAPSHOT, []),
    services: [{ name: 'billing', state, breaker }],
  };
}

const SHARED = standing({ owner: 'monolith', data: 'shared' });

function request(
  body: unknown,
  params: Record<string, string> = { operationId: 'getInvoice' },
): WriteRequest {
  return { params, body, by: 'ann', client: '127.0.0.1', ifMatch: `"${CURRENT}"`, onBehalfOf: undefined };
}

function refusalOf(work: () => unknown): Refusal {
  try {
    work();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

const route = (body: unknown, at: Standing = SHARED) => judgeRoute(request(body), at, CURRENT);

describe('the desk of flags', () => {
  it('fills in what a wish leaves out, and nothing that has no meaning', () => {
    const reason = 'r';
    const flagOf = (wish: Record<string, unknown>) => route({ reason, ...wish }).change.flags.getInvoice;
    assert.deepEqual(flagOf({ stage: 'monolith' }), { stage: 'monolith', fallback: true });
    assert.deepEqual(flagOf({ stage: 'service', fallback: false }), { stage: 'service', fallback: false });
    assert.deepEqual(flagOf({ stage: 'shadow' }), { stage: 'shadow', samplePercent: 100, fallback: true });
    assert.deepEqual(flagOf({ stage: 'canary', weightPercent: 0 }), {
      stage: 'canary',
      weightPercent: 0,
      fallback: true,
    });
  });

  it('makes one change of all reads of a carve-out, and names the writes that follow', () => {
    const wish = request({ stage: 'service', reason: 'all of it' }, { name: 'billing' });
    const { change, writes } = judgeCarveOut(wish, SHARED, CURRENT);
    assert.deepEqual(Object.keys(change.flags), ['getInvoice', 'listInvoices']);
    assert.deepEqual(
      [change.action, change.target, change.expectedVersion, change.forced],
      ['set-carve-out', 'billing', CURRENT, false],
    );
    assert.deepEqual(change.author, { by: 'ann', reason: 'all of it', client: '127.0.0.1' });
    assert.deepEqual(
      writes.map(({ operationId }) => operationId),
      ['payInvoice'],
    );
  });

  const bodies: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
    ['no stage', { reason: 'r' }, ['stage: must be there']],
    [
      'a stage that is none',
      { stage: 'blue', reason: 'r' },
      ['stage: must be one of monolith, shadow, canary, service; got "blue"'],
    ],
    [
      'a weight beyond its range',
      { stage: 'canary', weightPercent: 140, reason: 'r' },
      ['weightPercent: must be a number from 0 to 100 in steps of 0.001; got 140'],
    ],
    [
      'a weight of a finer step',
      { stage: 'canary', weightPercent: 0.0001, reason: 'r' },
      ['weightPercent: must be a number from 0 to 100 in steps of 0.001; got 0.0001'],
    ],
    [
      'a weight as text',
      { stage: 'canary', weightPercent: '5', reason: 'r' },
      ['weightPercent: must be a number from 0 to 100 in steps of 0.001; got "5"'],
    ],
    [
      'no weight at canary',
      { stage: 'canary', reason: 'r' },
      ['weightPercent: must be there at canary: the percent of accounts that go to the service'],
    ],
    [
      'a weight elsewhere',
      { stage: 'service', weightPercent: 5, reason: 'r' },
      ['weightPercent: has a meaning at canary alone, not at service'],
    ],
    [
      'a sample elsewhere',
      { stage: 'monolith', samplePercent: 5, reason: 'r' },
      ['samplePercent: has a meaning at shadow alone, not at monolith'],
    ],
    [
      'everything at once',
      { stage: 'canary', fallback: 'yes', force: 1, reason: '', weight: 5 },
      [
        'fallback: must be true or false; got "yes"',
        'force: must be true or false; got 1',
        'reason: must be a line of 1 to 500 characters that says why; got ""',
        'weight: is none of stage, weightPercent, samplePercent, fallback, force, reason; got 5',
        'weightPercent: must be there at canary: the percent of accounts that go to the service',
      ],
    ],
  ];
  for (const [what, body, expected] of bodies) {
    it(`names field, rule and value: ${what}`, () => {
      const { kind, facts } = refusalOf(() => route(body));
      assert.equal(kind, 'invalid-value');
      const faults = facts.faults as { field: string; rule: string; got?: string }[];
      assert.deepEqual(
        faults.map(({ field, rule, got }) => `${field}: ${rule}${got === undefined ? '' : `; got ${got}`}`),
        expected,
      );
    });
  }

  it('lets through exactly the stages that are legal, and says of the others which are and why', () => {
    const weightOf = (stage: string) => (stage === 'canary' ? { weightPercent: 5 } : {});
    for (const owner of [...OWNERS, undefined]) {
      for (const data of ['shared', 'followed', 'none'] as const satisfies readonly ServiceData[]) {
        const at = standing(owner && { owner, data });
        const known = owner === undefined ? 'none' : data;
        for (const stage of STAGES) {
          const judge = () => route({ stage, reason: 'r', ...weightOf(stage) }, at);
          if (legalStages(owner, known).includes(stage)) {
            assert.equal(judge().change.flags.getInvoice?.stage, stage);
            continue;
          }
          const { kind, facts, message } = refusalOf(judge);
          assert.equal(kind, 'unlawful-stage');
          assert.match(message, why(owner));
          assert.deepEqual(facts.reads, [
            {
              operationId: 'getInvoice',
              wanted: stage,
              owner: owner ?? 'unknown',
              data: known,
              legalStages: legalStages(owner, known),
            },
          ]);
        }
      }
    }
  });

  it('lets flags be set while a kill holds: they count when it is lifted', () => {
    const killed: Standing = {
      ...SHARED,
      rollout: compileRoutes(CARVED, () => ({ owner: 'monolith', data: 'shared' }), INITIAL_SNAPSHOT, [
        { target: '*' },
      ]),
    };
    assert.equal(route({ stage: 'service', reason: 'r' }, killed).change.flags.getInvoice?.stage, 'service');
  });

  it('sends no client to a service that does not serve, unless it is forced, and says in the change that it was', () => {
    const at = (state: 'serving' | 'not-serving' | 'away') =>
      standing({ owner: 'monolith', data: 'shared' }, state);
    for (const state of ['not-serving', 'away'] as const) {
      for (const wish of [{ stage: 'service' }, { stage: 'canary', weightPercent: 1 }]) {
        const { kind, facts } = refusalOf(() => route({ ...wish, reason: 'r' }, at(state)));
        assert.deepEqual([kind, facts], ['service-not-serving', { service: 'billing', state }]);
        assert.equal(route({ ...wish, force: true, reason: 'r' }, at(state)).change.forced, true);
        assert.equal(route({ ...wish, force: true, reason: 'r' }, at('serving')).change.forced, false);
      }
      for (const stage of ['monolith', 'shadow']) {
        assert.equal(route({ stage, reason: 'r' }, at(state)).change.forced, false);
      }
    }
    for (const breaker of ['open', 'half-open'] as const) {
      const failing = standing({ owner: 'monolith', data: 'shared' }, 'serving', breaker);
      const { kind, facts } = refusalOf(() => route({ stage: 'service', reason: 'r' }, failing));
      assert.deepEqual(
        [kind, facts],
        ['service-not-serving', { service: 'billing', state: 'breaker-open' }],
        'one that answers nothing but questions for its health',
      );
      assert.equal(route({ stage: 'service', force: true, reason: 'r' }, failing).change.forced, true);
    }
    const { kind } = refusalOf(() => route({ stage: 'service', reason: 'r' }, { ...SHARED, services: [] }));
    assert.equal(kind, 'service-not-serving', 'of a service that nobody has heard of');
  });

  it('says that it is stale before what else is wrong with a change that nobody would make now', () => {
    const stale = { ...request({ stage: 'service', reason: 'r' }), ifMatch: '"6"' };
    const { kind, facts } = refusalOf(() =>
      judgeRoute(stale, standing({ owner: 'monolith', data: 'none' }), CURRENT),
    );
    assert.deepEqual([kind, facts], ['stale-version', { expected: 6, current: CURRENT }]);
  });

  it('changes nothing of what it is given, and answers whatever is sent with a change or a refusal', () => {
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          stage: fc.oneof(fc.constantFrom(...STAGES), fc.jsonValue()),
          weightPercent: fc.oneof(fc.double({ min: -1, max: 101 }), fc.integer(), fc.jsonValue()),
          samplePercent: fc.oneof(fc.double(), fc.jsonValue()),
          fallback: fc.oneof(fc.boolean(), fc.jsonValue()),
          force: fc.oneof(fc.boolean(), fc.jsonValue()),
          reason: fc.oneof(fc.string(), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(
        anything,
        fc.string(),
        fc.constantFrom<Owner | undefined>(...OWNERS, undefined),
        (body, name, owner) => {
          const at = standing(owner && { owner, data: 'shared' });
          const target = { operationId: name || 'getInvoice', name: name || 'billing' };
          const asked = JSON.stringify(body);
          for (const params of [target, { operationId: 'getInvoice', name: 'billing' }]) {
            for (const judge of [judgeRoute, judgeCarveOut]) {
              try {
                const { change } = judge(request(body, params), at, CURRENT);
                for (const flag of Object.values(change.flags)) {
                  assert.ok(legalStages(owner, 'shared').includes(flag.stage));
                  assert.equal(flag.weightPercent !== undefined, flag.stage === 'canary');
                  assert.equal(flag.samplePercent !== undefined, flag.stage === 'shadow');
                }
              } catch (error) {
                assert.ok(error instanceof Refusal, String(error));
              }
            }
          }
          assert.equal(JSON.stringify(body), asked);
        },
      ),
    );
  });
});

function why(owner: Owner | undefined): RegExp {
  switch (owner) {
    case 'monolith':
      return /the monolith owns the data and the service has none of it \(data: none\), so it can only be at monolith/;
    case 'service':
      return /its service owns the data, so it can only be at service/;
    case 'nobody':
      return /being copied and nobody owns it, so no stage is legal/;
    case undefined:
      return /nobody has said yet who owns its data, so no stage is legal/;
  }
}
