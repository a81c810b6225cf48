import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import { freePort } from '@banyan/stack/testing/free-port';
import { until } from '@banyan/stack/testing/until';
import type { RawAnswer } from '../differential/raw-exchange.ts';
import { type Findings, form, type Step, step } from '../differential/step.ts';
import { headerOf, statusOf } from '../parity/ask.ts';
import { startDated } from '../parity/dated-process.ts';
import type { Undo } from '../parity/monolith.ts';
import { startWorlds, type Worlds } from '../parity/worlds.ts';
import { type AcquirerGate, createAcquirerGate } from './acquirer-gate.ts';
import * as client from './client.ts';
import { chargesOf, type Ground, KEYED_OPERATIONS, type KeyedWrite } from './keyed-writes.ts';
import { createServiceWay, type ServiceWay } from './service-way.ts';

const NOW = new Date(`${TEMPLATE_SEED_DATE}T12:00:00Z`);
const MONTHS = Array.from({ length: 10 }, (_, month) => `2026-${String(month + 1).padStart(2, '0')}`);
const ASYNC = 'Prefer: respond-async';
const deadlineMs = 120_000;

const BAD_KEYS: readonly (readonly [what: string, ...headers: string[]])[] = [
  ['nothing', 'Idempotency-Key: '],
  ['a blank', 'Idempotency-Key: a key'],
  ['256 characters', `Idempotency-Key: ${'k'.repeat(256)}`],
  ['a letter beyond ASCII', 'Idempotency-Key: schl\u00fcssel'],
  ['two keys', 'Idempotency-Key: one', 'Idempotency-Key: other'],
];

let keys = 0;
/** Of 1 to 255 visible characters, never the same twice. */
const newKey = (): string => {
  keys += 1;
  return `Idempotency-Key: "${keys}",~!${'k'.repeat(keys % 2 === 0 ? 0 : 240)}`;
};

/** Of the moment and of the connection; all else is the answer. */
const OF_THE_MOMENT = /^(date|set-cookie|connection|keep-alive|idempotency-replayed):/i;

const told = ({ statusLine, headers, framing, body, trailers }: RawAnswer) => ({
  statusLine,
  headers: headers.filter((line) => !OF_THE_MOMENT.test(line)),
  framing,
  body,
  trailers,
});

const isReplayed = (answer: RawAnswer): boolean => headerOf(answer, 'idempotency-replayed') === 'true';

/** A refusal in its family's shape: its status and what it says. */
function refusalOf(answer: RawAnswer, family: 'bookings' | 'billing'): [status: number, message: string] {
  const status = statusOf(answer);
  const said = JSON.parse(answer.body) as { message?: string; errors?: { msg: string }[] };
  const message = said.message ?? said.errors?.[0]?.msg ?? '';
  const shaped =
    family === 'bookings'
      ? { status: 'error', code: `BKG-${status}`, message }
      : { errors: [{ field: null, msg: message }] };
  assert.equal(answer.body, JSON.stringify(shaped));
  assert.equal(isReplayed(answer), false);
  return [status, message];
}

const REUSED = 'This Idempotency-Key was used for another request.';
const IN_USE = 'The first request with this Idempotency-Key is still under way.';
const NO_KEY = 'Idempotency-Key must be one key of 1 to 255 visible ASCII characters.';

describe('writes with an Idempotency-Key, at the services that own', { timeout: 900_000 }, () => {
  const findings: Findings = { cookies: new Map(), values: new Map() };
  const ways = new Map<string, ServiceWay & { readonly home: number }>();
  const undo: Undo = [];
  let ground: Ground;
  /** For each operation two requests that nobody has sent yet. */
  const fresh = new Map<string, readonly [KeyedWrite, KeyedWrite]>();
  const freshOf = (operation: string): readonly [KeyedWrite, KeyedWrite] => {
    const writes = fresh.get(operation);
    assert.ok(writes);
    return writes;
  };
  const ask = (each: Step, ...headers: readonly string[]): Promise<RawAnswer> =>
    ground.client.ask(each, ...headers);

  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOW });
    undo.push(() => mock.timers.reset());
    const worlds: Worlds = await startWorlds({ billing: 'service', booking: 'service' }, NOW, findings, {
      wayTo: async (name, home) => {
        const way = await createServiceWay(home);
        undo.push(() => way.close());
        ways.set(name, { ...way, home });
        return way.port;
      },
    });
    undo.push(() => worlds.stop());
    ground = { client: client.createClient(() => worlds.throughPort, findings), worlds, months: MONTHS };
    await Promise.all(['alice', 'bob', 'agent', 'accountant'].map((name) => ground.client.logIn(name)));
    const prepared = KEYED_OPERATIONS.map(async ({ operation, prepare }) => {
      fresh.set(operation, await Promise.all([prepare(ground), prepare(ground)]));
    });
    await Promise.all(prepared);
  });
  after(async () => {
    for (const release of undo.splice(0).reverse()) await release();
  });

  for (const { operation, family, refusals } of KEYED_OPERATIONS) {
    describe(operation, () => {
      it('what is no key is a 400 in its own shape, after who may do it, before its body', async () => {
        const [{ request, effects }] = freshOf(operation);
        for (const [what, ...headers] of BAD_KEYS) {
          const answer = await ask(request, ...headers);
          assert.deepEqual(refusalOf(answer, family), [400, NO_KEY], what);
        }
        const [, ...bad] = BAD_KEYS[0] ?? [''];
        for (const [status, change] of refusals)
          assert.equal(statusOf(await ask({ ...request, ...change }, ...bad)), status);
        const { as: _, ...stranger } = request;
        assert.equal(statusOf(await ask(stranger, ...bad)), 401);
        const unreadable = { ...request, body: { type: 'text/plain', bytes: Buffer.from('a') } };
        assert.equal(statusOf(await ask(unreadable, ...bad)), 400);
        assert.equal(await effects(), 0);
      });

      it('the first answer comes again to the byte, whatever has become of it since', async () => {
        const [{ request, worded, other, moveOn, effects }] = freshOf(operation);
        const key = newKey();
        const first = await ask(request, key);
        assert.deepEqual([statusOf(first), isReplayed(first)], [request.status, false], first.body);
        const again = async (each: Step, ...more: string[]): Promise<void> => {
          const answer = await ask(each, key, ...more);
          assert.equal(isReplayed(answer), true, answer.body);
          assert.deepEqual(told(answer), told(first));
        };
        await again(request);
        if (worded !== undefined) await again(worded);
        assert.deepEqual(refusalOf(await ask(other, key), family), [422, REUSED]);
        await moveOn?.();
        await again(request, 'If-Match: "1-1"');
        assert.equal(await effects(), 1);
      });

      it('two at once are done once', async () => {
        const [, { request, effects }] = freshOf(operation);
        const key = newKey();
        const both = await Promise.all([ask(request, key), ask(request, key)]);
        const done = both.filter((answer) => statusOf(answer) === request.status);
        const bodies = both.map(({ body }) => body).join();
        assert.equal(done.filter((answer) => !isReplayed(answer)).length, 1, bodies);
        for (const answer of both.filter((each) => !done.includes(each))) {
          assert.deepEqual(refusalOf(answer, family), [409, IN_USE]);
          assert.match(headerOf(answer, 'retry-after') ?? '', /^[1-9]\d*$/);
        }
        assert.deepEqual(told(await ask(request, key)), told(done[0] as RawAnswer));
        assert.equal(await effects(), 1);
      });
    });
  }

  it('a key is its account’s and its operation’s', async () => {
    const key = newKey();
    const made = [
      await ask(client.createBooking(), key),
      await ask(client.createBooking(undefined, 'bob'), key),
      await ask(client.createStatement('2026-01'), key),
    ];
    assert.deepEqual(
      made.map((answer) => [statusOf(answer), isReplayed(answer)]),
      Array.from({ length: 3 }, () => [201, false]),
    );
    assert.equal(new Set(made.map(({ body }) => body)).size, 3);
  });

  it('createBooking of a form that has a key goes by the key', async () => {
    const formId = 'X-Form-Id: a-form';
    const [key, other] = [newKey(), newKey()];
    const first = await ask(client.createBooking(), formId, key);
    assert.equal(isReplayed(await ask(client.createBooking(), formId, key)), true);
    const another = await ask(client.createBooking(), formId, other);
    assert.deepEqual([statusOf(another), isReplayed(another)], [201, false]);
    assert.notEqual(another.body, first.body);
  });

  it('a refusal keeps nothing: its key may be used again', async () => {
    const { id, invoiceId } = await ground.client.book();
    const [changed, paid] = [newKey(), newKey()];
    const change = client.updateBooking(id, 'Later, please');
    assert.equal(statusOf(await ask(change, changed, 'If-Match: "0-0"')), 412);
    assert.equal(isReplayed(await ask(change, changed)), false);
    assert.equal(isReplayed(await ask(change, changed, 'If-Match: "0-0"')), true);
    const fails = client.payInvoice(
      invoiceId,
      form('card_number=4000000000001307&expiry=12/39&cvc=123&card_holder=A'),
    );
    assert.equal(statusOf(await ask(fails, paid)), 503);
    const answer = await ask(client.payInvoice(invoiceId), paid);
    assert.deepEqual([statusOf(answer), isReplayed(answer)], [200, false], answer.body);
  });

  it('a declined card is an answer, and given again', async () => {
    const { invoiceId, invoiceNumber } = await ground.client.book();
    const key = newKey();
    const declined = client.payInvoice(
      invoiceId,
      form('card_number=4000000000000002&expiry=12/39&cvc=123&card_holder=A'),
    );
    const first = await ask(declined, key);
    assert.match(first.body, /"DECLINED"/);
    await ask(client.payInvoice(invoiceId), newKey());
    const again = await ask(declined, key);
    assert.deepEqual([told(again), isReplayed(again)], [told(first), true]);
    assert.equal((await chargesOf(ground.worlds, invoiceNumber)).length, 2);
  });

  it('createStatement as a job: the same key and meaning is the same job; its refusals are the operation’s', async () => {
    const key = newKey();
    const month = '2026-05';
    const request = client.createStatement(month);
    const first = await ask(request, key, ASYNC);
    const again = await ask({ ...request, body: form(`month=${month}`) }, key, ASYNC);
    assert.deepEqual(
      [statusOf(first), statusOf(again), isReplayed(first), isReplayed(again)],
      [202, 202, false, true],
    );
    const location = headerOf(first, 'location') ?? '';
    assert.equal(headerOf(again, 'location'), location);
    const other = await ask(client.createStatement('2026-04'), key, ASYNC);
    assert.deepEqual(refusalOf(other, 'billing'), [422, REUSED]);
    const bad = await ask(request, 'Idempotency-Key: a key', ASYNC);
    assert.deepEqual(refusalOf(bad, 'billing'), [400, NO_KEY]);
    const isDone = async () => (await ground.client.read(location)).state === 'succeeded';
    await until(isDone, { deadlineMs, what: 'the end of the job' });
    // At once it is the statement that the job has drawn up.
    const atOnce = await ask(request, key);
    assert.equal(isReplayed(atOnce), true);
    const result = step(undefined, 201, 'GET', { target: `${location}/result`, as: 'alice' });
    assert.deepEqual(told(await ask(result)), told(atOnce));
  });

  describe('of a replica that is killed after its commit, before its answer', () => {
    type Replica = {
      readonly way: ServiceWay;
      lead(): Promise<void>;
      /** The gateway is led to the other replica then. */
      crash(): Promise<void>;
    };
    const killed: Undo = [];
    let booking: Replica;
    let billing: Replica;
    let gate: AcquirerGate;
    before(async () => {
      gate = await createAcquirerGate(ground.worlds.acquirerUrl);
      killed.push(() => gate.close());
      [booking, billing] = await Promise.all([
        startReplica('booking'),
        startReplica('billing', { ACQUIRER_URL: gate.url, ACQUIRER_DEADLINE_MS: '15000' }),
      ]);
    });
    after(async () => {
      for (const release of killed.splice(0).reverse()) await release();
    });

    /** A process of its own. */
    const startReplica = async (
      name: 'booking' | 'billing',
      env: Readonly<Record<string, string>> = {},
    ): Promise<Replica> => {
      const way = ways.get(name);
      assert.ok(way);
      const port = await freePort();
      const portOf = { [`${name.toUpperCase()}_PORT`]: String(port) };
      const { kill } = await startDated(
        {
          program: `extracted/${name}/src/main.ts`,
          env: { ...ground.worlds.services[name]?.env, ...portOf, ...env },
          now: NOW,
        },
        killed,
      );
      return {
        way,
        lead: () => leadTo(name, port),
        crash: async () => {
          await kill();
          await leadTo(name, way.home);
        },
      };
    };
    const leadTo = async (name: string, port: number): Promise<void> => {
      ways.get(name)?.leadTo(port);
      const path = name === 'booking' ? '/api/v1/bookings' : '/api/v1/invoices';
      await until(() => ground.client.read(path), { deadlineMs, what: `an answer of ${name}` });
    };

    it('a booking is there once, and its answer comes again', async () => {
      const [{ prepare }] = KEYED_OPERATIONS as [(typeof KEYED_OPERATIONS)[number]];
      const { request, effects } = await prepare(ground);
      const key = newKey();
      await booking.lead();
      booking.way.holdAnswers();
      const lost = ask(request, key);
      await until(async () => (await effects()) === 1, { deadlineMs, what: 'the commit' });
      await booking.crash();
      assert.equal(statusOf(await lost), 503);
      const again = await ask(request, key);
      assert.deepEqual([statusOf(again), isReplayed(again)], [201, true], again.body);
      assert.equal(await effects(), 1);
    });

    it('money is taken once; while it is being taken the key is in use', async () => {
      const { invoiceId, invoiceNumber } = await ground.client.book();
      const resultOf = async (): Promise<unknown> => {
        const text = 'SELECT result FROM billing.payments WHERE invoice_id = $1';
        return (await ground.worlds.services.billing?.pool.query(text, [invoiceId]))?.rows[0]?.result;
      };
      const key = newKey();
      await billing.lead();
      const request = client.payInvoice(invoiceId);
      const lost = ask(request, key);
      await until(async () => (await resultOf()) === 'PENDING', { deadlineMs, what: 'the payment' });
      const meanwhile = await ask(request, key);
      assert.deepEqual(refusalOf(meanwhile, 'billing'), [409, IN_USE]);
      assert.match(headerOf(meanwhile, 'retry-after') ?? '', /^[1-9]\d*$/);
      billing.way.holdAnswers();
      gate.open();
      await until(async () => (await resultOf()) === 'APPROVED', { deadlineMs, what: 'the commit' });
      await billing.crash();
      assert.equal(statusOf(await lost), 503);
      const again = await ask(request, key);
      assert.deepEqual([statusOf(again), isReplayed(again)], [200, true], again.body);
      assert.match(again.body, /"APPROVED"/);
      assert.equal((await chargesOf(ground.worlds, invoiceNumber)).length, 1);
    });
  });
});
