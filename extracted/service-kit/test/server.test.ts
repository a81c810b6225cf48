import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { HealthClient } from '@banyan/contracts/grpc/health/v1/health';
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '@banyan/contracts/grpc/reflection/v1/reflection';
import { ServerReflectionClient as AlphaClient } from '@banyan/contracts/grpc/reflection/v1alpha/reflection';
import { OwnershipServiceClient, OwnershipServiceService } from '@banyan/contracts/ownership/v1/ownership';
import { freePort } from '@banyan/stack/testing/free-port';
import { until } from '@banyan/stack/testing/until';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { credentials } from '@grpc/grpc-js';
import type { Access } from '../src/access.ts';
import { createServiceClient, type RemoteError } from '../src/client.ts';
import { createIdentityKeys, createIdentityVerifier, type Identity } from '../src/identity.ts';
import { silentLogger } from '../src/logger.ts';
import { implement } from '../src/server.ts';
import { signIdentity, TEST_KEY, TEST_KEYS_TEXT } from '../src/testing/sign-identity.ts';
import { ALICE, AUDIENCE, atEnd, LONG, now, startServer, TOKEN } from './kit.ts';

const EMPTY = { ownerships: [] };

function ownershipOf(access: Access, seen: { identity?: Identity | null } = {}) {
  return implement(OwnershipServiceService, access, {
    listOwnership: (_request, ctx) => {
      seen.identity = ctx.identity;
      return EMPTY;
    },
    async *watchOwnership(_request, { signal }) {
      yield EMPTY;
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    },
  });
}

function ownershipClient(t: TestContext, target: string, token?: string) {
  const client = createServiceClient(OwnershipServiceClient, target, token === undefined ? {} : { token });
  atEnd(t, () => client.close());
  return client.api;
}

test('an identity is told to the handler; none, two, forged, expired, for another, of an unknown key are refused', async (t) => {
  const seen: { identity?: Identity | null } = {};
  const at = Date.now();
  const clock = () => new Date(at);
  const keys = createIdentityKeys(TEST_KEYS_TEXT, { now: clock, logger: silentLogger });
  const identity = createIdentityVerifier({ keys, audience: AUDIENCE, now: clock });
  const { target } = await startServer(t, { services: [ownershipOf('user', seen)], identity });
  const api = ownershipClient(t, target);
  const sign = (options: Partial<Parameters<typeof signIdentity>[1]> = {}) =>
    signIdentity(ALICE, { audience: AUDIENCE, now: clock(), ...options });
  const reasonFor = async (identity?: string): Promise<string> => {
    try {
      await api.listOwnership({}, identity === undefined ? {} : { identity });
      return 'served';
    } catch (error) {
      const { code, reason } = error as RemoteError;
      return code === 'UNAUTHENTICATED' ? reason : code;
    }
  };

  const good = sign();
  assert.equal(await reasonFor(good), 'served');
  assert.deepEqual(seen.identity, ALICE);
  assert.equal(await reasonFor(good), 'served');
  assert.equal(await reasonFor(), 'IDENTITY_REQUIRED');
  assert.equal(await reasonFor('rubbish'), 'IDENTITY_MALFORMED');
  assert.equal(await reasonFor(sign({ header: { alg: 'none' } })), 'IDENTITY_MALFORMED');
  assert.equal(await reasonFor(sign({ claims: { role: 'admin' } })), 'IDENTITY_MALFORMED');
  assert.equal(await reasonFor(sign({ claims: { sub: '0' } })), 'IDENTITY_MALFORMED');
  assert.equal(await reasonFor(sign({ claims: { exp: 'never' } })), 'IDENTITY_MALFORMED');
  const another = { ...TEST_KEY, secret: Buffer.alloc(32, 1) };
  assert.equal(await reasonFor(sign({ key: another })), 'IDENTITY_FORGED');
  assert.equal(await reasonFor(sign({ key: { ...another, id: 'other' } })), 'IDENTITY_KEY_UNKNOWN');
  assert.equal(await reasonFor(sign({ audience: 'booking' })), 'IDENTITY_FOR_ANOTHER');
  const ago = (seconds: number) => new Date(at - seconds * 1_000);
  assert.equal(await reasonFor(sign({ now: ago(63) })), 'served', 'within the skew of clocks');
  assert.equal(await reasonFor(sign({ now: ago(67) })), 'IDENTITY_EXPIRED');
  assert.equal(await reasonFor(sign({ now: ago(-60) })), 'IDENTITY_EXPIRED', 'of the future');
  const [head, , signature] = good.split('.');
  const claims = Buffer.from(JSON.stringify({ aud: AUDIENCE, sub: '1' })).toString('base64url');
  assert.equal(await reasonFor(`${head}.${claims}.${signature}`), 'IDENTITY_FORGED');
});

test('a remembered token ends with its time and with its key; a key file is read again while running', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  atEnd(t, () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const next = { id: 'next', secret: Buffer.alloc(32, 'n') };
  const textOf = (...keys: (typeof TEST_KEY)[]) =>
    keys.map(({ id, secret }) => `${id}:${secret.toString('base64url')}`).join('\n');
  writeFileSync(file, textOf(TEST_KEY));
  let time = Date.parse('2026-11-22T12:00:00Z');
  const clock = () => new Date(time);
  const keys = createIdentityKeys(`@${file}`, { now: clock, logger: silentLogger });
  const verifier = createIdentityVerifier({ keys, audience: AUDIENCE, now: clock, cacheEntriesMax: 2 });
  const old = signIdentity(ALICE, { audience: AUDIENCE, now: clock() });
  assert.equal(verifier.verify(old).accountId, 7n);
  assert.throws(() => verifier.verify(signIdentity(ALICE, { audience: AUDIENCE, now: clock(), key: next })), {
    reason: 'IDENTITY_KEY_UNKNOWN',
  });

  writeFileSync(file, textOf(next, TEST_KEY));
  time += 2_000;
  const fresh = signIdentity(ALICE, { audience: AUDIENCE, now: clock(), key: next });
  assert.equal(verifier.verify(fresh).accountId, 7n);
  assert.equal(verifier.verify(old).accountId, 7n);

  writeFileSync(file, 'not a list of keys');
  time += 2_000;
  assert.equal(verifier.verify(old).accountId, 7n, 'the keys read before stay');

  writeFileSync(file, textOf(next));
  time += 2_000;
  assert.throws(() => verifier.verify(old), { reason: 'IDENTITY_KEY_UNKNOWN' });
  assert.equal(verifier.verify(fresh).accountId, 7n);
  time += 70_000;
  assert.throws(() => verifier.verify(fresh), { reason: 'IDENTITY_EXPIRED' });
});

test('a service for services wants their token, and no identity stands for it', async (t) => {
  const { target } = await startServer(t, { services: [ownershipOf('service')] });
  const isRefused = { code: 'UNAUTHENTICATED', reason: 'SERVICE_TOKEN_REQUIRED' };
  await ownershipClient(t, target, TOKEN).listOwnership({});
  await assert.rejects(async () => ownershipClient(t, target, 'wrong').listOwnership({}), isRefused);
  const identity = signIdentity(ALICE, { audience: AUDIENCE, now: now() });
  await assert.rejects(async () => ownershipClient(t, target).listOwnership({}, { identity }), isRefused);
});

test('health is told for the server and each service, to those who ask and those who watch', async (t) => {
  const { server, target } = await startServer(t, { services: [ownershipOf('open')] });
  const client = createServiceClient(HealthClient, target);
  atEnd(t, () => client.close());
  assert.deepEqual(await client.api.check({ service: '' }), { status: 'SERVING' });
  await assert.rejects(async () => client.api.check({ service: 'nobody' }), { code: 'NOT_FOUND' });

  const told: string[] = [];
  const watching = (async () => {
    for await (const { status } of client.api.watch({ service: 'ownership.v1.OwnershipService' }))
      told.push(status);
  })();
  watching.catch(() => undefined);
  await until(() => told.length === 1, LONG);
  server.health.set('NOT_SERVING', 'ownership.v1.OwnershipService');
  await until(() => told.length === 2, LONG);
  assert.deepEqual(await client.api.check({ service: '' }), { status: 'SERVING' });
  server.health.set('SERVING', 'ownership.v1.OwnershipService');
  await until(() => told.length === 3, LONG);
  await server.stop();
  await assert.rejects(watching, { code: 'UNAVAILABLE' });
  assert.deepEqual(told, ['SERVING', 'NOT_SERVING', 'SERVING', 'NOT_SERVING']);
});

test('a drain lets calls under way end, takes no new ones, and cuts off what does not end', async (t) => {
  const drain = async (drainMs: number) => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<typeof EMPTY>();
    const services = [
      implement(OwnershipServiceService, 'open', {
        listOwnership: () => {
          begun.resolve();
          return finish.promise;
        },
        async *watchOwnership(_request, { signal }) {
          yield EMPTY;
          await new Promise((_resolve, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason)),
          );
        },
      }),
    ];
    const { server, target } = await startServer(t, { services, limits: { drainMs } });
    const api = ownershipClient(t, target);
    const stream = api.watchOwnership({})[Symbol.asyncIterator]();
    await stream.next();
    const call = api.listOwnership({}).catch((error: RemoteError) => error.reason);
    await begun.promise;
    const startedAt = performance.now();
    const stopped = server.stop();
    await assert.rejects(async () => ownershipClient(t, target).listOwnership({}, { deadlineMs: 20_000 }), {
      code: 'UNAVAILABLE',
    });
    finish.resolve(EMPTY);
    const answer = await call;
    await assert.rejects(async () => stream.next(), { code: 'UNAVAILABLE', reason: 'SERVER_STOPPING' });
    await stopped;
    const tookMs = performance.now() - startedAt;
    assert.ok(tookMs > drainMs - 100 && tookMs < 10_000 + drainMs, `${tookMs} ms of ${drainMs}`);
    return answer;
  };
  // On a busy machine a short drain may be over before the call is.
  if (!isDeepStrictEqual(await drain(600), EMPTY)) assert.deepEqual(await drain(4_000), EMPTY);
});

test('reflection lists the services that are served, in both versions, and gives their files', async (t) => {
  const { target } = await startServer(t, { services: [ownershipOf('open')] });
  const ask = async (
    Ctor: typeof ServerReflectionClient,
    requests: ServerReflectionRequest['messageRequest'][],
  ) => {
    const client = new Ctor(target, credentials.createInsecure());
    const stream = client.serverReflectionInfo();
    for (const messageRequest of requests) stream.write({ host: '', messageRequest });
    stream.end();
    const answers: ServerReflectionResponse['messageResponse'][] = [];
    for await (const { messageResponse } of stream as AsyncIterable<ServerReflectionResponse>) {
      answers.push(messageResponse);
    }
    client.close();
    return answers;
  };
  for (const Ctor of [ServerReflectionClient, AlphaClient as unknown as typeof ServerReflectionClient]) {
    const [list, bySymbol, unknown] = await ask(Ctor, [
      { $case: 'listServices', value: '*' },
      { $case: 'fileContainingSymbol', value: 'ownership.v1.OwnershipService.ListOwnership' },
      { $case: 'fileByFilename', value: 'nothing.proto' },
    ]);
    assert.ok(list?.$case === 'listServicesResponse');
    assert.deepEqual(
      list.value.service.map(({ name }) => name),
      [
        'grpc.health.v1.Health',
        'grpc.reflection.v1.ServerReflection',
        'grpc.reflection.v1alpha.ServerReflection',
        'ownership.v1.OwnershipService',
      ],
    );
    assert.ok(bySymbol?.$case === 'fileDescriptorResponse');
    const [file] = bySymbol.value.fileDescriptorProto.map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes),
    );
    assert.equal(file?.name, 'ownership/v1/ownership.proto');
    assert.ok(unknown?.$case === 'errorResponse');
    assert.equal(unknown.value.errorCode, 5);
  }
});

test('no call fails while the servers of a target are restarted one after the other', async (t) => {
  const start = async (port: number) => {
    /** The client has found it, and goes on asking: one more call is under way. */
    const asked = Promise.withResolvers<void>();
    let calls = 0;
    const slow = implement(OwnershipServiceService, 'open', {
      listOwnership: async () => {
        calls += 1;
        if (calls === 20) asked.resolve();
        await new Promise((resolve) => setTimeout(resolve, 5));
        return EMPTY;
      },
      async *watchOwnership() {},
    });
    const started = await startServer(t, { services: [slow], limits: { drainMs: 20_000 } }, port);
    return { ...started, asked: asked.promise };
  };
  let first = await start(await freePort());
  let second = await start(await freePort());
  const target = `ipv4:127.0.0.1:${first.port},127.0.0.1:${second.port}`;
  const api = ownershipClient(t, target);
  let isOver = false;
  const failures: unknown[] = [];
  const load = async (): Promise<void> => {
    while (!isOver) {
      await api.listOwnership({}).catch((error) => failures.push(error));
    }
  };
  const loads = Array.from({ length: 8 }, load);
  await second.asked;
  await first.asked;
  await first.server.stop();
  first = await start(first.port);
  await first.asked;
  await second.server.stop();
  second = await start(second.port);
  await second.asked;
  isOver = true;
  await Promise.all(loads);
  assert.deepEqual(failures, []);
});
