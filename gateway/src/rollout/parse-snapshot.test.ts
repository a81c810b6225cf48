import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseFlag, parseSnapshot } from './parse-snapshot.ts';
import { INITIAL_SNAPSHOT, type Snapshot } from './snapshot.ts';

const PERCENT = 'must be a number from 0 to 100 in steps of 0.001';

describe('a flag', () => {
  it('is read with its fallback, which is on unless it is told off', () => {
    const read = [
      [{ stage: 'monolith' }, { stage: 'monolith', fallback: true }],
      [{ stage: 'shadow' }, { stage: 'shadow', fallback: true }],
      [
        { stage: 'shadow', samplePercent: 0.001, fallback: false },
        { stage: 'shadow', samplePercent: 0.001, fallback: false },
      ],
      [
        { stage: 'canary', weightPercent: 12.5 },
        { stage: 'canary', weightPercent: 12.5, fallback: true },
      ],
      [
        { stage: 'service', fallback: false },
        { stage: 'service', fallback: false },
      ],
    ] as const;
    for (const [given, flag] of read) {
      const parsed = parseFlag(given);
      assert.deepEqual(parsed, { ok: true, flag });
      assert.ok(parsed.ok && Object.isFrozen(parsed.flag));
    }
  });

  it('is refused with all that is wrong with it: field, rule, and what was found', () => {
    const refused: readonly (readonly [given: unknown, ...faults: readonly (readonly string[])[]])[] = [
      [undefined, ['', 'must be an object']],
      [null, ['', 'must be an object', 'null']],
      [[], ['', 'must be an object', '[]']],
      [{}, ['stage', 'must be one of monolith, shadow, canary, service']],
      [{ stage: 'half' }, ['stage', 'must be one of monolith, shadow, canary, service', '"half"']],
      [{ stage: 'canary' }, ['weightPercent', `must be given; ${PERCENT}`]],
      [{ stage: 'canary', weightPercent: 100.001 }, ['weightPercent', PERCENT, '100.001']],
      [{ stage: 'canary', weightPercent: -1 }, ['weightPercent', PERCENT, '-1']],
      [{ stage: 'canary', weightPercent: 0.0005 }, ['weightPercent', PERCENT, '0.0005']],
      [{ stage: 'canary', weightPercent: Number.NaN }, ['weightPercent', PERCENT, 'null']],
      [{ stage: 'canary', weightPercent: '5' }, ['weightPercent', PERCENT, '"5"']],
      [{ stage: 'service', weightPercent: 5 }, ['weightPercent', 'is for canary alone', '5']],
      [
        { stage: 'canary', weightPercent: 5, samplePercent: 5 },
        ['samplePercent', 'is for shadow alone', '5'],
      ],
      [{ stage: 'shadow', samplePercent: 101 }, ['samplePercent', PERCENT, '101']],
      [
        { stage: 'half', weight: 5, fallback: 'no', weightPercent: 'x'.repeat(500) },
        ['weight', 'is none of stage, weightPercent, samplePercent, fallback', '5'],
        ['stage', 'must be one of monolith, shadow, canary, service', '"half"'],
        ['weightPercent', PERCENT, `"${'x'.repeat(119)}…`],
        ['fallback', 'must be true or false', '"no"'],
      ],
    ];
    for (const [given, ...faults] of refused) {
      assert.deepEqual(parseFlag(given), { ok: false, faults: faults.map(asFault) });
    }
  });

  it('takes every step of 0.001 and nothing between', () => {
    for (let step = 0; step <= 100_000; step += 1) {
      const weightPercent = Number(`${Math.floor(step / 1_000)}.${String(step % 1_000).padStart(3, '0')}`);
      assert.ok(parseFlag({ stage: 'canary', weightPercent }).ok, String(weightPercent));
    }
    for (const weightPercent of [0.0001, 12.34567, 99.9999, 33.333333333333336]) {
      assert.ok(!parseFlag({ stage: 'canary', weightPercent }).ok, String(weightPercent));
    }
  });
});

describe('a snapshot', () => {
  const snapshot: Snapshot = {
    version: 42,
    at: '2026-11-22T19:12:31.204Z',
    by: 'ann',
    reason: 'first accounts',
    flags: {
      getInvoice: { stage: 'canary', weightPercent: 12.5, fallback: true },
      listInvoices: { stage: 'shadow', samplePercent: 1, fallback: false },
    },
  };

  it('is read as it was written, frozen', () => {
    for (const each of [snapshot, INITIAL_SNAPSHOT]) {
      const parsed = parseSnapshot(JSON.parse(JSON.stringify(each)));
      assert.deepEqual(parsed, { ok: true, snapshot: each });
      assert.ok(parsed.ok && Object.isFrozen(parsed.snapshot) && Object.isFrozen(parsed.snapshot.flags));
    }
  });

  it('is refused whole, with every fault of every flag', () => {
    const { flags, ...rest } = snapshot;
    const broken = {
      ...rest,
      version: 1.5,
      at: '2026-13-22T19:12:31Z',
      by: 7,
      more: true,
      flags: { ...flags, getBooking: { stage: 'canary' }, listBookings: null },
    };
    assert.deepEqual(parseSnapshot(broken), {
      ok: false,
      faults: [
        ['more', 'is none of version, at, by, reason, flags', 'true'],
        ['version', 'must be a whole number from 0', '1.5'],
        ['at', 'must be an ISO 8601 time in UTC', '"2026-13-22T19:12:31Z"'],
        ['by', 'must be a text', '7'],
        ['flags.getBooking.weightPercent', `must be given; ${PERCENT}`],
        ['flags.listBookings', 'must be an object', 'null'],
      ].map(asFault),
    });
    assert.deepEqual(parseSnapshot({ ...rest, reason: undefined, flags: [] }), {
      ok: false,
      faults: [
        ['reason', 'must be a text'],
        ['flags', 'must be an object', '[]'],
      ].map(asFault),
    });
    assert.deepEqual(parseSnapshot('{}'), {
      ok: false,
      faults: [asFault(['', 'must be an object', '"{}"'])],
    });
  });

  it('keeps a name that every object has as a name', () => {
    const text = JSON.stringify({ ...snapshot, flags: {} }).replace(
      '"flags":{}',
      '"flags":{"__proto__":{"stage":"service"}}',
    );
    const parsed = parseSnapshot(JSON.parse(text));
    assert.ok(parsed.ok);
    assert.deepEqual(Object.keys(parsed.snapshot.flags), ['__proto__']);
    assert.equal(Object.getPrototypeOf(parsed.snapshot.flags), Object.prototype);
  });

  it('never throws, whatever JSON holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.equal(typeof parseSnapshot(value).ok, 'boolean');
        assert.equal(typeof parseSnapshot({ ...snapshot, flags: { getInvoice: value } }).ok, 'boolean');
      }),
    );
  });
});

function asFault([field, rule, got]: readonly string[]) {
  return { field, rule, ...(got !== undefined && { got }) };
}
