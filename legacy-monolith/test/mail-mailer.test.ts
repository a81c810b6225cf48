import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createMailCatcher, type MailCatcher } from '@banyan/stack/mail/mail-catcher';
import { freePort } from '@banyan/stack/testing/free-port';
import pg from 'pg';
import { extractText, getDocumentProxy } from 'unpdf';
import { claimMail } from '../src/mail/mailer.ts';
import { book, CARDS, pay, startWorld, type World } from './billing-world.ts';

const MINUTE = 60_000;

async function startMailWorld(t: TestContext): Promise<World & { mail: MailCatcher }> {
  const mail = await createMailCatcher({ smtpPort: await freePort(), port: 0 });
  t.after(() => mail.stop());
  const world = await startWorld(t, { env: { SMTP_URL: mail.smtpUrl } });
  return { ...world, mail };
}

async function textOf(pdf: Buffer): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  return text;
}

/** Seeded mails are not this test's business. */
async function emptyQueue(world: World): Promise<void> {
  await world.pool.query(`DELETE FROM outgoing_mail`);
}

test('a paid booking gets its e-ticket with calendar and PDF, and a receipt with the invoice, once', async (t) => {
  const world = await startMailWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  await pay(alice, booked, CARDS.approved);
  await world.monolith.runWorker();
  await world.monolith.runWorker();

  const [receipt, ticket, ...more] = world.mail.mailbox.list({ to: 'ada@example.com' });
  assert.equal(more.length, 0);
  const booking = (await alice('GET', `/bookings/${booked.bookingId}`)).body;
  assert.equal(ticket?.messageId, `<e-ticket-${booked.bookingId}@meridian.example>`);
  assert.match(ticket?.subject ?? '', new RegExp(booking.reference));
  assert.match(ticket?.text ?? '', /Ada0 Lovelace/);
  assert.match(ticket?.html ?? '', /Ada0 Lovelace/);
  const [pdf, calendar] = ticket?.attachments ?? [];
  assert.match(
    await textOf(pdf?.content as Buffer),
    new RegExp(`${booking.reference}[\\s\\S]*Ada0 Lovelace`),
  );
  assert.equal(calendar?.filename, `meridian-${booking.reference}.ics`);
  const itinerary = await alice('GET', `/bookings/${booked.bookingId}/itinerary.ics`);
  assert.equal(calendar?.content.toString(), itinerary.text);

  const [invoicePdf] = receipt?.attachments ?? [];
  assert.equal(invoicePdf?.filename, `${booking.invoice_number}.pdf`);
  assert.match(await textOf(invoicePdf?.content as Buffer), new RegExp(booked.total.replace('.', '\\.')));
  const { rows } = await world.pool.query('SELECT state, attempts FROM outgoing_mail');
  assert.deepEqual(rows, [
    { state: 'SENT', attempts: 1 },
    { state: 'SENT', attempts: 1 },
  ]);
});

test('a cancellation and the refund that follows each get a mail', async (t) => {
  const world = await startMailWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice, 'FLEX');
  await pay(alice, booked, CARDS.approved);
  assert.equal((await alice('DELETE', `/bookings/${booked.bookingId}`)).status, 200);
  await world.monolith.runWorker();
  const subjects = world.mail.mailbox.list({ to: 'ada@example.com' }).map(({ subject }) => subject);
  // The ticket of a booking that is cancelled by then is not sent any more.
  assert.equal(subjects.length, 3);
  assert.ok(subjects.some((subject) => subject.startsWith(`Refund of ${booked.total} EUR`)));
  assert.ok(subjects.some((subject) => subject.endsWith('is cancelled')));
  const { rows } = await world.pool.query(
    `SELECT state, last_error FROM outgoing_mail WHERE kind = 'E_TICKET'`,
  );
  assert.deepEqual(rows, [{ state: 'GIVEN_UP', last_error: 'the booking is no longer confirmed' }]);
});

test('while the mail server is away mails wait, then go out with the Message-ID they always had', async (t) => {
  const world = await startMailWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  await pay(alice, booked, CARDS.approved);
  const { smtpPort } = world.mail;
  await world.mail.stop();
  await world.monolith.runWorker();
  const waiting = await world.pool.query(
    'SELECT state, attempts, last_error, message_id FROM outgoing_mail ORDER BY attempts DESC',
  );
  assert.deepEqual(
    waiting.rows.map(({ state, attempts }) => [state, attempts]),
    [
      ['QUEUED', 1],
      ['QUEUED', 0],
    ],
    'one attempt tells that the server is away',
  );
  assert.match(waiting.rows[0].last_error, /ECONNREFUSED/);

  const back = await createMailCatcher({ smtpPort, port: 0 });
  t.after(() => back.stop());
  await world.monolith.runWorker();
  assert.equal(back.mailbox.list().length, 1, 'the failed one is not due yet');
  world.advance(MINUTE);
  await world.monolith.runWorker();
  assert.deepEqual(
    back.mailbox
      .list()
      .map(({ messageId }) => messageId)
      .sort(),
    waiting.rows.map(({ message_id }) => message_id).sort(),
  );
});

test('a mail that cannot be sent is given up after twenty attempts, with the reason', async (t) => {
  const world = await startMailWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  const booked = await book(world, alice);
  await pay(alice, booked, CARDS.approved);
  await world.mail.stop();
  for (let attempt = 0; attempt < 45; attempt += 1) {
    await world.monolith.runWorker();
    world.advance(120 * MINUTE);
  }
  const { rows } = await world.pool.query('SELECT state, attempts, last_error FROM outgoing_mail');
  for (const row of rows) {
    assert.equal(row.state, 'GIVEN_UP');
    assert.equal(row.attempts, 20);
    assert.match(row.last_error, /ECONNREFUSED/);
  }
});

test('two processes that send at once send each mail once', async (t) => {
  const world = await startMailWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  for (let count = 0; count < 4; count += 1) await pay(alice, await book(world, alice), CARDS.approved);
  const second = await world.another();
  await Promise.all([world.monolith.runWorker(), second.monolith.runWorker()]);
  const ids = world.mail.mailbox.list({ to: 'ada@example.com' }).map(({ messageId }) => messageId);
  assert.equal(ids.length, 8);
  assert.equal(new Set(ids).size, 8);
});

test('however many ask for the next mail at once, each gets another one', async (t) => {
  const world = await startMailWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  for (let count = 0; count < 3; count += 1) await pay(alice, await book(world, alice), CARDS.approved);
  const pool = new pg.Pool({ connectionString: world.databaseUrl, max: 12 });
  // Connected beforehand, so that they really meet.
  const clients = await Promise.all(Array.from({ length: 12 }, () => pool.connect()));
  for (const client of clients) client.release();
  const at = new Date('2026-11-22T13:00:00Z');
  const claimed = await Promise.all(Array.from({ length: 12 }, () => claimMail(pool, at)));
  await pool.end();
  const ids = claimed.flatMap((mail) => (mail ? [mail.id] : []));
  assert.equal(ids.length, 6);
  assert.equal(new Set(ids).size, 6);
});

test('without a mail server configured, mails stay queued and the log says so once', async (t) => {
  const world = await startWorld(t);
  await emptyQueue(world);
  const alice = await world.logIn('alice@example.com');
  await pay(alice, await book(world, alice), CARDS.approved);
  await world.monolith.runWorker();
  await world.monolith.runWorker();
  const { rows } = await world.pool.query('SELECT DISTINCT state, attempts FROM outgoing_mail');
  assert.deepEqual(rows, [{ state: 'QUEUED', attempts: 0 }]);
  assert.equal(world.logged().split('SMTP_URL is not set').length, 2);
});
