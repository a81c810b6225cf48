import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractText, getDocumentProxy } from 'unpdf';
import { book, CARDS, pay, startWorld } from './billing-world.ts';

async function fetchBytes(url: string, headers: Record<string, string>, method = 'GET') {
  const response = await fetch(url, { method, headers });
  return { response, bytes: Buffer.from(await response.arrayBuffer()) };
}

test('the PDF: whole, by ranges, by condition, and the same bytes for the same data', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  await world.pool.query(`UPDATE accounts SET name = 'Zoë Łukasz Δημήτρης' WHERE id = 1`);
  const booked = await book(world, alice);
  await pay(alice, booked, CARDS.approved);
  const session = await fetch(`${world.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'alice@example.com', password: 'meridian' }),
  });
  const Cookie = (session.headers.getSetCookie()[0] as string).split(';')[0] as string;
  const url = `${world.url}/api/v1/invoices/${booked.invoiceId}/pdf`;
  const get = (headers: Record<string, string> = {}, method = 'GET') =>
    fetchBytes(url, { Cookie, ...headers }, method);

  const { response, bytes } = await get();
  const invoice = (await alice('GET', `/invoices/${booked.invoiceId}`)).body;
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('Content-Type'), 'application/pdf');
  assert.equal(response.headers.get('Content-Disposition'), `inline; filename="${invoice.number}.pdf"`);
  assert.equal(response.headers.get('Accept-Ranges'), 'bytes');
  assert.ok(response.headers.getSetCookie().length === 1, 'a PDF renews the session too');
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(bytes)), { mergePages: true });
  for (const part of [
    invoice.number,
    invoice.booking_reference,
    'Zoë Łukasz Δημήτρης',
    booked.total,
    'PAID',
  ]) {
    assert.ok(text.includes(part), part);
  }

  const etag = response.headers.get('ETag') as string;
  const lastModified = response.headers.get('Last-Modified') as string;
  const second = await world.another();
  const elsewhere = await fetchBytes(`${second.url}/api/v1/invoices/${booked.invoiceId}/pdf`, { Cookie });
  assert.ok(elsewhere.bytes.equals(bytes), 'another process renders the same bytes');

  const head = await get({}, 'HEAD');
  assert.equal(head.response.headers.get('Content-Length'), String(bytes.length));
  assert.equal(head.bytes.length, 0);

  const part = await get({ Range: 'bytes=10-19' });
  assert.equal(part.response.status, 206);
  assert.equal(part.response.headers.get('Content-Range'), `bytes 10-19/${bytes.length}`);
  assert.ok(part.bytes.equals(bytes.subarray(10, 20)));
  assert.equal((await get({ Range: 'bytes=-5' })).bytes.toString(), bytes.subarray(-5).toString());
  const beyond = await get({ Range: `bytes=${bytes.length}-` });
  assert.equal(beyond.response.status, 416);
  assert.equal(beyond.response.headers.get('Content-Range'), `bytes */${bytes.length}`);
  assert.deepEqual(JSON.parse(beyond.bytes.toString()), {
    errors: [{ field: null, msg: 'The range cannot be satisfied.' }],
  });
  assert.equal((await get({ Range: 'bytes=0-1,4-5' })).response.status, 200);
  assert.equal((await get({ Range: 'bytes=0-1', 'If-Range': etag })).response.status, 206);
  assert.equal((await get({ Range: 'bytes=0-1', 'If-Range': lastModified })).response.status, 206);
  assert.equal((await get({ Range: 'bytes=0-1', 'If-Range': '"other"' })).response.status, 200);

  const cache = { 'Cache-Control': 'max-age=0' };
  const fresh = await get({ ...cache, 'If-None-Match': etag, Range: 'bytes=0-1' });
  assert.equal(fresh.response.status, 304);
  assert.equal((await get({ ...cache, 'If-Modified-Since': lastModified })).response.status, 304);
  assert.equal((await get({ ...cache, 'If-None-Match': '"other"' })).response.status, 200);
});

test('Last-Modified of an invoice moves with its payments, and answers 304 while it has not', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  const path = `/invoices/${booked.invoiceId}`;
  const before = await alice('GET', path);
  const since = (answer: { headers: Headers }) => ({
    'If-Modified-Since': answer.headers.get('Last-Modified') as string,
    'Cache-Control': 'max-age=0',
  });
  assert.match(before.headers.get('ETag') ?? '', /^W\/"/);
  assert.equal((await alice('GET', path, { headers: since(before) })).status, 304);
  const byBooking = await alice('GET', `/bookings/${booked.bookingId}/invoice`);
  assert.equal(byBooking.text, before.text);
  assert.equal(byBooking.headers.get('Last-Modified'), before.headers.get('Last-Modified'));
  world.advance(2_000);
  await pay(alice, booked, CARDS.stolen);
  const after = await alice('GET', path, { headers: since(before) });
  assert.equal(after.status, 200, 'a declined payment is shown, so it is a change');
  assert.notEqual(after.headers.get('Last-Modified'), before.headers.get('Last-Modified'));

  world.advance(2_000);
  await pay(alice, booked, CARDS.neverAnswers);
  const pending = await alice('GET', path, { headers: since(after) });
  assert.equal(pending.body?.payments.at(-1).result, 'PENDING', 'so is one that is under way');
});

test('a refund that is under way changes Last-Modified too', async (t) => {
  const world = await startWorld(t, { impatient: true });
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const booked = await book(world, alice);
  const paid = await pay(alice, booked, CARDS.refundTooSlow);
  const path = `/invoices/${booked.invoiceId}`;
  const before = await alice('GET', path);
  world.advance(2_000);
  await accountant('POST', `/payments/${paid.body.payment.id}/refunds`, { body: { reason: 'Late' } });
  const after = await alice('GET', path, {
    headers: {
      'If-Modified-Since': before.headers.get('Last-Modified') as string,
      'Cache-Control': 'max-age=0',
    },
  });
  assert.equal(after.body?.payments[0].refunds[0].result, 'PENDING');
});

test('a foreign invoice is 403 in every form of it; agents and accountants see it; none is 404', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const bob = await world.logIn('bob@example.com');
  const booked = await book(world, alice);
  const paths = [
    `/invoices/${booked.invoiceId}`,
    `/invoices/${booked.invoiceId}/pdf`,
    `/bookings/${booked.bookingId}/invoice`,
  ];
  for (const path of paths) {
    const answer = await bob('GET', path);
    assert.equal(answer.status, 403);
    assert.equal(answer.text, '{"errors":[{"field":null,"msg":"This invoice belongs to another account."}]}');
    for (const email of ['agent@meridian.example', 'accounts@meridian.example']) {
      assert.equal((await (await world.logIn(email))('GET', path)).status, 200);
    }
  }
  const missing = await alice('GET', '/bookings/999999999/invoice');
  assert.equal(missing.text, '{"errors":[{"field":null,"msg":"No invoice for this booking."}]}');
  assert.equal((await alice('GET', '/invoices/999999999/pdf')).status, 404);
  assert.equal((await alice('GET', '/invoices/abc')).status, 404);
});
