import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { Queue, UnrecoverableError, Worker } from 'bullmq';
import express from 'express';
import { pino } from 'pino';
import { createAdminListener } from '../../src/admin/admin-listener.ts';
import { createFailedAttempts } from '../../src/admin/failed-attempts.ts';
import { createQueueBoard } from '../../src/admin/queue-board.ts';
import type { Queues } from '../../src/queues/queues.ts';
import { createQueuesOnDemand } from '../../src/queues/queues-on-demand.ts';
import { OPERATOR, startAdmin, type TestAdmin, VIEWER } from '../support/admin-api.ts';
import { createTestRedis, type TestRedis } from '../support/redis.ts';

const SOON = { deadlineMs: 30_000 };
const PREFIX = 'board';
const NAME = 'billing-events';

const basic = (password: string, user = 'anybody') =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('the board of the queues', () => {
  let server: TestRedis;
  let queues: Queues;
  let admin: TestAdmin;
  const releases: (() => PromiseLike<unknown>)[] = [];

  before(async () => {
    server = await createTestRedis();
    releases.push(() => server[Symbol.asyncDispose]());
    await server.start();
    await putDeadLetter(server.url);
    const named = [{ name: NAME, consumer: 'billing', takes: ['bookingPlaced'] }];
    const settings = { redisUrl: server.url, prefix: PREFIX, named };
    queues = createQueuesOnDemand(settings, { now: Date.now, logger: pino({ level: 'silent' }) });
    releases.push(queues.close);
    admin = await startAdmin({ queues });
    releases.push(() => admin[Symbol.asyncDispose]());
  });
  after(async () => {
    for (const release of releases.toReversed()) await release();
  });

  const get = (path: string, authorization = basic(VIEWER), method = 'GET') =>
    fetch(`${admin.url}${path}`, {
      method,
      redirect: 'manual',
      headers: authorization === '' ? {} : { authorization },
    });

  it('asks for the tokens of the API, as a password too, and counts wrong ones as the API does', async () => {
    for (const right of [basic(VIEWER), basic(OPERATOR, ''), `Bearer ${VIEWER}`]) {
      assert.equal((await get('/jobs/', right)).status, 200, right);
    }
    const none = await get('/jobs/', '');
    assert.equal(none.status, 401);
    assert.equal(none.headers.get('www-authenticate'), 'Basic realm="banyan", charset="UTF-8"');
    for (const wrong of [
      basic(''),
      basic(`${VIEWER}x`),
      basic('x', VIEWER),
      'Basic !',
      basic(`${VIEWER} `),
    ]) {
      assert.equal((await get('/jobs/api/queues', wrong)).status, 401, wrong);
    }
    await using guessed = await startAdmin({ queues });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 6; attempt += 1) {
      const wrong = `wrong-token-number-${attempt}`;
      const byBoard = await fetch(`${guessed.url}/jobs/`, { headers: { authorization: basic(wrong) } });
      const byApi = await guessed.call('GET', '/kills', { token: wrong });
      statuses.push(byBoard.status, byApi.response.status);
    }
    assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429]);
    // A browser sends a password along with whatever a page asks for: the API takes none.
    const api = await fetch(`${admin.url}/admin/v1/queues`, { headers: { authorization: basic(OPERATOR) } });
    assert.equal(api.status, 401);
  });

  it('is a page of its own files alone, for no other site', async () => {
    const moved = await get('/jobs');
    assert.deepEqual([moved.status, moved.headers.get('location')], [308, '/jobs/']);
    const page = await get('/jobs/');
    const html = await page.text();
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\//);
    const files = [...html.matchAll(/(?:src|href)="(static\/[^"]+)"/g)].map(([, file]) => file);
    assert.ok(files.length >= 3, html);
    for (const file of files) {
      const response = await get(`/jobs/${file}`);
      assert.equal(response.status, 200, String(file));
      await response.bytes();
    }
    const preflight = await get('/jobs/api/queues', '', 'OPTIONS');
    assert.equal(preflight.status, 405);
    for (const name of [...preflight.headers.keys(), ...page.headers.keys()])
      assert.doesNotMatch(name, /^access-control-/);
  });

  it('shows what there is, and changes nothing for anybody', async () => {
    const dead = async () => {
      const response = await get('/jobs/api/queues?activeQueue=billing-events&status=failed&page=1');
      const { queues: shown } = (await response.json()) as {
        queues: { name: string; readOnlyMode: boolean; counts: { failed: number }; jobs: { id: string }[] }[];
      };
      return shown[0] ?? assert.fail('there is a queue');
    };
    const shown = await dead();
    assert.deepEqual([shown.name, shown.readOnlyMode, shown.counts.failed], [NAME, true, 1]);
    const { id } = shown.jobs[0] ?? assert.fail('there is a dead letter');
    for (const [method, path] of [
      ['PUT', `/jobs/api/queues/${NAME}/retry/failed`],
      ['PUT', `/jobs/api/queues/${NAME}/${id}/retry/failed`],
      ['PUT', `/jobs/api/queues/${NAME}/${id}/clean`],
      ['PUT', `/jobs/api/queues/${NAME}/pause`],
      ['PUT', `/jobs/api/queues/${NAME}/empty`],
      ['POST', `/jobs/api/queues/${NAME}/add`],
      ['DELETE', `/jobs/api/queues/${NAME}`],
      ['PATCH', `/jobs/api/queues/${NAME}/${id}/update-data`],
    ] as const) {
      const response = await get(path, basic(OPERATOR), method);
      assert.equal(response.status, 405, `${method} ${path}`);
      assert.equal(response.headers.get('allow'), 'GET, HEAD');
      assert.equal(((await response.json()) as { type: string }).type, '/problems/method-not-allowed');
    }
    assert.deepEqual(await dead(), shown);
  });

  it('says that Redis is away, in time, and is there again with it', async () => {
    await server.kill();
    const away = await get('/jobs/api/queues');
    const problem = (await away.json()) as { type: string };
    assert.deepEqual([away.status, problem.type], [503, '/problems/queues-unavailable']);
    assert.ok(Number(away.headers.get('retry-after')) >= 1);
    assert.equal((await fetch(`${admin.url}/livez`)).status, 200);
    await server.start();
    await until(async () => (await get('/jobs/api/queues')).status === 200, SOON);
  });

  it('answers in time, whatever it waits for', async () => {
    const stuck = { bullQueues: () => new Promise<never>(() => {}) };
    const tokens = { operators: [], viewers: [] };
    const attempts = createFailedAttempts(() => 0);
    const logger = pino({ level: 'silent' });
    const app = express().use(
      '/jobs',
      createQueueBoard({ tokens, logger, attempts, queues: stuck, answerMs: 50 }),
    );
    const listener = createAdminListener(
      async () => app,
      (failure) => assert.fail(String(failure)),
    );
    const port = await listener.listen(0, '127.0.0.1');
    try {
      for (const path of ['/jobs/', '/jobs/api/queues']) {
        const response = await fetch(`http://127.0.0.1:${port}${path}`);
        assert.deepEqual(
          [response.status, ((await response.json()) as { reason: string }).reason],
          [503, 'no answer in time'],
        );
      }
    } finally {
      await listener.close();
    }
  });

  it('is not there where there are no queues', async () => {
    await using without = await startAdmin();
    const headers = { authorization: basic(OPERATOR) };
    assert.equal((await fetch(`${without.url}/jobs/`, { headers })).status, 404);
    assert.doesNotMatch(await (await fetch(`${without.url}/`)).text(), /\/jobs\//);
    assert.match(await (await fetch(`${admin.url}/`)).text(), /href="\/jobs\/"/);
  });
});

async function putDeadLetter(url: string): Promise<void> {
  const connection = { url, maxRetriesPerRequest: null };
  const queue = new Queue(NAME, { connection, prefix: PREFIX });
  const refuse = async () => {
    throw new UnrecoverableError('refused: NO_FARE');
  };
  const worker = new Worker(NAME, refuse, { connection, prefix: PREFIX });
  try {
    await queue.add('bookingPlaced', { schema: 'events.v1', source: 'booking' });
    await until(async () => (await queue.getFailedCount()) === 1, SOON);
  } finally {
    await worker.close();
    await queue.close();
  }
}
