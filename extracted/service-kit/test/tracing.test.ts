import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { OwnershipServiceClient, OwnershipServiceService } from '@banyan/contracts/ownership/v1/ownership';
import { startServer as startProcess } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { createServiceClient } from '../src/client.ts';
import { refuse } from '../src/errors.ts';
import type { HandlersOf } from '../src/handlers.ts';
import { silentLogger } from '../src/logger.ts';
import { implement } from '../src/server.ts';
import type { Tracing } from '../src/tracing.ts';
import { readTracing } from '../src/tracing-settings.ts';
import { createTracing } from '../src/tracing-spans.ts';
import { atEnd, LONG, startServer, TOKEN } from './kit.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
const CALLER = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=1' };
const LIST = 'ownership.v1.OwnershipService/ListOwnership';
const WATCH = 'ownership.v1.OwnershipService/WatchOwnership';
const EMPTY = { ownerships: [] };

type Handlers = HandlersOf<typeof OwnershipServiceService, 'service'>;

function startTracing(t: TestContext) {
  const { settings } = readTracing({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_BSP_SCHEDULE_DELAY: '10' });
  assert.ok(settings);
  const exporter = new InMemorySpanExporter();
  const tracing = createTracing(settings, {
    service: 'test',
    instance: 'test',
    logger: silentLogger,
    exporter,
  });
  atEnd(t, () => tracing.stop(1_000));
  /** As `name kind`, once there are so many. */
  const exported = async (count: number) => {
    await until(() => exporter.getFinishedSpans().length >= count, LONG);
    return exporter.getFinishedSpans();
  };
  return { tracing, exporter, exported };
}

async function serve(
  t: TestContext,
  tracing: Tracing,
  handlers: Partial<Handlers>,
  options: { access?: 'service' | 'open'; streamDeadlineMs?: number } = {},
) {
  const all: Handlers = {
    listOwnership: () => EMPTY,
    async *watchOwnership() {
      yield EMPTY;
    },
    ...handlers,
  };
  const { access = 'service', streamDeadlineMs } = options;
  const service = implement(
    OwnershipServiceService,
    access as 'service',
    all,
    streamDeadlineMs === undefined ? {} : { streamDeadlineMs },
  );
  const { target } = await startServer(t, { services: [service], tracing });
  const client = createServiceClient(OwnershipServiceClient, target, { token: TOKEN, tracing });
  atEnd(t, () => client.close());
  return client.api;
}

test("a call goes on in its caller's trace, and so do the calls that it makes", async (t) => {
  const { tracing, exported } = startTracing(t);
  const inner = await serve(t, tracing, {
    listOwnership: (_request, { metadata }) => {
      assert.deepEqual(metadata.get('tracestate'), ['vendor=1']);
      return EMPTY;
    },
  });
  const outer = await serve(t, tracing, {
    listOwnership: async () => {
      // Not at once, nor in the handler's own function.
      await new Promise((resolve) => setImmediate(resolve));
      for await (const _ of inner.watchOwnership({})) await inner.listOwnership({});
      return EMPTY;
    },
  });
  await outer.listOwnership({}, { metadata: CALLER });
  const spans = await exported(5);
  const tree = spans.map((span) => {
    const { name, kind, parentSpanContext } = span;
    const parent = spans.find((each) => each.spanContext().spanId === parentSpanContext?.spanId);
    assert.equal(span.spanContext().traceId, TRACE);
    assert.equal(span.attributes['rpc.response.status_code'], 'OK');
    const label = (each: typeof parent) => each && `${each.kind === 1 ? 'server' : 'client'} ${each.name}`;
    return `${kind === 1 ? 'server' : 'client'} ${name} in ${label(parent) ?? parentSpanContext?.spanId}`;
  });
  assert.deepEqual(tree.toSorted(), [
    `client ${LIST} in server ${LIST}`,
    `client ${WATCH} in server ${LIST}`,
    `server ${LIST} in ${PARENT}`,
    `server ${LIST} in client ${LIST}`,
    `server ${WATCH} in client ${WATCH}`,
  ]);
});

test('a call that is on behalf of none, endless streams and open services begin no trace', async (t) => {
  const { tracing, exported } = startTracing(t);
  const open = await serve(t, tracing, {}, { access: 'open' });
  const endless = await serve(t, tracing, {}, { streamDeadlineMs: 60_000 });
  await open.listOwnership({}, { metadata: CALLER });
  for await (const _ of endless.watchOwnership({}, { metadata: CALLER })) {
    // To its end, which is told behind that of its span.
  }
  // This one does, at the service.
  await endless.listOwnership({});
  assert.deepEqual(
    (await exported(1)).map(({ name, kind, parentSpanContext }) => [name, kind, parentSpanContext]),
    [[LIST, 1, undefined]],
  );
});

test('what is left running behind a call is in its trace no more', async (t) => {
  const { tracing, exporter, exported } = startTracing(t);
  const inner = await serve(t, tracing, {});
  const gate = Promise.withResolvers<void>();
  let late: Promise<unknown> | undefined;
  const outer = await serve(t, tracing, {
    listOwnership: () => {
      late = gate.promise.then(() => inner.listOwnership({}));
      return EMPTY;
    },
  });
  await outer.listOwnership({}, { metadata: CALLER });
  await exported(1);
  gate.resolve();
  await late;
  await exported(2);
  const [, second] = exporter.getFinishedSpans();
  assert.notEqual(second?.spanContext().traceId, TRACE);
});

test('a refusal is no fault of the service, a failure is; for the caller both are', async (t) => {
  const { tracing, exported } = startTracing(t);
  const inner = await serve(t, tracing, {
    listOwnership: () => {
      throw refuse('NOT_FOUND', 'NO_SUCH_THING');
    },
    watchOwnership: async function* () {
      yield EMPTY;
      throw new Error('a fault');
    },
  });
  const outer = await serve(t, tracing, {
    listOwnership: async () => {
      await assert.rejects(inner.listOwnership({}));
      await assert.rejects(async () => {
        for await (const _ of inner.watchOwnership({})) {
          // It breaks behind the first.
        }
      });
      for await (const _ of inner.watchOwnership({})) break;
      return EMPTY;
    },
  });
  await outer.listOwnership({}, { metadata: CALLER });
  const spans = await exported(7);
  const ends = spans
    .map(({ name, kind, attributes }) =>
      [
        kind === 1 ? 'server' : 'client',
        name.split('/')[1],
        attributes['rpc.response.status_code'],
        attributes['error.type'],
      ].join(' '),
    )
    .filter((end) => !end.startsWith('server WatchOwnership CANCELLED'));
  assert.deepEqual(ends.toSorted().slice(0, 4), [
    'client ListOwnership NOT_FOUND NOT_FOUND',
    'client WatchOwnership CANCELLED CANCELLED',
    'client WatchOwnership INTERNAL INTERNAL',
    'server ListOwnership NOT_FOUND ',
  ]);
  assert.ok(ends.includes('server WatchOwnership INTERNAL INTERNAL'), ends.join('\n'));
});

test("a process that no variable asks for traces loads nothing of OpenTelemetry's SDK", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-loaded-'));
  atEnd(t, () => rm(folder, { recursive: true }));
  const recorder = join(folder, 'recorder.mjs');
  const list = join(folder, 'loaded');
  await writeFile(
    recorder,
    `import { appendFileSync } from 'node:fs';
     import { registerHooks } from 'node:module';
     registerHooks({ load: (url, context, next) => {
       appendFileSync(${JSON.stringify(list)}, url + '\\n');
       return next(url, context);
     } });`,
  );
  const loaded = async (env: Record<string, string>) => {
    await writeFile(list, '');
    const tiny = await startProcess({
      args: ['extracted/service-kit/test/tiny-service.ts'],
      env: { TINY_PORT: '0', NODE_OPTIONS: `--import=${pathToFileURL(recorder).href}`, ...env },
    });
    atEnd(t, () => tiny.stop());
    tiny.signal('SIGTERM');
    assert.equal(await tiny.ended, 0);
    return readFile(list, 'utf8');
  };
  const off = await loaded({});
  assert.match(off, /\/service-kit\/src\/tracing\.ts/);
  // prom-client loads the API, which does nothing by itself.
  assert.doesNotMatch(off, /@opentelemetry\/(?!api\/)/);
  assert.match(await loaded({ OTEL_TRACES_EXPORTER: 'otlp' }), /@opentelemetry\/sdk-trace\//);
});

test('gateway and services read the same variables, and send in the same way', async () => {
  for (const file of ['tracing-settings.ts', 'span-export.ts']) {
    const text = (folder: string) => readFile(new URL(`../../../${folder}/${file}`, import.meta.url), 'utf8');
    assert.equal(await text('extracted/service-kit/src'), await text('gateway/src/telemetry'), file);
  }
});
