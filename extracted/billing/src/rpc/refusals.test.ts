import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REASONS, Refusal, RULES } from '../domain/refusal.ts';
import { toRpcError } from './refusals.ts';

const CODES = {
  ROLE_FORBIDDEN: ['PERMISSION_DENIED', null],
  INVOICE_NOT_FOUND: ['NOT_FOUND', null],
  PAYMENT_NOT_FOUND: ['NOT_FOUND', null],
  STATEMENT_NOT_FOUND: ['NOT_FOUND', null],
  FOREIGN_INVOICE: ['PERMISSION_DENIED', null],
  INVALID_FIELDS: ['INVALID_ARGUMENT', null],
  ACCOUNT_NOT_FOUND: ['INVALID_ARGUMENT', null],
  INVOICE_VOID: ['FAILED_PRECONDITION', null],
  INVOICE_PAID: ['FAILED_PRECONDITION', null],
  HOLD_OVER: ['FAILED_PRECONDITION', null],
  PAYMENT_IN_PROGRESS: ['FAILED_PRECONDITION', null],
  NOT_REFUNDABLE: ['FAILED_PRECONDITION', null],
  NOTHING_LEFT: ['FAILED_PRECONDITION', null],
  MORE_THAN_LEFT: ['FAILED_PRECONDITION', null],
  REFUND_DECLINED: ['FAILED_PRECONDITION', null],
  ACQUIRER_UNAVAILABLE: ['UNAVAILABLE', 5],
  OUTCOME_UNKNOWN: ['UNAVAILABLE', 10],
  CONSENT_UNAVAILABLE: ['UNAVAILABLE', 5],
  IDEMPOTENCY_KEY_REUSED: ['INVALID_ARGUMENT', null],
  IDEMPOTENCY_KEY_IN_USE: ['ABORTED', 2],
  EVENT_MALFORMED: ['INVALID_ARGUMENT', null],
  NOT_THE_OWNER: ['FAILED_PRECONDITION', 1],
} as const satisfies Record<(typeof REASONS)[number], readonly [string, number | null]>;

test('every reason has its code and its wait, and names the domain', () => {
  for (const reason of REASONS) {
    const { code, retryAfterSeconds, domain } = toRpcError(new Refusal(reason));
    assert.deepEqual([code, retryAfterSeconds, domain], [...CODES[reason], 'billing'], reason);
  }
});

test('faults travel as violations, with the rule as their description', () => {
  const faults = RULES.map((rule) => ({ field: 'amount', rule }));
  const { violations, metadata } = toRpcError(
    new Refusal('INVALID_FIELDS', { faults, metadata: { left: '1.00' } }),
  );
  assert.deepEqual(
    violations,
    RULES.map((description) => ({ field: 'amount', description })),
  );
  assert.deepEqual(metadata, { left: '1.00' });
});

test('the contract lists every reason and rule that a user of the service can meet', () => {
  const path = new URL('../../../contracts/proto/billing/v1/billing.proto', import.meta.url);
  const contract = readFileSync(path, 'utf8');
  for (const word of [...REASONS, ...RULES]) {
    if (word !== 'EVENT_MALFORMED') assert.match(contract, new RegExp(`\\b${word}\\b`), word);
  }
});
