import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from './command.ts';
import { readDuration, readLine, readPercent, readReason, readWhole } from './command-line.ts';

const refuses = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error) => error instanceof UsageError && message.test(error.message));

describe('what stands on a line', () => {
  it('is a time, of units that fall', () => {
    for (const [text, ms] of [
      ['90s', 90_000],
      ['15m', 900_000],
      ['1h30m', 5_400_000],
      ['2d', 172_800_000],
    ] as const) {
      assert.equal(readDuration('expires', text), ms);
    }
    for (const text of ['', '15', '0m', '15 m', '30m1h', '1h1h', '-5m', '1.5h', '15min', 'soon']) {
      refuses(() => readDuration('expires', text), /^--expires must be a time such as 90s, 15m.*, not "/);
    }
  });

  it('is a share in percent, in steps of 0.001', () => {
    assert.deepEqual(
      ['0', '5', '12.5', '0.001', '100', '100.000'].map((text) => readPercent('weight', text)),
      [0, 5, 12.5, 0.001, 100, 100],
    );
    for (const text of ['', '-1', '101', '100.001', '5%', '1e1', '0.0001', 'NaN', '.5', '0x5']) {
      refuses(() => readPercent('weight', text), /^--weight must be percent.*in steps of 0\.001, not "/);
    }
  });

  it('is a whole number within its bounds', () => {
    assert.equal(readWhole('limit', '20', { min: 1, max: 100 }), 20);
    for (const text of ['0', '101', '1.5', '-2', 'x', '']) {
      refuses(
        () => readWhole('limit', text, { min: 1, max: 100 }),
        /--limit must be a whole number from 1 to 100, not "/,
      );
    }
  });

  it('is a reason that says something, of at most 500 characters', () => {
    assert.equal(readReason(' because  it is so '), 'because  it is so');
    assert.equal(readReason('🚀'.repeat(500)).length, 1_000);
    refuses(() => readReason(undefined), /--reason must say why/);
    refuses(() => readReason('  '), /--reason must say why/);
    refuses(() => readReason('one\ntwo'), /must be one line of text, not "one\\ntwo"/);
    refuses(() => readReason('\u001b[2J'), /must be one line of text, not "\\u001b\[2J"/);
    refuses(() => readReason('x'.repeat(501)), /at most 500 characters, not 501/);
  });

  it('is what the command has, and nothing else', () => {
    const options = { weight: { type: 'string' }, fallback: { type: 'boolean', default: true } } as const;
    const { values, positionals } = readLine(['a', '--weight', '5', '--no-fallback'], options);
    assert.deepEqual([positionals, values.weight, values.fallback], [['a'], '5', false]);
    refuses(() => readLine(['--wieght', '5'], options), /--wieght/);
    refuses(() => readLine(['--weight'], options), /--weight/);
  });
});
