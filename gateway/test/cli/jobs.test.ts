import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DirectoryServiceService } from '@banyan/contracts/directory/v1/directory';
import { Event } from '@banyan/contracts/events/v1/events';
import { JobEnvelope } from '@banyan/contracts/jobs/v1/jobs';
import { createIdentityKeys, createIdentityVerifier } from '@banyan/service-kit/identity';
import { silentLogger } from '@banyan/service-kit/logger';
import { createGrpcServer, implement } from '@banyan/service-kit/server';
import { TEST_KEYS_TEXT } from '@banyan/service-kit/testing/sign-identity';
import { until } from '@banyan/stack/testing/until';
import { OPERATOR, VIEWER } from '../support/admin-api.ts';
import { createFakeQueues, letterOf } from '../support/fake-queues.ts';
import { banyan, createOutput } from './support/banyan.ts';
import { assertRefused, callerOf, withAdmin } from './support/with-admin.ts';

const [ONE, TWO, THREE] = ['1', '2', '3'].map((n) => `0198c4b2-7f00-7000-8000-00000000000${n}`) as [
  string,
  string,
  string,
];
const because = ['--reason', 'the fare is there now'];

describe('banyan jobs', () => {
  it('lists the queues with their dead letters, and the dead letters of one by pages', () => {
    const queues = createFakeQueues([ONE, TWO, THREE].map((id) => letterOf(id)));
    return withAdmin(
      async (call, { url }) => {
        const asViewer = callerOf(url, { BANYAN_VIEWER_TOKEN: VIEWER });
        for (const args of [['jobs'], ['jobs', 'list']]) {
          const { status, out, err } = await asViewer(...args);
          assert.equal(status, 0, err);
          assert.match(
            out,
            /^QUEUE +WAITING .*\nbilling-events +3 +1 +0 +3 +2 s +12\.5 +0 +2\nbooking-events /,
          );
          assert.match(out, /\nbilling-events: 3 dead letters\n/);
          assert.ok(out.includes(`\n${THREE}  bookingPlaced`), out);
        }
        const json = await call('jobs', '--json');
        assert.deepEqual(
          JSON.parse(json.out).map(({ name }: { name: string }) => name),
          ['billing-events', 'booking-events'],
        );
        const page = await call('jobs', 'list', 'billing-events', '--limit', '2');
        assert.match(
          page.out,
          /\n3 dead letters of billing-events\n\nmore: .* list billing-events --offset 2\n$/,
        );
        const rest = await call('jobs', 'list', 'billing-events', '--offset', '2', '--json');
        const { total, next, deadLetters } = JSON.parse(rest.out);
        assert.deepEqual([total, next, deadLetters.length], [3, null, 1]);
        const none = await call('jobs', 'list', 'booking-events');
        assert.equal(none.out, 'booking-events has no dead letters.\n');
      },
      { queues },
    );
  });

  it('settles dead letters with a reason, which the audit shows with whoever it was', () => {
    const queues = createFakeQueues([
      letterOf(ONE),
      letterOf(TWO, { type: 'holdExpired' }),
      letterOf(THREE, { type: 'holdExpired' }),
    ]);
    return withAdmin(
      async (call) => {
        const retried = await call('jobs', 'retry', 'billing-events', ONE, ...because);
        assert.equal(retried.out, 'billing-events: 1 dead letter to be tried as if new\n', retried.err);
        const all = ['--all', '--type', 'holdExpired', '--limit', '1', ...because];
        const some = await call('jobs', 'discard', 'billing-events', ...all);
        assert.equal(
          some.out,
          'billing-events: 1 dead letter discarded, and its outbox told; 1 left: call again\n',
        );
        const json = await call('jobs', 'discard', 'billing-events', '--all', ...because, '--json');
        assert.deepEqual(JSON.parse(json.out), {
          queue: 'billing-events',
          action: 'discard',
          done: 1,
          gone: 0,
          left: 0,
        });
        assert.deepEqual(queues.settled, [
          `retry billing-events ${ONE}`,
          `discard billing-events ${TWO}: the fare is there now`,
          `discard billing-events ${THREE}: the fare is there now`,
        ]);
        const empty = await call('jobs', 'retry', 'billing-events', '--all', ...because);
        assert.equal(empty.out, 'billing-events: no dead letter is meant by that\n');
        const { out } = await call('audit');
        assert.match(out, /discarded 1 letter of billing-events\n.*the fare is there now \(for \S+@\S+\)\n/);
        assert.match(out, /discarded 1 letter of billing-events\n +holdExpired\n/);
        assert.ok(/retried a letter of billing-events\n/.test(out) && out.includes(ONE), out);
      },
      { queues },
    );
  });

  it('says what helps where it is refused', () => {
    const queues = createFakeQueues([letterOf(ONE)]);
    return withAdmin(
      async (call, { url }) => {
        assertRefused(
          await call('jobs', 'list', 'mail'),
          /no queue "mail".*billing-events, booking-events\.\n.*`banyan jobs` lists/,
        );
        assertRefused(
          await call('jobs', 'inspect', 'billing-events', TWO),
          /no dead letter .*\n.*`banyan jobs list/,
        );
        const asViewer = callerOf(url, { BANYAN_VIEWER_TOKEN: VIEWER });
        assertRefused(
          await asViewer('jobs', 'retry', 'billing-events', ONE, ...because),
          /token of an operator/,
        );
        queues.takeAway('with a change');
        const lost = await call('jobs', 'discard', 'billing-events', ONE, ...because, '--json');
        assertRefused(lost, /not known.*\nLook at the dead letters/);
        assert.equal(JSON.parse(lost.out).refused.type, '/problems/queues-unavailable');
        queues.takeAway();
        assertRefused(await call('jobs'), /\(connection refused\).*\n.*events wait in their outboxes/);
        const unsaid = await call('jobs', 'discard', 'billing-events', ONE);
        assert.deepEqual([unsaid.status, /--reason must say why/.test(unsaid.err)], [2, true]);
      },
      { queues },
    );
  });

  it('has no audit to stand in where nothing is carved out, and says so', () =>
    withAdmin(
      async (call) =>
        assertRefused(await call('jobs', 'retry', 'billing-events', ONE, ...because), /no audit.*\n.*--url/),
      { queues: createFakeQueues([letterOf(ONE)]), flags: undefined },
    ));

  it('is drawn anew while it is watched, with the rates of what it sees', () => {
    const queues = createFakeQueues([letterOf(ONE)]);
    return withAdmin(
      async (_call, { url }) => {
        const stop = new AbortController();
        const screen = createOutput({ columns: 100, rows: 40 });
        let nowMs = 0;
        const ended = banyan(
          ['jobs', '--watch'],
          { BANYAN_ADMIN_URL: url, BANYAN_ADMIN_TOKEN: OPERATOR, NO_COLOR: '1' },
          { out: screen.output, signal: stop.signal, now: () => (nowMs += 2_000) },
        );
        const see = (what: RegExp) =>
          until(() => what.test(screen.text()), {
            deadlineMs: 30_000,
            what: () => `${what} in ${JSON.stringify(screen.text())}`,
          });
        try {
          await see(/billing-events +3 .* 12\.5 /);
          queues.report('billing-events', { completed: { total: 320, perMinute: 12.5 } });
          await see(/\[\d+A\r[\s\S]*billing-events +3 +1 +0 +1 +2 s +(?!12\.5 )[1-9][\d,.]* +0 /);
        } finally {
          stop.abort();
        }
        assert.equal((await ended).status, 0);
      },
      { queues },
    );
  });
});

describe('banyan jobs inspect', () => {
  const body = Buffer.from(
    Event.encode({
      id: ONE,
      occurredAt: new Date('2026-11-22T19:31:00.000Z'),
      body: { $case: 'holdExpired', value: { bookingId: 9007199254740993n } },
    }).finish(),
  ).toString('base64');
  const letter = letterOf(ONE, { type: 'holdExpired', body, bodyBytes: Buffer.byteLength(body, 'base64') });

  it('shows what a dead letter means, as the service that is to take it reads it', () =>
    withAdmin(
      async (call, { url }) => {
        await using service = await startService();
        const there = ['jobs', 'inspect', 'billing-events', ONE];
        const { status, out, err } = await call(...there, '--target', service.target);
        assert.equal(status, 0, err);
        assert.match(
          out,
          new RegExp(`^dead letter +${ONE}\ntype +holdExpired\nfrom +booking\nreason +refused: EVENT`),
        );
        assert.match(out, /"holdExpired": \{\n +"bookingId": "9007199254740993"/);
        const json = await call(...there, '--target', service.target, '--json');
        const shown = JSON.parse(json.out);
        assert.deepEqual([shown.body, shown.event.id], [body, ONE]);

        // By the configuration, as banyan call finds it.
        const folder = await mkdtemp(join(tmpdir(), 'banyan-jobs-'));
        try {
          const contracts = import.meta.resolve('@banyan/contracts/directory/v1/directory');
          await writeFile(
            join(folder, 'banyan.config.mjs'),
            `export default { monolith: 'http://127.0.0.1:3000', carveOuts: [{ name: 'billing', targetVariable: 'BILLING_TARGET',
               client: async () => (await import('${contracts}')).DirectoryServiceClient }] };`,
          );
          const env = {
            BANYAN_ADMIN_URL: url,
            BANYAN_ADMIN_TOKEN: OPERATOR,
            BANYAN_CONFIG: 'banyan.config.mjs',
            BILLING_TARGET: service.target,
          };
          const found = await banyan(there, env, { folder });
          assert.match(found.out, /"bookingId": "9007199254740993"/, found.err);
        } finally {
          await rm(folder, { recursive: true });
        }
      },
      { queues: createFakeQueues([letter]) },
    ));

  it('shows it as it came, and why, where nobody can say what it means', () => {
    const queues = createFakeQueues([
      letter,
      letterOf(TWO, { schema: 'events.v9', body: 'AQID' }),
      letterOf(THREE, { schema: null, body: null, bodyBytes: null, source: null }),
    ]);
    return withAdmin(
      async (call) => {
        await using service = await startService();
        const inspect = async (id: string, target: string) => {
          const { status, out } = await call('jobs', 'inspect', 'billing-events', id, '--target', target);
          assert.equal(status, 0);
          return out;
        };
        assert.match(await inspect(TWO, service.target), /\nbilling does not know events\.v9\.\nAQID\n$/);
        assert.match(
          await inspect(THREE, service.target),
          /\nThe job holds no event that could be read\.\n$/,
        );
        const away = await inspect(ONE, '127.0.0.1:1');
        assert.ok(
          /\nbilling could not say what it means: .*\n/.test(away) && away.endsWith(`\n${body}\n`),
          away,
        );
        const job = Buffer.from(JobEnvelope.encode({ jobId: ONE }).finish()).toString('base64');
        queues.dead.set('billing-events', [letterOf(ONE, { schema: 'jobs.v1', type: 'job', body: job })]);
        assert.match(await inspect(ONE, service.target), new RegExp(`"jobId": "${ONE}"`));
        const bare = await call('jobs', 'inspect', 'billing-events', ONE, '--json');
        assert.equal(JSON.parse(bare.out).event, null);
      },
      { queues },
    );
  });
});

/** It knows the contracts, as every service does. */
async function startService() {
  const now = () => new Date();
  const keys = createIdentityKeys(TEST_KEYS_TEXT, { now, logger: silentLogger });
  const unused = () => {
    throw new Error('nobody calls it');
  };
  const server = createGrpcServer({
    services: [
      implement(DirectoryServiceService, 'user', {
        getFlight: unused,
        getAccount: unused,
        listFlights: unused,
        listAccounts: unused,
      }),
    ],
    identity: createIdentityVerifier({ keys, audience: 'billing', now }),
    serviceToken: 'token of these tests',
    logger: silentLogger,
    now,
    newId: randomUUID,
    limits: { drainMs: 200 },
  });
  const { port } = await server.listen({ port: 0, host: '127.0.0.1' });
  return { target: `127.0.0.1:${port}`, [Symbol.asyncDispose]: () => server.stop() };
}
