import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { JobState } from '@banyan/contracts/jobs/v1/jobs';
import { Owner, ServiceData } from '@banyan/contracts/ownership/v1/ownership';
import type { Job } from '@banyan/openapi/generated/bff';
import { until } from '@banyan/stack/testing/until';
import { status } from '@grpc/grpc-js';
import { createOverrides } from '../../src/overrides/overrides.ts';
import { createLogSink } from '../../src/telemetry/logger.ts';
import { sendRaw } from '../support/raw-client.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { flightOf, startTestService } from '../translate/support/test-service.ts';
import { COOKIE, withFlights } from '../translate/support/with-flights.ts';
import { assertDescribed } from './support/described.ts';
import { refused } from './support/fake-jobs.ts';

const ASYNC = { Prefer: 'respond-async' };
const JSON_BODY = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  body: '{"name":"a"}',
};
/** Longer than a busy machine needs: what is waited for comes, or is to be cut off by something else. */
const deadlineMs = 20_000;

const ask = async (running: RunningGateway, path: string, init: RequestInit = {}): Promise<Response> => {
  const headers = { Cookie: COOKIE, ...(init.headers as object) };
  const response = await fetch(running.url + path, { ...init, headers });
  await assertDescribed(path, response);
  return response;
};

/** Every byte of an answer but the moment's: `Date`, and the cookie's renewal. */
async function rawAnswer(running: RunningGateway, path: string, more: string[] = []): Promise<string> {
  const [method = '', target = ''] = path.split(' ');
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: a',
    `Cookie: ${COOKIE}`,
    'Connection: close',
    ...more,
  ];
  const client = sendRaw(running.port, `${lines.join('\r\n')}\r\n\r\n`);
  await client.ended();
  return client.received().replace(/^(Date|Set-Cookie): .*\r\n/gm, '');
}

async function problemOf(response: Response): Promise<[number, string]> {
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const { type, status: inBody } = (await response.json()) as { type: string; status: number };
  assert.equal(inBody, response.status);
  return [response.status, type];
}

describe('Prefer: respond-async', () => {
  it('makes a job of what would be done at once, and its result is the answer to the byte', async () => {
    await using service = await startTestService();
    service.behaviour.listFlights = (call) => {
      for (let id = 1n; id <= 3n; id += 1n)
        call.write({ flights: [flightOf(id), flightOf(id * 10n)], cursor: '' });
      call.end();
    };
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      for (const [index, path] of ['/flights.csv?from=x', '/flights/9007199254742993'].entries()) {
        const accepted = await ask(running, path, { headers: ASYNC });
        const job = (await accepted.json()) as Job;
        assert.deepEqual(
          ['location', 'preference-applied', 'retry-after', 'cache-control', 'vary'].map((name) =>
            accepted.headers.get(name),
          ),
          [`/bff/jobs/${job.id}`, 'respond-async', '1', 'no-store', 'Prefer'],
        );
        assert.equal(accepted.status, 202);
        assert.match(accepted.headers.get('set-cookie') ?? '', /^sid=7; Expires=/);
        assert.deepEqual(
          [job.operation, job.state, job.done, job.total, job.result],
          [['exportFlights', 'getFlight'][index], 'queued', 0, null, null],
        );

        const early = await ask(running, `/bff/jobs/${job.id}/result`);
        assert.equal(early.headers.get('retry-after'), '5');
        assert.deepEqual(await problemOf(early), [409, '/problems/job-not-done']);
        await service.jobs.run(service.target);

        const done = await ask(running, `/bff/jobs/${job.id}`);
        const seen = (await done.json()) as Job;
        assert.deepEqual([seen.state, seen.result], ['succeeded', `/bff/jobs/${job.id}/result`]);
        assert.equal(done.headers.get('retry-after'), null);
        assert.equal(done.headers.get('cache-control'), 'no-store');
        assert.match(done.headers.get('set-cookie') ?? '', /^sid=7; Expires=/);

        const atOnce = await rawAnswer(running, `GET ${path}`);
        assert.match(atOnce, /^HTTP\/1\.1 200 /);
        assert.equal(await rawAnswer(running, `GET ${seen.result}`), atOnce);
        assert.equal(
          await rawAnswer(running, `HEAD ${seen.result}`),
          await rawAnswer(running, `HEAD ${path}`),
        );
      }
    });
  });

  it('keeps the body of a write, and a refusal of the service as the result', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const start = async (path: string, init: RequestInit): Promise<string> => {
        const accepted = await ask(running, path, {
          ...init,
          headers: { ...(init.headers as object), ...ASYNC },
        });
        assert.equal(accepted.status, 202);
        return accepted.headers.get('location') ?? '';
      };
      const renamed = await start('/flights/4/name', { ...JSON_BODY, body: '{"name":"Ł"}' });
      service.behaviour.getFlight = (_call, answer) =>
        answer(refused(status.NOT_FOUND, 'NO_FLIGHT', 'flights'));
      const missing = await start('/flights/4', {});
      await service.jobs.run(service.target);
      const result = await ask(running, `${renamed}/result`);
      assert.deepEqual([result.status, await result.text()], [201, '{"name":"Ł","by":"Ann"}']);
      assert.equal(((await (await ask(running, missing)).json()) as Job).state, 'failed');
      assert.equal(
        await rawAnswer(running, `GET ${missing}/result`),
        await rawAnswer(running, 'GET /flights/4'),
      );
    });
  });

  it('is not heeded for HEAD, conditions, ranges, other preferences, and where the service makes no jobs', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const isPlain = async (path: string, init: RequestInit) => {
        const answer = await ask(running, path, init);
        await answer.arrayBuffer();
        assert.ok(answer.status < 202, `${path} ${answer.status}`);
        for (const name of ['location', 'preference-applied', 'vary'])
          assert.equal(answer.headers.get(name), null);
      };
      await isPlain('/flights/4', { method: 'HEAD', headers: ASYNC });
      await isPlain('/flights/4', { headers: { ...ASYNC, 'If-None-Match': '"x"' } });
      await isPlain('/flights.csv', { headers: { ...ASYNC, Range: 'bytes=0-1' } });
      await isPlain('/flights/4', { headers: { Prefer: 'respond-sync, wait=5' } });
      assert.equal(service.jobs.jobs.length, 0);
      for (const [code, reason] of [
        [status.FAILED_PRECONDITION, 'JOBS_NOT_CONFIGURED'],
        [status.FAILED_PRECONDITION, 'NOT_THE_OWNER'],
        [status.RESOURCE_EXHAUSTED, 'JOB_TOO_LARGE'],
      ] as const) {
        service.jobs.refusal = { code, reason };
        await isPlain('/flights/4', { headers: ASYNC });
        await isPlain('/flights.csv', { headers: ASYNC });
      }
      service.jobs.refusal = { code: status.RESOURCE_EXHAUSTED, reason: 'JOBS_FULL' };
      assert.equal((await ask(running, '/flights/4', { headers: ASYNC })).status, 503);
      // What a translation refuses before its call is refused as ever.
      const bad = await ask(running, '/flights/4/name', {
        ...JSON_BODY,
        headers: { ...JSON_BODY.headers, ...ASYNC },
        body: '[',
      });
      assert.deepEqual([bad.status, await bad.text()], [400, '{"code":"bad-json"}']);
    });
  });

  it('is the monolith’s where that answers, and everything below /bff/ where nothing is carved out', async () => {
    await using service = await startTestService(0, Owner.MONOLITH);
    let prefer: string | undefined;
    const monolith: RequestListener = (request, response) => {
      prefer = String(request.headers.prefer);
      response.end(`monolith: ${request.url}`);
    };
    await withFlights({ target: service.target, deadlineMs, monolith }, async (running) => {
      const answer = await ask(running, '/flights/4', { headers: { Prefer: 'respond-async, wait=3' } });
      assert.deepEqual([await answer.text(), prefer], ['monolith: /flights/4', 'respond-async, wait=3']);
    });
    await withFlights({ target: '', deadlineMs, monolith }, async (running) => {
      assert.equal(await (await ask(running, '/bff/jobs/x')).text(), 'monolith: /bff/jobs/x');
    });
  });

  it('waits for as long as the client would, and then says where to look', async () => {
    await using service = await startTestService();
    service.jobs.runsAtOnce = service.target;
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const atOnce = await rawAnswer(running, 'GET /flights/4');
      const waited = await rawAnswer(running, 'GET /flights/4', ['Prefer: respond-async, wait=600']);
      assert.equal(
        waited.replace(/^(Preference-Applied: wait=10|Vary: Prefer)\r\n/gm, ''),
        atOnce,
        'as at once, but for saying so',
      );
      assert.notEqual(waited, atOnce);
      assert.equal(service.jobs.jobs.length, 1);
      service.jobs.runsAtOnce = undefined;
      const late = await ask(running, '/flights/4', { headers: { Prefer: 'respond-async, wait=1' } });
      assert.equal(late.status, 202);
      assert.equal(late.headers.get('preference-applied'), 'respond-async, wait=1');
      await until(() => service.jobs.watching === 0, { deadlineMs });
    });
  });

  it('with an Idempotency-Key makes one job of the same request, and refuses another request', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const start = (flight: number, prefer = 'respond-async') =>
        ask(running, `/flights/${flight}/name`, {
          ...JSON_BODY,
          headers: { ...JSON_BODY.headers, 'Idempotency-Key': 'k', Prefer: prefer },
        });
      const first = await start(4);
      const again = await start(4);
      assert.deepEqual([first.status, again.status], [202, 202]);
      assert.equal(again.headers.get('location'), first.headers.get('location'));
      assert.deepEqual(
        [first, again].map(({ headers }) => headers.get('idempotency-replayed')),
        [null, 'true'],
      );
      assert.equal((await start(5)).status, 500, 'this carve-out has no words for it');
      assert.equal(service.jobs.jobs.length, 1);
      await service.jobs.run(service.target);
      const waited = await start(4, 'respond-async, wait=5');
      assert.deepEqual(
        [waited.status, waited.headers.get('idempotency-replayed'), await waited.text()],
        [201, 'true', '{"name":"a","by":"Ann"}'],
      );
      service.jobs.change(0, { state: JobState.CANCELLED });
      const cancelled = await start(4, 'respond-async, wait=5');
      assert.deepEqual([cancelled.status, ((await cancelled.json()) as Job).state], [202, 'cancelled']);
    });
  });
});

describe('/bff/jobs', () => {
  it('shows an account its own jobs only, and names that are none alike', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const accepted = await ask(running, '/flights/4', { headers: ASYNC });
      const location = accepted.headers.get('location') ?? '';
      const uuid = location.replace('/bff/jobs/flights-', '');
      const others = { headers: { Cookie: 'sid=8' } };
      const absent = [
        [location, others],
        [`${location}/result`, others],
        [location, { ...others, method: 'DELETE' }],
        [location, { headers: { Cookie: 'sid=8', Accept: 'text/event-stream' } }],
        [`/bff/jobs/flights-${uuid.replace(/.$/, 'f')}`, {}],
        [`/bff/jobs/other-${uuid}`, {}],
        [`/bff/jobs/${uuid}`, {}],
        ['/bff/jobs/flights-1', {}],
        ['/bff/jobs/flights-%00', {}],
        [`/bff/jobs/flights-${uuid.toUpperCase()}x`, {}],
      ] as const;
      const answers = await Promise.all(absent.map(([path, init]) => ask(running, path, init)));
      const bodies = await Promise.all(answers.map((answer) => answer.text()));
      assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([404]));
      assert.equal(new Set(bodies).size, 1);
      assert.match(bodies[0] ?? '', /"type":"\/problems\/job-not-found"/);

      const unknown = await fetch(running.url + location);
      assert.deepEqual([unknown.status, await unknown.text()], [401, '{"error":"who?"}']);
      assert.equal((await fetch(`${running.url}/bff/jobs/nonsense`)).status, 401);
    });
  });

  it('answers another method, OPTIONS and another path by itself, and counts all by operation', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const { headers } = await ask(running, '/flights/4', { headers: ASYNC });
      const location = headers.get('location') ?? '';
      const put = await ask(running, location, { method: 'PUT', body: 'x' });
      assert.equal(put.headers.get('allow'), 'GET, HEAD, DELETE, OPTIONS');
      assert.deepEqual(await problemOf(put), [405, '/problems/method-not-allowed']);
      const options = await ask(running, `${location}/result`, { method: 'OPTIONS' });
      assert.deepEqual([options.status, options.headers.get('allow')], [204, 'GET, HEAD, OPTIONS']);
      for (const path of ['/bff/', '/bff/jobs', '/bff/jobs/', `${location}/`, `${location}/x`])
        assert.deepEqual(await problemOf(await ask(running, path)), [404, '/problems/no-such-path']);
      for (const path of ['/bff', '/BFF/jobs/x', '/bffx']) {
        assert.equal(await (await ask(running, path)).text(), `monolith: GET ${path}`);
      }
      const head = await ask(running, location, { method: 'HEAD' });
      assert.ok(Number(head.headers.get('content-length')) > 100);

      await ask(running, `${location}/result`);
      const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
      for (const line of [
        'operation="getJob",backend="bff",status="2xx",outcome="answered"',
        'operation="getJobResult",backend="bff",status="4xx",outcome="answered"',
        'operation="noSuchBffOperation",backend="bff",status="4xx",outcome="answered"',
      ])
        assert.ok(metrics.includes(`banyan_requests_total{${line}}`), line);
      const line = (await running.logLines()).find(({ operation }) => operation === 'getJobResult');
      assert.deepEqual([line?.backend, line?.reason, line?.status], ['bff', 'own-path', 409]);
    });
  });

  it('proves who answered to a request with an override, which has no say in it', async () => {
    const setting = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
    const { logger } = createLogSink('silent', 1);
    const newId = () => 'of-the-test';
    const overrides = await createOverrides({ setting, now: () => Date.now(), newId, logger });
    overrides.stop();
    await using service = await startTestService();
    const env = { BANYAN_OVERRIDE_KEYS: setting };
    await withFlights({ target: service.target, deadlineMs, env }, async (running) => {
      for (const [account, expected] of [
        [undefined, [404, 'getJob', 'bff']],
        ['7', [404, 'getJob', 'bff']],
        ['8', [400, null, null]],
      ] as const) {
        const sides = { flights: 'service' } as const;
        const { token } = overrides.mint({ sides, expiresInMs: 60_000, ...(account && { account }) });
        const response = await fetch(`${running.url}/bff/jobs/nonsense`, {
          headers: { Cookie: COOKIE, 'X-Banyan-Override': token },
        });
        const proof = ['operation', 'served-by'].map((name) => response.headers.get(`x-banyan-${name}`));
        assert.deepEqual([response.status, ...proof], expected);
      }
    });
  });

  it('cancels a job as often as it is asked; its result is then gone for good', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const { headers } = await ask(running, '/flights/4', { headers: ASYNC });
      const location = headers.get('location') ?? '';
      for (let time = 0; time < 2; time += 1) {
        const cancelled = await ask(running, location, { method: 'DELETE' });
        assert.deepEqual([cancelled.status, ((await cancelled.json()) as Job).state], [200, 'cancelled']);
      }
      assert.deepEqual(await problemOf(await ask(running, `${location}/result`)), [
        410,
        '/problems/job-cancelled',
      ]);
      await ask(running, '/flights/4', { headers: ASYNC });
      service.jobs.change(1, { state: JobState.RUNNING });
      const second = location.replace(/0$/, '1');
      assert.equal((await ask(running, second, { method: 'DELETE' })).status, 202);
      await service.jobs.run(service.target);
      service.jobs.change(1, { expiresAt: new Date(0) });
      assert.deepEqual(await problemOf(await ask(running, `${second}/result`)), [410, '/problems/job-gone']);
    });
  });

  it('says 503 in its own form where the service is away', async () => {
    const service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const { headers } = await ask(running, '/flights/4', { headers: ASYNC });
      const location = headers.get('location') ?? '';
      await service[Symbol.asyncDispose]();
      const away = await ask(running, location);
      assert.equal(away.headers.get('retry-after'), '5');
      assert.deepEqual(await problemOf(away), [503, '/problems/unavailable']);
    });
  });
});

describe('the events of a job', () => {
  const EVENTS = { Accept: 'text/event-stream' };

  it('are its changes as they come, and end with it', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const { headers } = await ask(running, '/flights.csv', { headers: ASYNC });
      const location = headers.get('location') ?? '';
      const stream = await ask(running, location, { headers: EVENTS });
      assert.deepEqual(
        [stream.status, stream.headers.get('content-type'), stream.headers.get('cache-control')],
        [200, 'text/event-stream', 'no-store'],
      );
      const reader = stream.body?.getReader();
      const decoder = new TextDecoder();
      let text = '';
      const seen = async (part: string): Promise<void> => {
        while (!text.includes(part)) text += decoder.decode((await reader?.read())?.value, { stream: true });
      };
      await seen('"state":"queued"');
      service.jobs.change(0, { state: JobState.RUNNING, done: 1n, total: 3n });
      await seen('"done":1,"total":3');
      await service.jobs.run(service.target);
      await seen('"state":"succeeded"');
      assert.equal((await reader?.read())?.done, true);
      assert.deepEqual(
        text.match(/^(event|id): .*$/gm),
        ['queued-0', 'running-1', 'succeeded-1'].flatMap((id) => ['event: job', `id: ${id}`]),
      );
      // What an EventSource does after the end.
      const again = await ask(running, location, { headers: { ...EVENTS, 'Last-Event-ID': 'succeeded-1' } });
      assert.equal(again.status, 204);
    });
  });

  it('are no longer followed once the client has left, and no account has more streams than it may', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const { headers } = await ask(running, '/flights.csv', { headers: ASYNC });
      const location = headers.get('location') ?? '';
      const leaving = new AbortController();
      const watch = () => ask(running, location, { headers: EVENTS, signal: leaving.signal });
      for (let stream = 0; stream < 16; stream += 1) assert.equal((await watch()).status, 200);
      const tooMany = await watch();
      assert.equal(tooMany.headers.get('retry-after'), '5');
      assert.deepEqual(await problemOf(tooMany), [429, '/problems/too-many-watchers']);
      assert.equal(service.jobs.watching, 16);
      leaving.abort();
      await until(() => service.jobs.watching === 0, { deadlineMs });
      const again = await ask(running, location, { headers: { ...EVENTS } });
      assert.equal(again.status, 200);
      await again.body?.cancel();
      await until(() => service.jobs.watching === 0, { deadlineMs });
    });
  });
});

describe('an operation of a carve-out’s own', () => {
  it('is always a job, where the service owns', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target, deadlineMs }, async (running) => {
      const post = (init: RequestInit = {}) =>
        ask(running, '/bff/flights/4/greetings', { method: 'POST', body: '{}', ...init });
      const accepted = await post();
      assert.deepEqual([accepted.status, accepted.headers.get('preference-applied')], [202, null]);
      assert.equal(((await accepted.json()) as Job).operation, 'greetFlight');
      await service.jobs.run(service.target);
      const result = await ask(running, `${accepted.headers.get('location')}/result`);
      assert.deepEqual([result.status, await result.text()], [200, '{"flight":"4","accounts":0}']);

      const keyed = { headers: { 'Idempotency-Key': 'k' } };
      const [first, again] = [await post(keyed), await post(keyed)];
      assert.equal(again.headers.get('location'), first.headers.get('location'));
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      const other = await ask(running, '/bff/flights/5/greetings', { method: 'POST', ...keyed });
      assert.deepEqual(await problemOf(other), [422, '/problems/idempotency-key-reused']);
      for (const key of ['x'.repeat(256), 'a b', ''])
        assert.deepEqual(await problemOf(await post({ headers: { 'Idempotency-Key': key } })), [
          400,
          '/problems/invalid-idempotency-key',
        ]);
      service.jobs.refusal = { code: status.RESOURCE_EXHAUSTED, reason: 'JOBS_FULL' };
      assert.deepEqual(await problemOf(await post()), [503, '/problems/too-many-jobs']);
      service.jobs.refusal = { code: status.FAILED_PRECONDITION, reason: 'JOBS_NOT_CONFIGURED' };
      assert.deepEqual(await problemOf(await post()), [503, '/problems/unavailable']);
      assert.equal((await post({ headers: { Cookie: '' } })).status, 401);
      const get = await ask(running, '/bff/flights/4/greetings');
      assert.equal(get.headers.get('allow'), 'POST, OPTIONS');

      service.setOwner(Owner.MONOLITH, 2n, ServiceData.SHARED);
      await until(async () => (await post()).status === 409, { deadlineMs });
      assert.deepEqual(await problemOf(await post()), [409, '/problems/context-at-monolith']);
      service.setOwner(Owner.NOBODY, 2n);
      await until(async () => (await post()).status === 503, { deadlineMs });
    });
  });
});
