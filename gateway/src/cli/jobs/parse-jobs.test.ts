import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../command.ts';
import { type JobsValues, parseJobs } from './parse-jobs.ts';

const parse = (line: string, values: Partial<JobsValues> = {}) =>
  parseJobs({ watch: false, all: false, json: false, ...values }, line.split(' ').filter(Boolean));

describe('a line of banyan jobs', () => {
  it('lists the queues, or the dead letters of one', () => {
    assert.deepEqual(parse(''), { kind: 'queues', watched: false });
    assert.deepEqual(parse('list', { watch: true }), { kind: 'queues', watched: true });
    assert.deepEqual(parse('list billing-events', { offset: '50' }), {
      kind: 'letters',
      queue: 'billing-events',
      limit: 50,
      offset: 50,
    });
  });

  it('is about one dead letter, or as many as are meant', () => {
    const inspected = { kind: 'inspect', queue: 'q', id: 'e1', target: undefined };
    assert.deepEqual(parse('inspect q e1'), inspected);
    const settle = { kind: 'settle', queue: 'q', reason: 'why' } as const;
    assert.deepEqual(parse('retry q e1', { reason: ' why ' }), {
      ...settle,
      action: 'retry',
      letters: { id: 'e1' },
    });
    assert.deepEqual(parse('discard q', { all: true, type: 'a', limit: '7', reason: 'why' }), {
      ...settle,
      action: 'discard',
      letters: { type: 'a', limit: 7 },
    });
    assert.deepEqual(parse('retry q', { all: true, reason: 'why' }), {
      ...settle,
      action: 'retry',
      letters: {},
    });
  });

  it('is refused where it could mean something else, or nothing', () => {
    const reason = 'why';
    for (const [line, values] of [
      ['purge', {}],
      ['list q e1', {}],
      ['list', { json: true, watch: true }],
      ['list q', { watch: true }],
      ['list q', { limit: '201' }],
      ['inspect q', {}],
      ['inspect q e1 e2', {}],
      ['inspect q e1', { reason }],
      ['retry', { all: true, reason }],
      ['retry q', { reason }],
      ['retry q e1', { all: true, reason }],
      ['retry q e1', { limit: '1', reason }],
      ['retry q e1', {}],
      ['discard q e1', { reason: ' ' }],
      ['discard q', { all: true, limit: '1001', reason }],
    ] as const) {
      assert.throws(() => parse(line, values), UsageError, `${line} ${JSON.stringify(values)}`);
    }
  });
});
