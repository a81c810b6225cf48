import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { logInBrowser } from './support/browser.ts';
import { startMonolith } from './support/monolith.ts';

async function startDesk(t: TestContext) {
  const acquirer = await createAcquirer({ port: 0 });
  t.after(() => acquirer.stop());
  const site = await startMonolith(t, { env: { ACQUIRER_URL: acquirer.url } });
  const { rows } = await site.monolith.pool.query(
    `SELECT i.id AS invoice, p.id AS payment, i.total, i.account_id
     FROM invoices i JOIN payments p ON p.invoice_id = i.id AND p.result = 'APPROVED'
     WHERE i.status = 'PAID' AND i.total > 20 ORDER BY i.id LIMIT 1`,
  );
  const { invoice, payment, total, account_id } = rows[0];
  const accountant = await logInBrowser(site.port, 'accounts@meridian.example');
  const refunds = async (): Promise<number> =>
    Number(
      (await site.monolith.pool.query('SELECT count(*) FROM refunds WHERE payment_id = $1', [payment]))
        .rows[0].count,
    );
  return {
    site,
    accountant,
    refunds,
    invoicePath: `/invoices/${invoice}`,
    refundPath: `/payments/${payment}/refund`,
    total,
    account: account_id,
  };
}

test('an accountant refunds once, however often the form is sent', async (t) => {
  const { accountant, invoicePath, refundPath, refunds } = await startDesk(t);
  const form = (await accountant.get(invoicePath)).form(refundPath);
  const filled = { ...form, amount: '10.00', reason: 'Delay <of> 5 h' };
  const pages = await Promise.all([accountant.post(refundPath, filled), accountant.post(refundPath, filled)]);
  pages.push(await accountant.post(refundPath, filled));
  for (const page of pages) assert.deepEqual([page.status, page.location], [303, invoicePath], page.text);
  assert.equal(await refunds(), 1);
  const shown = await accountant.get(invoicePath);
  assert.match(shown.text, /Refund of €10\.00 · Delay <of> 5 h/);
  assert.match(shown.text, /Partially refunded/);
});

test('a refund form that was loaded again before the first was through does not refund twice', async (t) => {
  const { accountant, invoicePath, refundPath, refunds } = await startDesk(t);
  const first = (await accountant.get(invoicePath)).form(refundPath);
  const reloaded = (await accountant.get(invoicePath)).form(refundPath);
  assert.notEqual(first.form_token, reloaded.form_token);
  const wanted = { amount: '10.00', reason: 'Delay' };
  const pages = await Promise.all(
    [first, reloaded].map((form) => accountant.post(refundPath, { ...form, ...wanted })),
  );
  assert.deepEqual(pages.map(({ status }) => status).sort(), [303, 409]);
  const refused = pages.find(({ status }) => status === 409);
  assert.match(refused?.text ?? '', /This payment was refunded meanwhile\./);
  assert.equal(refused?.form(refundPath).reason, 'Delay', 'what was typed is kept');
  assert.equal(await refunds(), 1);
  // Who wants a second one after all has been told what is left by now.
  const again = await accountant.post(refundPath, { ...(refused?.form(refundPath) ?? {}), ...wanted });
  assert.equal(again.status, 303);
  assert.equal(await refunds(), 2);
});

test('a refund’s faults stand beside its fields, and what was typed is kept', async (t) => {
  const { accountant, invoicePath, refundPath, refunds, total } = await startDesk(t);
  const form = (await accountant.get(invoicePath)).form(refundPath);
  const faults = await accountant.post(refundPath, { ...form, amount: '"ten"', reason: ' ' });
  assert.equal(faults.status, 422);
  assert.match(faults.fault('amount'), /not valid/);
  assert.match(faults.fault('reason'), /required/);
  assert.equal(faults.form(refundPath).amount, '"ten"');
  const much = await accountant.post(refundPath, { ...form, amount: '99999.00', reason: 'All' });
  assert.match(much.fault('amount'), new RegExp(`Only ${total} is left`));
  assert.equal(much.form(refundPath).reason, 'All');
  assert.equal(await refunds(), 0);
});

test('only accountants are shown the refund form, and only they may send it', async (t) => {
  const { site, invoicePath, refundPath } = await startDesk(t);
  const agent = await logInBrowser(site.port, 'agent@meridian.example');
  assert.ok(!(await agent.get(invoicePath)).html.includes(refundPath));
  assert.equal((await agent.post(refundPath, { reason: 'x' })).status, 403);
});

test('a statement is drawn up once and kept for its account', async (t) => {
  const { site, accountant, account } = await startDesk(t);
  const statements = async () =>
    Number((await site.monolith.pool.query('SELECT count(*) FROM statements')).rows[0].count);
  const before = await statements();
  const form = (await accountant.get('/invoices')).form('/statements');
  const faults = await accountant.post('/statements', { ...form, month: '2099-01', account_id: '99999999' });
  assert.equal(faults.status, 422);
  assert.match(faults.fault('month'), /not in the future/);
  assert.match(faults.fault('account_id', '/statements'), /No such account/);
  assert.equal(faults.form('/statements').month, '2099-01');

  const filled = { ...form, month: '2026-11', account_id: String(account) };
  const first = await accountant.post('/statements', filled);
  assert.match(first.location as string, /^\/statements\/\d+$/);
  assert.equal((await accountant.post('/statements', filled)).location, first.location);
  assert.equal(await statements(), before + 1);
  const page = await accountant.get(first.location as string);
  assert.match(page.text, /Statement, November 2026/);
  assert.match(page.text, /Closing balance/);
  const other = await logInBrowser(site.port, account === '2' ? 'alice@example.com' : 'bob@example.com');
  assert.equal((await other.get(first.location as string)).status, 404);
});

test('a filter that makes no sense is told beside its field, and the list is left out', async (t) => {
  const { accountant } = await startDesk(t);
  const page = await accountant.get('/invoices?status=LOST&issued_from=2026-13-01');
  assert.equal(page.status, 422);
  assert.notEqual(page.fault('status'), '');
  assert.notEqual(page.fault('issued_from'), '');
  assert.equal(page.form('/invoices').issued_from, '2026-13-01');
});

test('an accountant is led to the CSV of the days, or told beside the field what is wrong with them', async (t) => {
  const { site, accountant } = await startDesk(t);
  const form = (await accountant.get('/invoices')).form('/invoices/export');
  const asked = new URLSearchParams({ ...form, from: '2026-10-01', to: '2026-10-31' });
  const led = await accountant.get(`/invoices/export?${asked}`);
  assert.deepEqual([led.status, led.location], [303, `/api/v1/invoices/export.csv?${asked}`]);
  const csv = await accountant.get(led.location as string);
  assert.match(csv.headers['content-type'] as string, /^text\/csv/);
  assert.match(csv.html, /^id,number,booking_id,/);

  const refused = await accountant.get('/invoices/export?from=2026-02-30&to=soon');
  assert.equal(refused.status, 422);
  assert.match(refused.fault('from', '/invoices/export'), /must be a day/i);
  assert.match(refused.fault('to', '/invoices/export'), /must be a day/i);
  assert.deepEqual(refused.form('/invoices/export'), { from: '2026-02-30', to: 'soon' });
  const alice = await logInBrowser(site.port, 'alice@example.com');
  assert.equal((await alice.get('/invoices/export')).status, 403);
});

test('customers see their own invoices, page by page', async (t) => {
  const { site } = await startDesk(t);
  const alice = await logInBrowser(site.port, 'alice@example.com');
  const { rows } = await site.monolith.pool.query('SELECT count(*) FROM invoices WHERE account_id = 1');
  const count = Number(rows[0].count);
  const list = await alice.get('/invoices?per_page=2');
  assert.ok(list.text.includes(`${count} invoices`));
  const next = /rel="next" href="([^"]+)"/.exec(list.html)?.[1];
  assert.ok(count <= 2 || next !== undefined);
  const beyond = await alice.get('/invoices?page=999');
  assert.match(beyond.text, /There is no page 999/);
});

test('no two fields of a page share an id', async (t) => {
  const { accountant, invoicePath } = await startDesk(t);
  for (const path of ['/invoices', invoicePath]) {
    const ids = [...(await accountant.get(path)).html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    assert.deepEqual(ids, [...new Set(ids)], path);
  }
});
