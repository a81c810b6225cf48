import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DirectoryServiceService } from '@banyan/contracts/directory/v1/directory';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { unaryCall } from '../../src/channels/unary-call.ts';
import { flightOf, startTestService, type TestService } from './support/test-service.ts';

type Ended = { readonly error: ServiceError | null; readonly response?: unknown };

async function withClient(
  work: (
    call: (
      method?: Partial<typeof GET_FLIGHT>,
      deadlineMs?: number,
    ) => { ended: Promise<Ended>; cancel(): void },
    service: TestService,
    client: Client,
  ) => Promise<void>,
): Promise<void> {
  await using service = await startTestService();
  const client = new Client(service.target, credentials.createInsecure());
  try {
    await work(
      (method = {}, deadlineMs = 30_000) => {
        const { promise: ended, resolve } = Promise.withResolvers<Ended>();
        const { cancel } = unaryCall(
          client,
          { ...GET_FLIGHT, ...method },
          { flightId: 7n },
          new Metadata(),
          Date.now() + deadlineMs,
          (error, response) => resolve({ error, response }),
        );
        return { ended, cancel };
      },
      service,
      client,
    );
  } finally {
    client.close();
  }
}

const GET_FLIGHT = DirectoryServiceService.getFlight;
const codeOf = async (ended: Promise<Ended>) => (await ended).error?.code;

test('an answer comes as its message, a refusal with its code, text and details', () =>
  withClient(async (call, service) => {
    assert.deepEqual((await call().ended).response, { flight: flightOf(7n) });
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from([1, 2]));
    service.behaviour.getFlight = (_call, answer) =>
      answer({ code: status.NOT_FOUND, details: 'no such flight', metadata });
    const { error } = await call().ended;
    assert.deepEqual(
      [error?.code, error?.details, error?.message],
      [5, 'no such flight', '5 NOT_FOUND: no such flight'],
    );
    assert.deepEqual(error?.metadata.get('grpc-status-details-bin'), [Buffer.from([1, 2])]);
  }));

test('a call ends at its deadline, and when it is cancelled', () =>
  withClient(async (call, service) => {
    service.behaviour.getFlight = () => {};
    assert.equal(await codeOf(call({}, 100).ended), status.DEADLINE_EXCEEDED);
    const { ended, cancel } = call();
    setTimeout(cancel, 20);
    assert.equal(await codeOf(ended), status.CANCELLED);
    cancel();
  }));

test('what cannot be written or read is INTERNAL, and an answer without a message UNIMPLEMENTED', () =>
  withClient(async (call, service) => {
    const refuse = (): never => {
      throw new Error('not like this');
    };
    assert.equal(await codeOf(call({ requestSerialize: refuse }).ended), status.INTERNAL);
    assert.equal(await codeOf(call({ responseDeserialize: refuse }).ended), status.INTERNAL);
    const { path } = DirectoryServiceService.listFlights;
    service.behaviour.listFlights = (stream) => stream.end();
    assert.equal(await codeOf(call({ path } as never).ended), status.UNIMPLEMENTED);
  }));

test('a service that is away is UNAVAILABLE, and a closed channel takes no calls', () =>
  withClient(async (call, service, client) => {
    service.kill();
    assert.equal(await codeOf(call().ended), status.UNAVAILABLE);
    client.close();
    assert.throws(() => call());
  }));
