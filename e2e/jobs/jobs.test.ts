import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import type { Job } from '@banyan/openapi/generated/bff';
import { TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import { until } from '@banyan/stack/testing/until';
import { exchangeRaw, type RawAnswer } from '../differential/raw-exchange.ts';
import { type Findings, json, logIn, renderStep, type Step, step } from '../differential/step.ts';
import { headerOf, statusOf } from '../parity/ask.ts';
import { startWorlds, type Worlds } from '../parity/worlds.ts';

const NOW = new Date(`${TEMPLATE_SEED_DATE}T12:00:00Z`);
const LAST_MONTH = new Date(NOW.getTime() - 31 * 86_400_000).toISOString().slice(0, 7);
const ASYNC = 'Prefer: respond-async';
/** A job goes through an outbox, a relay and a queue: that takes what it takes on a busy machine. */
const deadlineMs = 120_000;

/** Of the moment and of the connection; all else is the answer. */
const OF_THE_MOMENT = /^(date|set-cookie|connection|keep-alive):/i;

type Told = Omit<RawAnswer, 'interim'>;

function told({ statusLine, headers, framing, body, trailers }: RawAnswer): Told {
  return {
    statusLine,
    headers: headers.filter((line) => !OF_THE_MOMENT.test(line)),
    framing,
    body,
    trailers,
  };
}

describe('jobs of the real services', { timeout: 900_000 }, () => {
  let worlds: Worlds | undefined;
  const findings: Findings = { cookies: new Map(), values: new Map() };

  const ask = async (each: Step, more: readonly string[] = []): Promise<RawAnswer> => {
    assert.ok(worlds);
    const asked = { ...each, headers: (found: Findings) => [...(each.headers?.(found) ?? []), ...more] };
    const answer = await exchangeRaw(worlds.throughPort, {
      bytes: renderStep(asked, findings),
      method: each.method,
    });
    const kept = {
      status: statusOf(answer),
      header: (name: string) => headerOf(answer, name),
      body: answer.body,
    };
    each.keep?.(kept, findings);
    return answer;
  };
  const look = (
    target: string,
    as: string,
    more: readonly string[] = [],
    method = 'GET',
  ): Promise<RawAnswer> => ask(step(undefined, 200, method, { target, as }), more);
  const jobOf = (answer: RawAnswer): Job => JSON.parse(answer.body) as Job;

  /** The job's path, once it has ended. */
  const runAsync = async (each: Step, more: readonly string[] = []): Promise<string> => {
    const accepted = await ask(each, [ASYNC, ...more]);
    assert.equal(statusOf(accepted), 202, accepted.body);
    assert.equal(headerOf(accepted, 'preference-applied'), 'respond-async');
    const location = headerOf(accepted, 'location') ?? '';
    await until(async () => jobOf(await look(location, each.as ?? '')).result !== null, { deadlineMs });
    return location;
  };

  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOW });
    worlds = await startWorlds({ billing: 'service', booking: 'service' }, NOW, findings);
    for (const name of ['alice', 'bob', 'agent', 'accountant']) await ask(logIn(name));
    const first = async (path: string, as: string): Promise<number> =>
      (JSON.parse((await look(path, as)).body) as { id: number }[])[0]?.id ?? 0;
    findings.values.set('invoice', await first('/api/v1/invoices?status=PAID', 'alice'));
    findings.values.set('booking', await first('/api/v1/bookings?status=CONFIRMED', 'alice'));
  });
  after(async () => {
    await worlds?.stop();
    mock.timers.reset();
  });

  const reads: readonly Step[] = [
    step('exportInvoices', 200, 'GET', { target: '/api/v1/invoices/export.csv', as: 'accountant' }),
    step('getInvoicePdf', 200, 'GET', { target: '/api/v1/invoices/{invoice}/pdf', as: 'alice' }),
    step('exportBookings', 200, 'GET', { target: '/api/v1/bookings/export.csv', as: 'agent' }),
    step('getItinerary', 200, 'GET', { target: '/api/v1/bookings/{booking}/itinerary.ics', as: 'alice' }),
  ];
  for (const each of reads) {
    it(`${each.operation}: the result is the answer to the byte`, async () => {
      const atOnce = await ask(each);
      assert.equal(statusOf(atOnce), 200, atOnce.body);
      const location = await runAsync(each);
      assert.deepEqual(told(await look(`${location}/result`, each.as ?? '')), told(atOnce));
      const head = await look(`${location}/result`, each.as ?? '', [], 'HEAD');
      assert.deepEqual(told(head), told(await ask({ ...each, method: 'HEAD' })));
      const job = jobOf(await look(location, each.as ?? ''));
      assert.deepEqual([job.operation, job.state], [each.operation, 'succeeded']);
    });
  }

  it('a range and a condition of the result are those of the document', async () => {
    const pdf = reads[1] as Step;
    const location = await runAsync(pdf);
    const etag = headerOf(await ask(pdf), 'etag');
    for (const more of [
      ['Range: bytes=10-99'],
      ['Range: bytes=-20'],
      ['Range: bytes=99999999-'],
      [`If-None-Match: ${etag}`],
      [`If-Range: ${etag}`, 'Range: bytes=0-0'],
    ]) {
      const atOnce = told(await ask(pdf, more));
      assert.notEqual(atOnce.statusLine, 'HTTP/1.1 200 OK');
      assert.deepEqual(told(await look(`${location}/result`, 'alice', more)), atOnce, more.join());
    }
  });

  const statement = (month: string, as = 'alice'): Step =>
    step('createStatement', 201, 'POST', { target: '/api/v1/statements', as, body: json({ month }) });

  it('createStatement: the result is the answer, of a statement of its own; with a key it is drawn up once', async () => {
    const masked = (answer: RawAnswer): Told => {
      const { headers, body, ...rest } = told(answer);
      return {
        ...rest,
        headers: headers.filter((line) => !/^(etag|content-length):/i.test(line)),
        body: body.replace(/^\{"id":\d+,/, '{"id":…,'),
      };
    };
    const atOnce = await ask(statement(LAST_MONTH));
    assert.equal(statusOf(atOnce), 201, atOnce.body);
    const location = await runAsync(statement(LAST_MONTH), ['Idempotency-Key: a-statement']);
    const result = await look(`${location}/result`, 'alice');
    assert.deepEqual(masked(result), masked(atOnce));
    assert.deepEqual(
      told(await look(`${location}/result`, 'alice')),
      told(result),
      'however often it is read',
    );
    const again = await ask(statement(LAST_MONTH), [ASYNC, 'Idempotency-Key: a-statement']);
    assert.deepEqual(
      [statusOf(again), headerOf(again, 'location'), headerOf(again, 'idempotency-replayed')],
      [202, location, 'true'],
    );
    const waited = await ask(statement(LAST_MONTH), ['Prefer: respond-async, wait=10']);
    assert.ok([201, 202].includes(statusOf(waited)));
    assert.match(headerOf(waited, 'preference-applied') ?? '', /wait=10$/);
  });

  it('what would be refused is refused as ever, before there is a job', async () => {
    const refused: readonly Step[] = [
      statement('2999-01'),
      statement(LAST_MONTH, 'agent'),
      { ...(reads[0] as Step), as: 'alice' },
      step('getInvoicePdf', 404, 'GET', { target: '/api/v1/invoices/999999999999/pdf', as: 'alice' }),
      step('exportBookings', 422, 'GET', { target: '/api/v1/bookings/export.csv?from=x', as: 'agent' }),
      { ...(reads[3] as Step), as: 'bob' },
      { ...statement(LAST_MONTH), headers: () => ['Idempotency-Key: not one'], title: 'a key that is none' },
    ];
    for (const each of refused) {
      const atOnce = told(await ask(each));
      assert.match(atOnce.statusLine, / 4\d\d /, each.title);
      assert.deepEqual(told(await ask(each, [ASYNC])), atOnce, each.title);
    }
  });

  it('another account sees nothing of a job; its events end with it', async () => {
    const accepted = await ask(reads[2] as Step, [ASYNC]);
    const location = headerOf(accepted, 'location') ?? '';
    const events = await look(location, 'agent', ['Accept: text/event-stream']);
    assert.match(events.body, /^event: job\nid: \w+-\d+\ndata: \{"id":"booking-/);
    assert.match(events.body, /"state":"succeeded".*\n\n$/);
    for (const path of [location, `${location}/result`]) assert.equal(statusOf(await look(path, 'bob')), 404);
  });

  it('an agent’s message goes to all who are booked on a flight', async () => {
    const booked = JSON.parse((await look('/api/v1/bookings/{booking}', 'alice')).body) as {
      flight: { id: number };
    };
    const message = (body: unknown, flight: number | string = booked.flight.id, as = 'agent'): Step =>
      step(undefined, 202, 'POST', { target: `/bff/flights/${flight}/messages`, as, body: json(body) });
    const words = { subject: 'A gate has changed', text: 'Please go to gate B 12.\nWe are sorry.' };
    const accepted = await ask(message(words));
    assert.equal(statusOf(accepted), 202, accepted.body);
    const location = headerOf(accepted, 'location') ?? '';
    await until(async () => jobOf(await look(location, 'agent')).result !== null, { deadlineMs });
    const result = JSON.parse((await look(`${location}/result`, 'agent')).body) as {
      flightId: number;
      mails: number;
    };
    assert.equal(result.flightId, booked.flight.id);
    assert.ok(result.mails >= 1);

    const problemOf = async (each: Step): Promise<string> => {
      const answer = await ask(each);
      const { type, status } = JSON.parse(answer.body) as { type: string; status: number };
      assert.equal(status, statusOf(answer));
      return `${status} ${type}`;
    };
    assert.equal(await problemOf(message(words, booked.flight.id, 'alice')), '403 /problems/forbidden');
    assert.equal(await problemOf(message(words, 999_999_999_999)), '404 /problems/no-such-flight');
    assert.equal(await problemOf(message(words, 'x')), '404 /problems/no-such-flight');
    for (const wrong of [
      { text: 'a' },
      { ...words, subject: 'a\nb' },
      { ...words, text: 'x'.repeat(5_001) },
      { ...words, text: 1 },
    ])
      assert.equal(await problemOf(message(wrong)), '422 /problems/invalid-message', JSON.stringify(wrong));
    assert.equal(await problemOf({ ...message([]) }), '400 /problems/malformed-body');
    // As bytes that are not UTF-8 are read.
    const garbled = message({ ...words, subject: '\uFFFD' });
    assert.equal(await problemOf(garbled), '400 /problems/malformed-body');
  });
});
