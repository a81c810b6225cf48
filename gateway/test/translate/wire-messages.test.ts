import assert from 'node:assert/strict';
import { it } from 'node:test';
import { BadRequest, ErrorInfo, RetryInfo, Status } from '@banyan/contracts/google/rpc/status';
import { Owner, ServiceData, WatchOwnershipResponse } from '@banyan/contracts/ownership/v1/ownership';
import { Metadata, status } from '@grpc/grpc-js';
import { refusalOf } from '../../src/channels/status-details.ts';
import { readHealth } from '../../src/channels/watch-health.ts';
import { readOwnerships } from '../../src/ownership/watch-ownership.ts';

const any = (type: string, value: Uint8Array) => ({
  typeUrl: `type.googleapis.com/google.rpc.${type}`,
  value,
});

function errorWith(details: Buffer) {
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', details);
  return Object.assign(new Error('x'), { code: status.INVALID_ARGUMENT, details: 'x', metadata });
}

/** The gateway reads these by itself: here what it reads is held against the contracts' own code. */
it('a refusal is read whole from its details', () => {
  const body = Status.encode({
    code: status.INVALID_ARGUMENT,
    message: 'inside',
    details: [
      any('RetryInfo', RetryInfo.encode({ retryDelay: { seconds: 3n, nanos: 1 } }).finish()),
      any('Unknown', new Uint8Array([1, 2, 3])),
      any(
        'ErrorInfo',
        ErrorInfo.encode({
          reason: 'INVALID_FIELDS',
          domain: 'billing',
          metadata: { left: '4.00', ł: '' },
        }).finish(),
      ),
      any(
        'BadRequest',
        BadRequest.encode({
          fieldViolations: [
            { field: 'a', description: 'A' },
            { field: 'b', description: '' },
          ],
        }).finish(),
      ),
    ],
  }).finish();
  const { code, reason, domain, metadata, violations, retryAfterSeconds } =
    refusalOf(errorWith(Buffer.from(body))) ?? {};
  assert.deepEqual(
    { code, reason, domain, metadata, violations, retryAfterSeconds },
    {
      code: status.INVALID_ARGUMENT,
      reason: 'INVALID_FIELDS',
      domain: 'billing',
      metadata: { left: '4.00', ł: '' },
      violations: [
        { field: 'a', description: 'A' },
        { field: 'b', description: '' },
      ],
      retryAfterSeconds: 4,
    },
  );
});

it('details without an ErrorInfo, or that are garbage, are no refusal', () => {
  const bare = Status.encode({ code: 3, message: 'x', details: [] }).finish();
  assert.equal(refusalOf(errorWith(Buffer.from(bare))), undefined);
  assert.equal(refusalOf(errorWith(Buffer.from([0x1a, 0xff, 0xff]))), undefined);
});

it('owners are read, and what a service can read; an owner without a name here says nothing', () => {
  const bytes = WatchOwnershipResponse.encode({
    ownerships: [
      { aggregate: 'billing', owner: Owner.MONOLITH, epoch: 9007199254742993n, data: ServiceData.SHARED },
      { aggregate: 'booking', owner: Owner.NOBODY, epoch: 2n, data: ServiceData.NONE },
      { aggregate: 'other', owner: Owner.UNSPECIFIED, epoch: 1n, data: ServiceData.NONE },
      { aggregate: 'third', owner: Owner.SERVICE, epoch: 0n, data: ServiceData.UNSPECIFIED },
    ],
  }).finish();
  assert.deepEqual(readOwnerships(bytes), [
    { aggregate: 'billing', owner: 'monolith', epoch: 9007199254742993n, data: 'shared' },
    { aggregate: 'booking', owner: 'nobody', epoch: 2n, data: 'none' },
    { aggregate: 'third', owner: 'service', epoch: 0n, data: 'none' },
  ]);
});

it('a service serves only if it says so', () => {
  assert.equal(readHealth(new Uint8Array([0x08, 1])), 'serving');
  for (const state of [0, 2, 3]) assert.equal(readHealth(new Uint8Array([0x08, state])), 'not-serving');
  assert.equal(readHealth(new Uint8Array()), 'not-serving');
});
