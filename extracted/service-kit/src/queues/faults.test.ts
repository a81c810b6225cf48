import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError, refuse } from '../errors.ts';
import { attemptsOf, decideNext, EventFault, faultKindOf } from './faults.ts';

test('what was refused or makes no sense is never tried again', () => {
  for (const kind of ['poison', 'refused'] as const) {
    assert.deepEqual(
      decideNext(kind, 1, () => 0.5),
      { kind: 'dead' },
    );
  }
});

test('what is away is tried for ever, with growing pauses that have a bound', () => {
  const pauses = [1, 2, 3, 20, 1_000_000].map((attempts) => decideNext('away', attempts, () => 1));
  assert.deepEqual(
    pauses.map((next) => next.kind === 'retry' && next.inMs),
    [250, 500, 1_000, 15_000, 15_000],
  );
  assert.deepEqual(
    decideNext('away', 1, () => 0),
    { kind: 'retry', inMs: 125 },
  );
});

test('what nobody expected is tried eight times', () => {
  assert.equal(decideNext('unexpected', 7, () => 0).kind, 'retry');
  assert.equal(decideNext('unexpected', 8, () => 0).kind, 'dead');
});

test('attempts for which something was away count for themselves', () => {
  const job = { attemptsStarted: 12, attemptsMade: 2 };
  assert.deepEqual(
    (['away', 'unexpected', 'refused'] as const).map((kind) => attemptsOf(kind, job)),
    [10, 3, 3],
  );
  assert.equal(attemptsOf('away', { attemptsStarted: 1, attemptsMade: 3 }), 1, 'of an earlier build');
});

test("the kit's errors are told apart", () => {
  const fromDatabase = (code: string) => Object.assign(new Error('x'), { code, severity: 'ERROR' });
  for (const [error, kind] of [
    [refuse('INVALID_ARGUMENT', 'EVENT_MALFORMED'), 'refused'],
    [refuse('NOT_FOUND', 'BOOKING_NOT_FOUND'), 'refused'],
    [refuse('FAILED_PRECONDITION', 'NOT_THE_OWNER'), 'away'],
    [refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE'), 'away'],
    [new RemoteError('DEADLINE_EXCEEDED', 'm'), 'away'],
    [new RemoteError('INVALID_ARGUMENT', 'm'), 'unexpected'],
    [fromDatabase('57P01'), 'away'],
    [fromDatabase('BNY01'), 'away'],
    [fromDatabase('53100'), 'away'],
    [fromDatabase('58030'), 'away'],
    [fromDatabase('23505'), 'unexpected'],
    [new TypeError('x'), 'unexpected'],
    ['x', 'unexpected'],
  ] as const) {
    assert.equal(faultKindOf(error), kind, String(error));
  }
});

test("a fault's text is fit for operators and for a database", () => {
  const said = 'invalid input syntax: "Zoë\'s secret" postgres://u:pass@h/ \0 \ud800';
  const { message } = new EventFault('refused', { kind: 'dead' }, said);
  assert.equal(message, 'refused: invalid input syntax: "…" postgres://u:…@h/  �');
});
