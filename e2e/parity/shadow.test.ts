import assert from 'node:assert/strict';
import { after, before, describe, it, mock } from 'node:test';
import { TEMPLATE_SEED_DATE } from '@banyan/stack/testing/database';
import { until } from '@banyan/stack/testing/until';
import { exchangeRaw } from '../differential/raw-exchange.ts';
import { EMAILS, type Findings, KEYS, renderStep, type Step, step } from '../differential/step.ts';
import { headerOf, isWrite, statusOf } from './ask.ts';
import { type ListedRoute, listRoutes, readAtShadow, readDifferences } from './flags.ts';
import { LOG_INS, PARITY_STEPS } from './steps.ts';
import { startWorlds, type Worlds } from './worlds.ts';

const NOW = new Date(`${TEMPLATE_SEED_DATE}T12:00:00Z`);
/** Of each kind, from the whole range of ids. */
const IDS = 60;
/** Fewer than may wait. */
const ASKED_TOGETHER = 20;
const DEADLINE_MS = 180_000;
const PASSES_MAX = 3;

const findings: Findings = { cookies: new Map(), values: new Map() };

describe('shadow reads of honest services', { timeout: 900_000 }, () => {
  let started: Worlds | undefined;
  let reads: readonly ListedRoute[] = [];
  let asked = 0;
  const worlds = (): Worlds => {
    assert.ok(started, 'the worlds have not started');
    return started;
  };

  const ask = async (each: Step): Promise<void> => {
    const question = { bytes: renderStep(each, findings), method: each.method };
    const answer = await exchangeRaw(worlds().throughPort, question);
    each.keep?.(
      { status: statusOf(answer), header: (name) => headerOf(answer, name), body: answer.body },
      findings,
    );
  };
  const differences = () =>
    Promise.all(reads.map(({ operationId }) => readDifferences(worlds().gateway, operationId)));
  /** Until whatever was asked has been compared or skipped: a write must not come in between. */
  const settled = () =>
    until(
      async () => {
        const said = await differences();
        const done = said.reduce(
          (sum, { compared, skipped }) =>
            sum + compared + Object.values(skipped).reduce((all, count) => all + count, 0),
          0,
        );
        return done >= asked ? said : undefined;
      },
      { deadlineMs: DEADLINE_MS, what: 'the end of all comparisons' },
    );
  const askAll = async (steps: readonly Step[]): Promise<void> => {
    const operations = new Set(reads.map(({ operationId }) => operationId));
    for (const [index, each] of steps.entries()) {
      await ask(each);
      if (each.operation !== undefined && operations.has(each.operation)) asked += 1;
      if (index % ASKED_TOGETHER === ASKED_TOGETHER - 1) await settled();
    }
    await settled();
  };

  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: NOW });
    started = await startWorlds({ booking: 'shared', billing: 'shared' }, NOW, findings);
    for (const each of LOG_INS) await ask(each);
    // What steps need of each other; every state that a read can meet.
    for (const each of PARITY_STEPS) {
      await worlds().tick();
      if (isWrite(each) || each.keep !== undefined) await ask(each);
    }
    for (const each of LOG_INS) await ask(each);
    reads = (await listRoutes(worlds().gateway)).filter(
      ({ carveOut, kind }) => carveOut !== null && kind === 'read',
    );
    for (const name of new Set(reads.map(({ carveOut }) => carveOut))) {
      if (name !== null) await readAtShadow(worlds().gateway, name);
    }
  });
  after(async () => {
    await started?.stop();
    mock.timers.reset();
  });

  it('differ nowhere, whatever is asked and whoever asks', async () => {
    const steps = PARITY_STEPS.filter((each) => !isWrite(each));
    let left = steps;
    // What was late, on a machine that has much else to do, is asked again.
    for (let pass = 1; pass <= PASSES_MAX && left.length > 0; pass += 1) {
      await askAll(left);
      const without = (await differences()).filter(({ compared }) => compared === 0);
      const operations = new Set(without.map(({ operationId }) => operationId));
      left = steps.filter(({ operation = '' }) => operations.has(operation));
    }
    for (const { operationId, ...said } of await differences()) {
      assert.deepEqual([operationId, said.different, said.differences], [operationId, 0, []]);
      assert.ok(said.compared > 0, `${operationId}: nothing was compared, ${JSON.stringify(said.skipped)}`);
    }
  });

  it('differ nowhere over the seeded data, list by list and one by one', async () => {
    const idsOf = async (table: string): Promise<string[]> => {
      const rows = await worlds().sql(
        `SELECT id FROM ${table} WHERE id % greatest(1, (SELECT count(*) FROM ${table}) / $1) = 0 ORDER BY id LIMIT $1`,
        [IDS],
      );
      return rows.map(({ id }) => String(id));
    };
    const [bookings, invoices] = [await idsOf('bookings'), await idsOf('invoices')];
    assert.ok(bookings.length > IDS / 2 && invoices.length > IDS / 2);
    const look = (operation: string, target: string, as: string): Step =>
      step(operation, 200, 'GET', { target, as });
    const people = [...Object.keys(EMAILS), ...Object.keys(KEYS)];
    await askAll([
      ...people.flatMap((as) =>
        [1, 2, 7].flatMap((page) => [
          look('listBookings', `/api/v1/bookings?per_page=100&page=${page}`, as),
          look('listInvoices', `/api/v1/invoices?per_page=100&page=${page}`, as),
        ]),
      ),
      ...bookings.flatMap((id) => [
        look('getBooking', `/api/v1/bookings/${id}`, 'agent'),
        look('getBookingInvoice', `/api/v1/bookings/${id}/invoice`, 'accountant'),
        look('getItinerary', `/api/v1/bookings/${id}/itinerary.ics`, 'agent'),
      ]),
      ...invoices.map((id) => look('getInvoice', `/api/v1/invoices/${id}`, 'accountant')),
      ...invoices.slice(0, 10).map((id) => look('getInvoicePdf', `/api/v1/invoices/${id}/pdf`, 'accountant')),
    ]);
    const said = await differences();
    assert.deepEqual(
      said.flatMap(({ operationId, differences: found }) => found.map((each) => [operationId, each])),
      [],
    );
    const compared = said.reduce((sum, each) => sum + each.compared, 0);
    // The rest was late, on a machine that has much else to do.
    assert.ok(compared > asked / 2, `${compared} of ${asked} were compared`);
  });
});
