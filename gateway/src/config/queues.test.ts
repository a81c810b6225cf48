import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfigFile } from './config-file.ts';
import { parseConfig } from './parse-config.ts';
import { findQueueFaults } from './queues.ts';

const MONOLITH = 'http://127.0.0.1:3000';
const REDIS = 'redis://127.0.0.1:6379';
const QUEUES = [
  { name: 'billing-events', consumer: 'billing', takes: ['bookingPlaced', 'holdExpired'] },
  { name: 'booking-events', consumer: 'monolith', takes: 'rest' },
  { name: 'billing-jobs', consumer: 'billing', takes: 'jobs' },
] as const;

const faultsOf = (queues: unknown, carveOuts: readonly string[] = ['billing', 'booking']): string[] =>
  findQueueFaults(queues, carveOuts, 'c.ts').map(
    ({ name, rule, got }) =>
      `${name.replace('c.ts: ', '')} ${rule}${got === undefined ? '' : `; got ${got}`}`,
  );

describe('queues', () => {
  it('are taken as they are named, of events, of the rest and of jobs', () => {
    assert.deepEqual(faultsOf(QUEUES), []);
    assert.deepEqual(faultsOf(undefined), []);
  });

  const cases: [string, unknown, string[]][] = [
    ['what is no list', { a: 1 }, [String.raw`queues must be a list; got "{\"a\":1}"`]],
    [
      'what is no queue',
      ['billing-events', null],
      [
        'queues.0 must be a queue: name, consumer, takes; got "billing-events"',
        'queues.1 must be a queue: name, consumer, takes; got "null"',
      ],
    ],
    [
      'a queue of nothing, and what nobody declared',
      [{ of: 'billing' }],
      [
        'queues.0.of is no key of the configuration',
        'queues.0.name is missing',
        'queues.0.consumer is missing',
        'queues.0.takes is missing',
      ],
    ],
    [
      'names that Redis or a label would not bear, and one that is there twice',
      ['a:b', 'B', '1a', `a${'b'.repeat(63)}`, 'twice', 'twice'].map((name, index) => ({
        name,
        consumer: 'monolith',
        takes: [`type${index}`],
      })),
      [
        'queues.0.name must be up to 63 lower-case letters, digits and dashes, a letter first; got "a:b"',
        'queues.1.name must be up to 63 lower-case letters, digits and dashes, a letter first; got "B"',
        'queues.2.name must be up to 63 lower-case letters, digits and dashes, a letter first; got "1a"',
        `queues.3.name must be up to 63 lower-case letters, digits and dashes, a letter first; got "a${'b'.repeat(63)}"`,
        'queues.5.name must be a name of its own; got "twice"',
      ],
    ],
    [
      'a consumer that is not there',
      [{ name: 'seats', consumer: 'seating', takes: 'rest' }],
      ['queues.0.consumer must be the name of a carve-out, or monolith; got "seating"'],
    ],
    [
      'events that go nowhere, to two queues, or as jobs',
      [
        { name: 'none', consumer: 'monolith', takes: [] },
        { name: 'other', consumer: 'monolith', takes: 'others' },
        { name: 'one', consumer: 'monolith', takes: ['bookingPlaced', 'Booking', 'job', 7] },
        { name: 'two', consumer: 'booking', takes: ['holdExpired', 'bookingPlaced'] },
      ],
      [
        'queues.0.takes must be a list of types of events, "rest" or "jobs"; got "[]"',
        'queues.1.takes must be a list of types of events, "rest" or "jobs"; got "others"',
        'queues.2.takes.1 must be a type of event, such as bookingPlaced; got "Booking"',
        'queues.2.takes.2 must be a type of event, such as bookingPlaced; got "job"',
        'queues.2.takes.3 must be a type of event, such as bookingPlaced; got "7"',
        'queues.3.takes.1 must be in one queue alone, and one takes it; got "bookingPlaced"',
      ],
    ],
    [
      'two queues of events that one service would have to take from',
      [
        { name: 'a', consumer: 'billing', takes: ['bookingPlaced'] },
        { name: 'b', consumer: 'billing', takes: ['holdExpired'] },
      ],
      ['queues.1.consumer must have one queue of events, and has a; got "billing"'],
    ],
    [
      'two queues of the rest or of the same jobs, and jobs of the monolith',
      [
        { name: 'a', consumer: 'billing', takes: 'rest' },
        { name: 'b', consumer: 'booking', takes: 'rest' },
        { name: 'c', consumer: 'billing', takes: 'jobs' },
        { name: 'd', consumer: 'billing', takes: 'jobs' },
        { name: 'e', consumer: 'monolith', takes: 'jobs' },
      ],
      [
        'queues.1.takes must not be the rest, which a takes; got "rest"',
        'queues.3.takes must not be jobs, which c takes; got "jobs"',
        'queues.4.takes must not be jobs: the monolith has none; got "jobs"',
      ],
    ],
  ];
  for (const [title, queues, expected] of cases) {
    it(`may not be ${title}`, () => {
      assert.deepEqual(faultsOf(queues), expected);
    });
  }

  it('are judged beside everything else that is wrong with the file', () => {
    const { faults } = parseConfigFile(
      { queues: [{ name: 'x', consumer: 'gone', takes: 'rest' }], views: 1 },
      'c.ts',
    );
    assert.deepEqual(
      faults.map(({ name }) => name),
      ['c.ts: monolith', 'c.ts: views', 'c.ts: queues.0.consumer'],
    );
  });

  it('are looked for in their own Redis, else in that of the flags, and without either not at all', () => {
    const file = {
      monolith: MONOLITH,
      queues: [{ name: 'all', consumer: 'monolith', takes: 'rest' as const }],
    };
    const queuesOf = (env: Record<string, string>, exported: unknown = file) => {
      const parsed = parseConfig({ env, configFile: parseConfigFile(exported, 'c.ts') });
      assert.ok(parsed.ok);
      return parsed.config.queues;
    };
    const own = 'redis://queues.example:6379';
    const named = file.queues;
    assert.deepEqual(queuesOf({ REDIS_URL: REDIS }), { redisUrl: REDIS, prefix: 'banyan', named });
    assert.deepEqual(queuesOf({ REDIS_URL: REDIS, QUEUE_REDIS_URL: own, QUEUE_PREFIX: 'air' }), {
      redisUrl: own,
      prefix: 'air',
      named,
    });
    assert.equal(queuesOf({}), undefined);
    assert.equal(queuesOf({ REDIS_URL: REDIS }, { monolith: MONOLITH }), undefined);
  });
});
