import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { AdminParts } from '../src/admin/admin-parts.ts';
import { FlagRefusal } from '../src/rollout/flag-refusal.ts';
import type { Shadow } from '../src/shadow/shadow.ts';
import {
  type Answered,
  OPERATOR,
  type Sent,
  startAdmin,
  type TestAdmin,
  VIEWER,
} from './support/admin-api.ts';
import {
  API_OPERATIONS,
  API_PROBLEMS,
  type ApiOperation,
  assertDescribed,
  isDescribedRequest,
} from './support/admin-contract.ts';
import { createFakeQueues, letterOf } from './support/fake-queues.ts';

const REASON = 'for the test';
const WRONG = 'a-token-that-nobody-has';
const SOON = { deadlineMs: 45_000 };
const seen = { answers: new Set<string>(), problems: new Set<string>() };

/** Where each operation's path has a parameter. */
const pathOf = ({ path }: ApiOperation): string =>
  path
    .replace('{operationId}', 'getInvoice')
    .replace('{name}', 'billing')
    .replace('{queue}', 'billing-events')
    .replace('{id}', 'k-1');
/** What each write takes. */
const BODIES: Readonly<Record<string, Record<string, unknown>>> = {
  setRoute: { stage: 'monolith', reason: REASON },
  setCarveOut: { stage: 'monolith', reason: REASON },
  restoreSnapshot: { reason: REASON },
  mintOverride: { sides: {}, reason: REASON },
  kill: { target: 'billing', reason: REASON },
  liftKill: { reason: REASON },
  retryDeadLetters: { reason: REASON },
  discardDeadLetters: { reason: REASON },
  retryDeadLetter: { reason: REASON },
  discardDeadLetter: { reason: REASON },
};
const WRITES = API_OPERATIONS.filter(({ method }) => method !== 'GET');
const WITH_VERSION = ['setRoute', 'setCarveOut', 'restoreSnapshot'];

const SHADOW: Pick<Shadow, 'report' | 'differences'> = {
  report: () => [
    {
      operationId: 'getInvoice',
      carveOut: 'billing',
      compared: 12,
      equal: 10,
      different: 1,
      unrepeated: 1,
      skipped: { 'queue-full': 2 },
      fields: [{ field: '$.total', kind: 'value', count: 1, unsteady: 0 }],
    },
  ],
  differences: () => [
    {
      at: '2026-11-22T19:30:00.000Z',
      operationId: 'getInvoice',
      requestId: 'test-1',
      method: 'GET',
      path: '/invoices/{id}?page',
      conditions: ['If-None-Match'],
      status: { monolith: 200, service: 200 },
      differences: [
        {
          path: '$.total',
          field: '$.total',
          kind: 'value',
          monolith: { type: 'string', length: 6, text: '000.00' },
          service: { type: 'number', length: 5, text: '000.0' },
          at: 4,
          unsteady: true,
        },
      ],
      isComplete: true,
    },
  ],
};

const TRAFFIC: NonNullable<AdminParts['traffic']> = {
  windowSeconds: 300,
  of: (operationId, lastSeconds = 300) =>
    operationId === 'getInvoice'
      ? [
          {
            backend: 'monolith',
            requests: lastSeconds,
            requestsPerSecond: 1,
            errorRate: 0.5,
            p50Ms: 12.5,
            p99Ms: null,
          },
        ]
      : [],
};

describe('the admin API is what openapi/admin.yaml says', () => {
  let admin: TestAdmin;
  const queues = createFakeQueues();
  before(async () => {
    admin = await startAdmin({ shadow: SHADOW, traffic: TRAFFIC, queues });
  });
  after(async () => {
    await admin[Symbol.asyncDispose]();
    const missing = API_OPERATIONS.flatMap(({ operationId, statuses }) =>
      statuses.map((status) => `${operationId} ${status}`).filter((answer) => !seen.answers.has(answer)),
    );
    assert.deepEqual(missing, [], 'described, and never seen by a test');
    assert.deepEqual(
      API_PROBLEMS.filter((kind) => !seen.problems.has(kind)),
      [],
      'described, and never seen by a test',
    );
  });

  /** Asks, and holds the answer against the document. */
  const ask = async (operationId: string, path?: string, sent: Sent = {}, by = admin): Promise<Answered> => {
    const operation = API_OPERATIONS.find((each) => each.operationId === operationId) as ApiOperation;
    const answered = await by.call(operation.method, path ?? pathOf(operation), sent);
    return check(operationId, answered, sent);
  };
  const check = (operationId: string, answered: Answered, sent: Sent = {}): Answered => {
    const { response, text, body } = answered;
    assertDescribed(operationId, response, text);
    assert.equal(response.headers.get('access-control-allow-origin'), null);
    if (response.ok && sent.body !== undefined) {
      assert.ok(isDescribedRequest(operationId, sent.body), 'taken, and not described');
    }
    seen.answers.add(`${operationId} ${response.status}`);
    if (!response.ok) seen.problems.add(String(body.type).replace('/problems/', ''));
    return answered;
  };
  const refused = async (
    status: number,
    kind: string,
    operationId: string,
    path?: string,
    sent: Sent = {},
  ): Promise<Record<string, unknown>> => {
    const { response, body } = await ask(operationId, path, sent);
    assert.equal(`${response.status} ${body.type}`, `${status} /problems/${kind}`, String(body.detail));
    return body;
  };
  const version = (): string => `"${admin.flags.snapshot().version}"`;
  const ifMatch = (): Record<string, string> => ({ 'if-match': version() });

  for (const operation of API_OPERATIONS) {
    const { operationId, method, path } = operation;
    describe(operationId, () => {
      const isWrite = method !== 'GET';
      const right = (): Sent => ({ ...(isWrite ? { body: BODIES[operationId], headers: ifMatch() } : {}) });

      it('asks for a token that is known', async () => {
        await using other = await startAdmin();
        const none = await ask(operationId, undefined, { ...right(), token: '' }, other);
        assert.equal(none.response.headers.get('www-authenticate'), 'Bearer realm="banyan"');
        const { body } = await ask(operationId, undefined, { ...right(), token: WRONG }, other);
        assert.equal(body.type, '/problems/unauthorized');
      });

      it('has no other method', async () => {
        const allowed = API_OPERATIONS.filter((each) => each.path === path).map((each) => each.method);
        for (const other of ['GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS']) {
          if (allowed.includes(other)) continue;
          const { response } = check(operationId, await admin.call(other, pathOf(operation)));
          assert.equal(response.status, 405);
        }
      });

      it('takes no parameter that is not described, and none twice', async () => {
        const body = await refused(
          400,
          'invalid-value',
          operationId,
          `${pathOf(operation)}?moon=full`,
          right(),
        );
        assert.deepEqual(
          (body.faults as { field: string; got: string }[]).map(({ field, got }) => [field, got]),
          [['moon', '"full"']],
        );
      });

      it('says that the gateway failed, and nothing of why', async () => {
        const fail = () => {
          throw new Error('the secret of the failure');
        };
        const flags = new Proxy({} as never, { get: () => fail });
        const queues = new Proxy({} as never, { get: fail });
        await using broken = await startAdmin({ flags, rollout: fail, services: fail, queues });
        const { response, text } = await ask(operationId, undefined, right(), broken);
        assert.equal(response.status, 500);
        assert.doesNotMatch(text, /secret/);
        assert.match(JSON.stringify(broken.log), /secret/);
      });

      it('answers a guesser with 429, and the right token all the same', async () => {
        await using guessed = await startAdmin();
        const statuses: number[] = [];
        for (let attempt = 0; attempt < 12; attempt += 1) {
          const { response } = await ask(
            operationId,
            undefined,
            { ...right(), token: `${WRONG}${attempt}` },
            guessed,
          );
          statuses.push(response.status);
        }
        assert.deepEqual([...new Set(statuses)], [401, 429]);
        assert.equal((await guessed.call('GET', '/kills')).response.status, 200);
      });
    });
  }

  for (const { operationId } of WRITES) {
    describe(`${operationId}, a write`, () => {
      it('is an operator’s, and nobody’s where no tokens are configured', async () => {
        const sent = { body: BODIES[operationId], headers: ifMatch() };
        await refused(403, 'forbidden', operationId, undefined, { ...sent, token: VIEWER });
        await using open = await startAdmin({ tokens: { operators: [], viewers: [] } });
        for (const token of ['', OPERATOR]) {
          const { response, body } = await ask(operationId, undefined, { ...sent, token }, open);
          assert.equal(`${response.status} ${body.type}`, '403 /problems/read-only');
        }
      });

      it('is JSON alone: nothing that a form or a page of another site can send without asking', async () => {
        for (const type of [
          'text/plain',
          'application/x-www-form-urlencoded',
          'multipart/form-data; boundary=x',
          'application/json; charset=latin1',
          'application/jsonp',
        ]) {
          const headers = { ...ifMatch(), 'content-type': type };
          await refused(415, 'unsupported-media-type', operationId, undefined, {
            body: BODIES[operationId],
            headers,
          });
        }
        const headers = { ...ifMatch(), 'content-encoding': 'gzip' };
        await refused(415, 'unsupported-media-type', operationId, undefined, {
          body: BODIES[operationId],
          headers,
        });
      });

      it('is bounded, well-formed, and holds what is described, each fault by field, rule and value', async () => {
        const headers = ifMatch();
        const large = JSON.stringify({ reason: 'x'.repeat(70_000) });
        await refused(413, 'payload-too-large', operationId, undefined, { body: large, headers });
        for (const body of ['{"reason":', '', '{"reason":"\u0000"}', 'undefined']) {
          await refused(400, 'malformed-json', operationId, undefined, { body, headers });
        }
        const twice = `{"reason":"one",${JSON.stringify(BODIES[operationId]).slice(1)}`;
        const { faults } = await refused(400, 'invalid-value', operationId, undefined, {
          body: twice,
          headers,
        });
        assert.deepEqual(faults, [{ field: 'reason', rule: 'must be there once' }]);
        for (const body of [[], null, 7, 'text']) {
          await refused(400, 'invalid-value', operationId, undefined, {
            body: JSON.stringify(body),
            headers,
          });
        }
        const problem = await refused(400, 'invalid-value', operationId, undefined, {
          body: { ...BODIES[operationId], reason: ' ', moon: 'full', __proto__x: 1 },
          headers: { 'if-match': 'W/"1"', 'x-banyan-on-behalf-of': 'b\u00e9b\u00e9' },
        });
        const fields = (problem.faults as { field: string }[]).map(({ field }) => field);
        assert.deepEqual(fields, ['If-Match', 'X-Banyan-On-Behalf-Of', 'reason', 'moon', '__proto__x']);
        for (const reason of ['', 'x'.repeat(501), 'two\nlines', '\u001b[2J', 'abc\u202e', 7, null]) {
          const body = { ...BODIES[operationId], reason };
          await refused(400, 'invalid-value', operationId, undefined, { body, headers });
        }
      });
    });
  }

  it('needs the version that its author has seen, where flags change', async () => {
    for (const operationId of WITH_VERSION) {
      await refused(428, 'version-required', operationId, undefined, { body: BODIES[operationId] });
      for (const wrong of [
        '*',
        '42',
        '"42", "43"',
        'W/"42"',
        '"4 2"',
        '"01"',
        '"00"',
        '"-1"',
        '""',
        '"9999999999999999"',
      ]) {
        await refused(400, 'invalid-value', operationId, undefined, {
          body: BODIES[operationId],
          headers: { 'if-match': wrong },
        });
      }
    }
  });

  it('reads what there is', async () => {
    const { body: routes, response } = await ask('listRoutes', '/routes?seconds=30');
    assert.equal(response.headers.get('etag'), version());
    const [invoice, ...others] = routes as unknown as { traffic: { requests: number }[]; shadow: unknown }[];
    assert.equal(others.length, 5);
    assert.equal(invoice?.traffic[0]?.requests, 30);
    assert.deepEqual(invoice?.shadow, { compared: 12, different: 1 });
    for (const seconds of ['9', '301', 'x']) {
      await refused(400, 'invalid-value', 'listRoutes', `/routes?seconds=${seconds}`);
    }
    await ask('listRoutes', '/routes', { headers: { 'if-none-match': version() } });
    for (const target of ['getInvoice', 'payInvoice', 'getBooking', 'getNews', 'sendMail']) {
      const { body } = await ask('getRoute', `/routes/${target}`);
      assert.equal(body.operationId, target);
    }
    await ask('getSnapshot');
    await ask('listKills');
    await ask('listAudit', '/audit?limit=1');
    await ask('listReplicas');
    const { body } = await ask('getDifferences');
    assert.equal((body.differences as unknown[]).length, 1);
    await ask('listRoutes', undefined, { token: VIEWER });
  });

  it('refuses a target that is none, by what it is', async () => {
    const set = (path: string): [string, Sent] => [
      path,
      { body: { stage: 'service', reason: REASON }, headers: ifMatch() },
    ];
    for (const target of ['nothing', 'GETINVOICE', 'constructor', '%00', 'x'.repeat(2_000)]) {
      await refused(404, 'unknown-operation', 'getRoute', `/routes/${target}`);
      await refused(404, 'unknown-operation', 'setRoute', ...set(`/routes/${target}`));
      await refused(404, 'unknown-operation', 'getDifferences', `/differences/${target}`);
      await refused(404, 'unknown-carve-out', 'setCarveOut', ...set(`/carve-outs/${target}`));
      await refused(404, 'unknown-kill', 'liftKill', `/kills/${target}/lift`, { body: { reason: REASON } });
    }
    await refused(404, 'unknown-operation', 'kill', undefined, {
      body: { target: 'nothing', reason: REASON },
    });
    await refused(404, 'unknown-operation', 'mintOverride', undefined, {
      body: { sides: { nothing: 'service' }, reason: REASON },
    });
    await refused(409, 'not-carved-out', 'setRoute', ...set('/routes/getNews'));
    await refused(409, 'write-follows-owner', 'setRoute', ...set('/routes/payInvoice'));
    await refused(409, 'write-follows-owner', 'setCarveOut', ...set('/carve-outs/mail'));
    await refused(409, 'not-carved-out', 'getDifferences', '/differences/getNews');
    await refused(409, 'write-follows-owner', 'kill', undefined, {
      body: { target: 'payInvoice', reason: REASON },
    });
    await refused(409, 'not-carved-out', 'kill', undefined, { body: { target: 'getNews', reason: REASON } });
    await refused(409, 'write-follows-owner', 'mintOverride', undefined, {
      body: { sides: { payInvoice: 'monolith' }, reason: REASON },
    });
    assert.equal(admin.flags.snapshot().version, 0, 'nothing may have changed');
  });

  it('has no other path, and none that is not percent-encoded UTF-8', async () => {
    for (const path of ['/nothing', '/routes/', '/ROUTES', '/kills/1', '/routes/%ff', '/routes/%zz']) {
      const { response, body } = await admin.call('GET', path);
      assert.equal(`${response.status} ${body.type}`, '404 /problems/not-found', path);
      seen.problems.add('not-found');
    }
  });

  it('sets a flag, and refuses what is unlawful, stale, or not served', async () => {
    const set = (body: Record<string, unknown>, headers = ifMatch()): Sent => ({
      body: { reason: REASON, ...body },
      headers,
    });
    const unlawful = await refused(
      409,
      'unlawful-stage',
      'setRoute',
      '/routes/getBooking',
      set({ stage: 'monolith' }),
    );
    assert.deepEqual(unlawful.reads, [
      {
        operationId: 'getBooking',
        wanted: 'monolith',
        owner: 'service',
        data: 'shared',
        legalStages: ['service'],
      },
    ]);
    await refused(409, 'unlawful-stage', 'setCarveOut', '/carve-outs/booking', set({ stage: 'shadow' }));
    admin.services.set('billing', 'not-serving');
    for (const stage of [{ stage: 'service' }, { stage: 'canary', weightPercent: 5 }]) {
      await refused(409, 'service-not-serving', 'setRoute', undefined, set(stage));
    }
    await refused(409, 'service-not-serving', 'setCarveOut', undefined, set({ stage: 'service' }));
    const forced = await ask('setRoute', undefined, set({ stage: 'service', force: true }));
    assert.equal(forced.body.forced, true);
    admin.services.set('billing', 'serving');
    for (const operationId of ['setRoute', 'setCarveOut']) {
      const stale = await refused(
        412,
        'stale-version',
        operationId,
        undefined,
        set({ stage: 'service' }, { 'if-match': '"0"' }),
      );
      assert.deepEqual([stale.expected, stale.current], [0, 1]);
      await refused(
        412,
        'stale-version',
        operationId,
        undefined,
        set({ stage: 'service' }, { 'if-match': '"77"' }),
      );
    }
    const canary = await ask('setCarveOut', undefined, set({ stage: 'canary', weightPercent: 12.345 }));
    assert.equal(canary.response.headers.get('etag'), '"2"');
    assert.deepEqual(canary.body.set, ['getInvoice', 'listInvoices']);
    assert.deepEqual(canary.body.following, [{ operationId: 'payInvoice', stage: 'monolith' }]);
    const shadow = await ask('setRoute', undefined, set({ stage: 'shadow' }));
    assert.deepEqual((shadow.body.snapshot as { flags: unknown }).flags, {
      getInvoice: { stage: 'shadow', samplePercent: 100, fallback: true },
      listInvoices: { stage: 'canary', weightPercent: 12.345, fallback: true },
    });
  });

  it('mints what is lawful, bounded in time, and notes it', async () => {
    const mint = (body: Record<string, unknown>): Sent => ({ body: { reason: REASON, ...body } });
    const { body } = await ask(
      'mintOverride',
      undefined,
      mint({ sides: { billing: 'service', getInvoice: 'monolith' }, account: '7', expiresInSeconds: 1 }),
    );
    assert.deepEqual(body.header, { name: 'X-Banyan-Override', value: body.token });
    assert.deepEqual(body.cookie, { name: 'banyan_override', value: body.token });
    const leftMs = Date.parse(String(body.expiresAt)) - Date.now();
    assert.ok(leftMs <= 2_000, String(leftMs));
    for (const wrong of [
      { sides: { getInvoice: 'both' } },
      { sides: [] },
      { sides: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`x${index}`, 'service'])) },
      { sides: {}, expiresInSeconds: 0 },
      { sides: {}, expiresInSeconds: 86_401 },
      { sides: {}, expiresInSeconds: 1.5 },
      { sides: {}, account: 'a b' },
      {},
    ]) {
      await refused(400, 'invalid-value', 'mintOverride', undefined, mint(wrong));
    }
    const unlawful = await refused(
      409,
      'unlawful-override',
      'mintOverride',
      undefined,
      mint({
        sides: { booking: 'monolith' },
      }),
    );
    assert.equal((unlawful.reads as { operationId: string }[])[0]?.operationId, 'getBooking');
    await using without = await startAdmin({ overrides: undefined });
    const off = await ask('mintOverride', undefined, mint({ sides: {} }), without);
    assert.equal(off.body.type, '/problems/overrides-off');
    const note = async () => {
      const facts = { store: 'away', since: new Date().toISOString(), outcome: 'unchanged' };
      throw new FlagRefusal('store-away', 'Too much waits for the store already.', facts);
    };
    await using full = await startAdmin({ flags: { ...admin.flags, note } });
    const unnoted = await ask('mintOverride', undefined, mint({ sides: {} }), full);
    assert.equal(unnoted.response.status, 503, 'nobody gets a token that is not in the audit');
    const { body: audit } = await ask('listAudit', '/audit?limit=1');
    const [entry] = audit.entries as { action: string; target: string }[];
    assert.equal(entry?.action, 'mint-override');
    assert.equal(entry?.target, `${body.id}: billing=service,getInvoice=monolith for account 7`);
    assert.ok(!JSON.stringify(audit).includes(String(body.token)));
    assert.ok(!JSON.stringify(admin.log).includes(String(body.token)));
  });

  it('kills and lifts without a version, also while the store is away', async () => {
    admin.takeAway();
    const { body } = await ask('kill', undefined, { body: { target: '*', reason: REASON } });
    assert.deepEqual(body.reads, ['getInvoice', 'listInvoices']);
    assert.deepEqual(body.unmoved, [{ operationId: 'getBooking', stage: 'service' }]);
    const { id } = body.kill as { id: string };
    const { body: kills } = await ask('listKills');
    assert.equal((kills as unknown as unknown[]).length, 1);
    const killed = await refused(409, 'unlawful-override', 'mintOverride', undefined, {
      body: { sides: { getInvoice: 'service' }, reason: REASON },
    });
    assert.equal((killed.reads as { killed: boolean }[])[0]?.killed, true);
    for (const operationId of WITH_VERSION) {
      const away = await refused(503, 'store-away', operationId, undefined, {
        body: BODIES[operationId],
        headers: ifMatch(),
      });
      assert.equal(away.outcome, 'unchanged');
    }
    const local = await ask('listAudit');
    assert.equal(local.body.isLocal, true);
    const { body: replicas } = await ask('listReplicas');
    assert.equal((replicas.asked as { state: string }).state, 'away');
    const ready = (await (await fetch(`${admin.url}/readyz`)).json()) as {
      dependencies: { flags: Record<string, unknown> };
    };
    const { state, store, kills: count, version: served } = ready.dependencies.flags;
    assert.deepEqual([state, store, count, served], ['away', 'file', 1, admin.flags.snapshot().version]);
    assert.ok(Number(ready.dependencies.flags.pendingAudit) >= 1);
    const { body: route } = await ask('getRoute');
    assert.deepEqual([route.killed, route.stage, route.wantedStage], [true, 'monolith', 'shadow']);
    await ask('liftKill', `/kills/${id}/lift`, { body: { reason: REASON } });
    await refused(404, 'unknown-kill', 'liftKill', `/kills/${id}/lift`, { body: { reason: REASON } });
    admin.bringBack();
    await until(() => admin.flags.status().state === 'reachable', SOON);
  });

  it('says which version requests are decided by, also were that another than the one adopted', async () => {
    const rollout = () => ({ version: 41, routes: [], routeOf: () => undefined });
    await using other = await startAdmin({ rollout });
    const { body } = await ask('listReplicas', undefined, {}, other);
    assert.equal((body.asked as { version: number }).version, 41);
    const ready = await (await fetch(`${other.url}/readyz`)).json();
    assert.equal(ready.dependencies.flags.version, 41);
    assert.equal((await ask('getSnapshot', undefined, {}, other)).body.version, 0);
  });

  it('sets what a kill holds, and says that it is held', async () => {
    await using other = await startAdmin();
    await ask('kill', undefined, { body: { target: 'listInvoices', reason: REASON } }, other);
    const sent = { body: { stage: 'service', reason: REASON }, headers: { 'if-match': '"0"' } };
    const { body } = await ask('setCarveOut', undefined, sent, other);
    assert.deepEqual([body.set, body.killed], [['getInvoice', 'listInvoices'], ['listInvoices']]);
  });

  it('keeps the audit in order, by pages, with whoever did it', async () => {
    await ask('setRoute', undefined, {
      body: { stage: 'service', reason: 'the last one' },
      headers: { ...ifMatch(), 'x-banyan-on-behalf-of': 'ann@desk' },
    });
    const found: { id: string; action: string; by: string; client: string; replica: string }[] = [];
    let next: unknown = null;
    do {
      const page = await ask('listAudit', `/audit?limit=2${next === null ? '' : `&before=${next}`}`);
      found.push(...(page.body.entries as typeof found));
      next = page.body.next;
    } while (next !== null);
    const whole = await ask('listAudit');
    assert.deepEqual(found, whole.body.entries);
    const exactly = await ask('listAudit', `/audit?limit=${found.length}`);
    assert.equal(exactly.body.next, null);
    assert.deepEqual(
      found.map(({ action }) => action),
      ['set-route', 'lift-kill', 'kill', 'mint-override', 'set-route', 'set-carve-out', 'set-route'],
    );
    assert.ok(found.every(({ by, client, replica }) => `${by} ${client} ${replica}` === 'ann 127.0.0.1 r1'));
    const { action, onBehalfOf, by } = { onBehalfOf: '', ...found[0] };
    assert.deepEqual([action, onBehalfOf, by], ['set-route', 'ann@desk', 'ann']);
    const line = admin.log.findLast(({ msg }) => msg === 'changed by the admin API');
    assert.deepEqual(
      [line?.by, line?.onBehalfOf, line?.client, line?.replica, line?.action, line?.version],
      ['ann', 'ann@desk', '127.0.0.1', 'r1', 'set-route', admin.flags.snapshot().version],
    );
    const { body: route } = await ask('getRoute');
    const { at: _, ...flip } = route.lastFlip as Record<string, unknown>;
    assert.deepEqual(flip, { by: 'ann', reason: 'the last one', version: admin.flags.snapshot().version });
    await using bare = await startAdmin({ flags: undefined });
    for (const by of [admin, bare]) {
      const { response, body } = await ask('listAudit', '/audit?before=nobody', {}, by);
      const [fault] = body.faults as { field: string; got: string }[];
      assert.deepEqual(
        [response.status, body.type, fault?.field, fault?.got],
        [400, '/problems/invalid-value', 'before', '"nobody"'],
      );
    }
    for (const limit of ['0', '501', '1.5', '', 'x', '1&limit=2']) {
      await refused(400, 'invalid-value', 'listAudit', `/audit?limit=${limit}`);
    }
  });

  it('restores a store that was emptied, by an act of its own', async () => {
    const restore = (): Sent => ({ body: { reason: REASON }, headers: ifMatch() });
    await refused(409, 'nothing-to-restore', 'restoreSnapshot', undefined, restore());
    await refused(412, 'stale-version', 'restoreSnapshot', undefined, {
      body: { reason: REASON },
      headers: { 'if-match': '"0"' },
    });
    await admin.empty();
    await until(() => admin.flags.status().state === 'behind', SOON);
    for (const operationId of ['setRoute', 'setCarveOut']) {
      await refused(409, 'store-behind', operationId, undefined, {
        body: BODIES[operationId],
        headers: ifMatch(),
      });
    }
    const flags = admin.flags.snapshot().flags;
    const { body } = await ask('restoreSnapshot', undefined, restore());
    assert.deepEqual((body.snapshot as { flags: unknown }).flags, flags);
    const { body: audit } = await ask('listAudit', '/audit?limit=1');
    assert.equal((audit.entries as { action: string }[])[0]?.action, 'restore');
  });

  it('shows the queues, their dead letters, and one of them as it came', async () => {
    const ids = ['e-1', 'e-2', 'e-3'];
    queues.dead.set(
      'billing-events',
      ids.map((id) => letterOf(id)),
    );
    const { body } = await ask('listQueues');
    const [billing, booking] = body as unknown as Record<string, unknown>[];
    assert.deepEqual(
      [billing?.jobs, billing?.takes, booking?.takes],
      [{ waiting: 3, active: 1, delayed: 0, dead: 3 }, ['bookingPlaced', 'holdExpired'], 'rest'],
    );
    queues.report('billing-events', { oldestSeconds: null, consumers: null });
    assert.equal((await ask('getQueue', undefined, { token: VIEWER })).body.consumers, null);
    const first = await ask('listDeadLetters', '/queues/billing-events/dead-letters?limit=2');
    const second = await ask('listDeadLetters', '/queues/billing-events/dead-letters?limit=2&offset=2');
    assert.deepEqual([first.body.total, first.body.next, second.body.next], [3, 2, null]);
    const pages = [first, second].flatMap((page) => page.body.deadLetters as { id: string }[]);
    assert.deepEqual(
      pages.map(({ id }) => id),
      ids,
    );
    for (const query of ['limit=0', 'limit=201', 'offset=-1', 'offset=1000001', 'limit=1&limit=2']) {
      const path = `/queues/billing-events/dead-letters?${query}`;
      await refused(400, 'invalid-value', 'listDeadLetters', path);
    }
    const letter = await ask('inspectDeadLetter', '/queues/billing-events/dead-letters/e-2');
    assert.deepEqual(letter.body, { ...letterOf('e-2') });
    const unreadable = { source: null, schema: null, body: null, bodyBytes: null };
    queues.dead.set('billing-events', [letterOf('e-4', unreadable)]);
    await ask('inspectDeadLetter', '/queues/billing-events/dead-letters/e-4');
    await using without = await startAdmin();
    assert.deepEqual((await ask('listQueues', undefined, {}, without)).body, []);
  });

  it('knows no queue and no dead letter but those that there are', async () => {
    const body = { reason: REASON };
    for (const target of ['nothing', 'Billing-events', 'constructor', 'x'.repeat(2_000)]) {
      const path = `/queues/${target}`;
      await refused(404, 'unknown-queue', 'getQueue', path);
      await refused(404, 'unknown-queue', 'listDeadLetters', `${path}/dead-letters`);
      await refused(404, 'unknown-queue', 'inspectDeadLetter', `${path}/dead-letters/e-4`);
      for (const action of ['retry', 'discard']) {
        const letter = `${path}/dead-letters/e-4/${action}`;
        await refused(404, 'unknown-queue', `${action}DeadLetters`, `${path}/${action}`, { body });
        await refused(404, 'unknown-queue', `${action}DeadLetter`, letter, { body });
        const other = `/queues/billing-events/dead-letters/${target}`;
        await refused(404, 'unknown-dead-letter', 'inspectDeadLetter', other);
        await refused(404, 'unknown-dead-letter', `${action}DeadLetter`, `${other}/${action}`, { body });
      }
    }
    assert.deepEqual(queues.settled, []);
  });

  it('settles dead letters, one or as many as are meant, each time with an entry in the audit before', async () => {
    const ids = ['e-1', 'e-2', 'e-3', 'e-4', 'e-5'];
    const types = ['a', 'b', 'a', 'a', 'b'];
    queues.dead.set(
      'billing-events',
      ids.map((id, index) => letterOf(id, { type: types[index] as string })),
    );
    const done = async (operationId: string, path: string, wish: Record<string, unknown>) => {
      const { body } = await ask(operationId, `/queues/billing-events/${path}`, {
        body: { reason: REASON, ...wish },
      });
      return [body.action, body.done, body.gone, body.left];
    };
    const { body: before } = await ask('listAudit', '/audit?limit=1');
    assert.deepEqual(await done('retryDeadLetter', 'dead-letters/e-2/retry', {}), ['retry', 1, 0, 0]);
    assert.deepEqual(await done('retryDeadLetters', 'retry', { type: 'a', limit: 2 }), ['retry', 2, 0, 1]);
    const bye = { reason: 'of a test' };
    assert.deepEqual(await done('discardDeadLetter', 'dead-letters/e-4/discard', bye), ['discard', 1, 0, 0]);
    assert.deepEqual(await done('discardDeadLetters', 'discard', bye), ['discard', 1, 0, 0]);
    assert.deepEqual(await done('discardDeadLetters', 'discard', bye), ['discard', 0, 0, 0]);
    assert.deepEqual(queues.settled, [
      'retry billing-events e-2',
      'retry billing-events e-1',
      'retry billing-events e-3',
      'discard billing-events e-4: of a test',
      'discard billing-events e-5: of a test',
    ]);
    const { body: audit } = await ask('listAudit', '/audit?limit=5');
    const entries = audit.entries as { id: string; action: string; target: string; by: string }[];
    assert.deepEqual(
      entries.slice(0, 4).map(({ action, target, by }) => [action, target, by]),
      [
        ['discard-dead-letters', 'billing-events: 1', 'ann'],
        ['discard-dead-letters', 'billing-events/e-4', 'ann'],
        ['retry-dead-letters', 'billing-events: 2 of a', 'ann'],
        ['retry-dead-letters', 'billing-events/e-2', 'ann'],
      ],
    );
    // What settled nothing left nothing.
    assert.deepEqual(entries.slice(4), before.entries);
    for (const wrong of [
      { type: '' },
      { type: 7 },
      { limit: 0 },
      { limit: 1_001 },
      { limit: 1.5 },
      { all: true },
    ]) {
      const body = { reason: REASON, ...wrong };
      await refused(400, 'invalid-value', 'discardDeadLetters', undefined, { body });
    }
  });

  it('settles nothing that cannot stand in the audit, and says when Redis went away with it', async () => {
    const letters = ['e-1', 'e-2'].map((id) => letterOf(id));
    const all = [
      ['retryDeadLetter', '/queues/billing-events/dead-letters/e-1/retry'],
      ['discardDeadLetter', '/queues/billing-events/dead-letters/e-1/discard'],
      ['retryDeadLetters', '/queues/billing-events/retry'],
      ['discardDeadLetters', '/queues/billing-events/discard'],
    ] as const;
    const body = { reason: REASON };
    const kept = createFakeQueues(letters);
    await using bare = await startAdmin({ flags: undefined, queues: kept });
    const note = async () => {
      const facts = { store: 'away', since: new Date().toISOString(), outcome: 'unchanged' };
      throw new FlagRefusal('store-away', 'Too much waits for the store already.', facts);
    };
    await using full = await startAdmin({ flags: { ...admin.flags, note }, queues: kept });
    for (const [operationId, path] of all) {
      const none = await ask(operationId, path, { body }, bare);
      assert.equal(none.body.type, '/problems/no-audit');
      const unnoted = await ask(operationId, path, { body }, full);
      assert.equal(unnoted.body.type, '/problems/store-away');
    }
    assert.deepEqual(kept.settled, []);

    queues.dead.set('billing-events', [...letters]);
    queues.takeAway('with a change');
    for (const [operationId, path] of all) {
      const lost = await refused(503, 'queues-unavailable', operationId, path, { body });
      assert.equal(lost.outcome, 'unknown');
      assert.equal(lost.done, operationId.endsWith('s') ? 0 : undefined);
    }
    queues.takeAway();
    for (const { operationId } of API_OPERATIONS.filter(({ path }) => path.startsWith('/queues'))) {
      const sent = BODIES[operationId] === undefined ? {} : { body };
      const away = await refused(503, 'queues-unavailable', operationId, undefined, sent);
      assert.equal(away.outcome, 'unchanged');
      assert.doesNotMatch(String(away.detail), /redis:/);
    }
    // Nothing else needs them.
    assert.equal((await ask('listRoutes')).response.status, 200);
    queues.bringBack();
  });

  it('explains every problem on a page of its own, which is its type', async () => {
    const list = await (await fetch(`${admin.url}/problems`)).text();
    for (const kind of API_PROBLEMS) {
      assert.ok(list.includes(`/problems/${kind}"`), kind);
      const response = await fetch(`${admin.url}/problems/${kind}`);
      assert.equal(response.status, 200, kind);
      assert.match(await response.text(), /What to do/);
    }
    assert.equal((await fetch(`${admin.url}/problems/none`)).status, 404);
  });
});
