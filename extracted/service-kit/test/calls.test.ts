import assert from 'node:assert/strict';
import { connect } from 'node:http2';
import { type TestContext, test } from 'node:test';
import { OwnershipServiceClient, OwnershipServiceService } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { createServiceClient, RemoteError, type ServiceClientOptions } from '../src/client.ts';
import { refuse } from '../src/errors.ts';
import type { HandlersOf } from '../src/handlers.ts';
import { createMetrics } from '../src/metrics.ts';
import { type GrpcServerOptions, implement } from '../src/server.ts';
import { atEnd, LONG, startServer } from './kit.ts';

type Handlers = HandlersOf<typeof OwnershipServiceService, 'open'>;

const EMPTY = { ownerships: [] };
const recordOf = (aggregate: string) => ({
  ownerships: [
    { aggregate, owner: 'OWNER_SERVICE' as const, epoch: 2n ** 53n + 1n, data: 'SERVICE_DATA_NONE' as const },
  ],
});

async function serve(
  t: TestContext,
  handlers: Partial<Handlers>,
  { server = {}, client = {} }: { server?: Partial<GrpcServerOptions>; client?: ServiceClientOptions } = {},
) {
  const all: Handlers = {
    listOwnership: () => EMPTY,
    async *watchOwnership() {
      yield EMPTY;
    },
    ...handlers,
  };
  const services = [implement(OwnershipServiceService, 'open', all)];
  const started = await startServer(t, { services, ...server });
  const made = createServiceClient(OwnershipServiceClient, started.target, client);
  atEnd(t, () => made.close());
  return { ...started, api: made.api };
}

const isRemote = (code: string, reason: string) => (error: unknown) => {
  assert.ok(error instanceof RemoteError, String(error));
  assert.deepEqual([error.code, error.reason], [code, reason]);
  return true;
};

test('64-bit numbers pass whole, and a refusal keeps reason, metadata, violations and time', async (t) => {
  let isRefused = false;
  const { api } = await serve(t, {
    listOwnership: () => {
      if (!isRefused) return recordOf('billing');
      throw refuse('INVALID_ARGUMENT', 'PAGE_TOKEN_INVALID', {
        message: 'broken \ud800 ünïcode',
        metadata: { field: 'page_token' },
        violations: [{ field: 'page_token', description: 'is of another list' }],
        retryAfterSeconds: 3,
      });
    },
  });
  assert.deepEqual(await api.listOwnership({}), recordOf('billing'));
  isRefused = true;
  await assert.rejects(
    async () => api.listOwnership({}),
    (error: RemoteError) => {
      assert.equal(error.code, 'INVALID_ARGUMENT');
      assert.equal(error.reason, 'PAGE_TOKEN_INVALID');
      assert.equal(error.domain, 'meridian.example');
      assert.deepEqual(error.metadata, { field: 'page_token' });
      assert.deepEqual(error.violations, [{ field: 'page_token', description: 'is of another list' }]);
      assert.equal(error.retryAfterSeconds, 3);
      return true;
    },
  );
});

test('violations beyond what trailers carry are left out, the refusal arrives', async (t) => {
  const violations = Array.from({ length: 5_000 }, (_, index) => ({
    field: `passengers[${index}].name`,
    description: 'is missing',
  }));
  const { api } = await serve(t, {
    listOwnership: () => {
      throw refuse('INVALID_ARGUMENT', 'INVALID', { violations });
    },
  });
  await assert.rejects(
    async () => api.listOwnership({}),
    (error: RemoteError) => {
      assert.equal(error.reason, 'INVALID');
      assert.ok(error.violations.length > 10 && error.violations.length < 5_000);
      return true;
    },
  );
});

test('a handler that throws, rejects or streams an error ends the call with an id and without its text', async (t) => {
  const { api } = await serve(t, {
    listOwnership: () => {
      throw new Error('secret of the handler');
    },
    async *watchOwnership() {
      yield EMPTY;
      throw new Error('secret of the stream');
    },
  });
  const isInternal = (error: unknown) => {
    assert.ok(error instanceof RemoteError);
    assert.equal(error.code, 'INTERNAL');
    assert.match(error.message, /internal error [0-9a-f-]{36}$/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  };
  await assert.rejects(async () => api.listOwnership({}), isInternal);
  const received: unknown[] = [];
  await assert.rejects(async () => {
    for await (const message of api.watchOwnership({})) received.push(message);
  }, isInternal);
  assert.equal(received.length, 1);
});

test('a rejection long after the call is over harms nobody', async (t) => {
  let rejectLate = (_error: Error): void => {};
  const { api } = await serve(t, {
    listOwnership: () =>
      new Promise((_resolve, reject) => {
        rejectLate = reject;
      }),
  });
  await assert.rejects(async () => api.listOwnership({}, { deadlineMs: 100 }), { code: 'DEADLINE_EXCEEDED' });
  rejectLate(new Error('too late'));
  await new Promise((resolve) => setImmediate(resolve));
});

test('a handler that hangs is ended by the default deadline, though its caller has a longer one', async (t) => {
  const { api } = await serve(
    t,
    { listOwnership: () => new Promise(() => {}) },
    { server: { limits: { unaryDeadlineMs: 150, drainMs: 100 } } },
  );
  const tookMs: number[] = [];
  // A busy machine may be slow now and then.
  for (let each = 0; each < 3; each += 1) {
    const startedAt = performance.now();
    await assert.rejects(
      async () => api.listOwnership({}, { deadlineMs: 20_000 }),
      isRemote('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'),
    );
    tookMs.push(performance.now() - startedAt);
  }
  assert.ok(Math.min(...tookMs) < 2_000, `${tookMs} ms`);
});

test('a call without any deadline gets one', async (t) => {
  let leftMs = 0;
  const { port } = await serve(t, {
    listOwnership: (_request, ctx) => {
      leftMs = ctx.deadline.getTime() - Date.now();
      return EMPTY;
    },
  });
  const session = connect(`http://127.0.0.1:${port}`);
  atEnd(t, () => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/ownership.v1.OwnershipService/ListOwnership',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.from([0, 0, 0, 0, 0]));
  stream.resume();
  const ms = await until(() => leftMs, LONG);
  assert.ok(ms > 25_000 && ms <= 30_000, String(ms));
});

test('a request that is no message is refused as the caller’s fault', async (t) => {
  const { port } = await serve(t, {});
  const session = connect(`http://127.0.0.1:${port}`);
  atEnd(t, () => session.destroy());
  const stream = session.request({
    ':method': 'POST',
    ':path': '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.end(Buffer.from([0, 0, 0, 0, 2, 0x0a, 0x7f]));
  stream.resume();
  // What ends without a message has its status among the headers.
  const status = await new Promise((resolve) => {
    for (const event of ['response', 'trailers']) {
      stream.on(event, (headers) => {
        if (headers['grpc-status'] !== undefined) resolve(headers['grpc-status']);
      });
    }
  });
  assert.equal(Number(status), 3);
});

test("the caller's cancellation and deadline reach the handler's signal", async (t) => {
  const reasons: string[] = [];
  let started = 0;
  const handlers: Partial<Handlers> = {
    listOwnership: (_request, { signal }) =>
      new Promise(() => {
        started += 1;
        signal.addEventListener('abort', () => reasons.push((signal.reason as { code: string }).code));
      }),
  };
  // A clock that is ahead: else who goes at the deadline may come first, and be taken for somebody who has left.
  const server = { now: () => new Date(Date.now() + 500) };
  const { api } = await serve(t, handlers, { server });
  const cancelling = new AbortController();
  const call = api.listOwnership({}, { signal: cancelling.signal, deadlineMs: 20_000 });
  await until(() => started === 1, LONG);
  cancelling.abort();
  await assert.rejects(async () => call, { code: 'CANCELLED' });
  await until(() => reasons.length === 1, LONG);
  await assert.rejects(async () => api.listOwnership({}, { deadlineMs: 1_500 }), {
    code: 'DEADLINE_EXCEEDED',
  });
  await until(() => reasons.length === 2, LONG);
  assert.deepEqual(reasons, ['CANCELLED', 'DEADLINE_EXCEEDED']);
});

test('a call on behalf of another has no more time than it and ends with it', async (t) => {
  let deadline = new Date(0);
  const { api } = await serve(t, {
    listOwnership: (_request, ctx) => {
      deadline = ctx.deadline;
      return EMPTY;
    },
  });
  const outer = { signal: new AbortController().signal, deadline: new Date(Date.now() + 20_000) };
  await api.listOwnership({}, { within: outer, deadlineMs: 60_000 });
  assert.ok(deadline.getTime() - Date.now() <= 20_000);
  await assert.rejects(
    async () => api.listOwnership({}, { within: { ...outer, signal: AbortSignal.abort() } }),
    {
      code: 'CANCELLED',
    },
  );
});

test('a fast stream waits for a slow client, holds little, and closes its generator when left', async (t) => {
  let made = 0;
  let isClosed = false;
  const bytes = 65_536;
  const { api } = await serve(t, {
    async *watchOwnership() {
      try {
        for (made = 0; made < 4_000; ) {
          made += 1;
          yield recordOf('x'.repeat(bytes));
        }
      } finally {
        isClosed = true;
      }
    },
  });
  let taken = 0;
  for await (const _message of api.watchOwnership({})) {
    taken += 1;
    if (taken > 3) continue;
    // Long enough for thousands of messages, were there no end to them.
    await new Promise((resolve) => setTimeout(resolve, 150));
    assert.ok((made - taken) * bytes < 4_000_000, `${made} made, ${taken} taken`);
    if (taken === 3) break;
  }
  await until(() => isClosed, { ...LONG, what: 'the end of the generator' });
  assert.ok(made < 100, String(made));
});

test('a whole stream arrives in order', async (t) => {
  const { api } = await serve(t, {
    async *watchOwnership() {
      for (let index = 0; index < 3_000; index += 1) yield recordOf(String(index));
    },
  });
  let next = 0;
  for await (const { ownerships } of api.watchOwnership({})) {
    assert.equal(ownerships[0]?.aggregate, String(next));
    next += 1;
  }
  assert.equal(next, 3_000);
});

test('an answer that is too large is refused by name, a request that is too large too', async (t) => {
  const metrics = createMetrics('test');
  atEnd(t, () => metrics.release());
  const { api, target } = await serve(
    t,
    {
      listOwnership: () => recordOf('x'.repeat(100_000)),
      async *watchOwnership() {
        yield recordOf('small');
        yield recordOf('x'.repeat(100_000));
      },
    },
    { server: { metrics, limits: { messageBytesMax: 65_536 } } },
  );
  await assert.rejects(
    async () => api.listOwnership({}),
    isRemote('RESOURCE_EXHAUSTED', 'RESPONSE_TOO_LARGE'),
  );
  await assert.rejects(
    async () => {
      for await (const _message of api.watchOwnership({}));
    },
    isRemote('RESOURCE_EXHAUSTED', 'RESPONSE_TOO_LARGE'),
  );
  const { text } = await metrics.render();
  assert.match(text, /rpc_calls_total\{[^}]*ListOwnership",code="RESOURCE_EXHAUSTED"[^}]*\} 1/);
  assert.match(text, /rpc_calls_in_flight\{[^}]*\} 0/);

  const { HealthClient } = await import('@banyan/contracts/grpc/health/v1/health');
  const health = createServiceClient(HealthClient, target);
  atEnd(t, () => health.close());
  await assert.rejects(async () => health.api.check({ service: 'x'.repeat(100_000) }), {
    code: 'RESOURCE_EXHAUSTED',
  });
});
