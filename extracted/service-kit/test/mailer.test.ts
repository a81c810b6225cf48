import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMailCatcher } from '@banyan/stack/mail/mail-catcher';
import { silentLogger } from '../src/logger.ts';
import { type Compose, createMailer, queueMail } from '../src/mailer.ts';
import { atEnd, now, startDatabase } from './kit.ts';

const compose: Compose = async ({ kind, data }) =>
  kind === 'RECEIPT'
    ? {
        subject: `Receipt ${String(data.invoice)}`,
        text: 'Thank you, Älice',
        attachments: [{ filename: 'a.pdf', content: Buffer.from('%PDF'), contentType: 'application/pdf' }],
      }
    : { obsolete: 'the booking is gone' };

test('a mail is sent once per cause, kept while the server is away, and given up when it is obsolete', async (t) => {
  const catcher = await createMailCatcher({ smtpPort: 0, port: 0 });
  atEnd(t, () => catcher.stop());
  const { database } = await startDatabase(t);
  const mailerTo = (smtpUrl: string | null, clock = now) =>
    createMailer({
      database,
      smtpUrl,
      from: 'Meridian Air <service@meridian.example>',
      compose,
      intervalMs: 60_000,
      now: clock,
      random: Math.random,
      logger: silentLogger,
    });
  const mail = {
    messageId: '<receipt-7@meridian.example>',
    kind: 'RECEIPT',
    recipient: 'alice@example.com',
    data: { invoice: 'INV-7' },
    now: now(),
  };
  await database.transaction(async (tx) => {
    await queueMail(tx, mail);
    await queueMail(tx, mail);
    await queueMail(tx, { ...mail, messageId: '<e-ticket-8@meridian.example>', kind: 'E_TICKET' });
  });

  assert.deepEqual(await mailerTo(null).runOnce(), { sent: 0, failed: 0 });
  assert.deepEqual(await mailerTo('smtp://127.0.0.1:1').runOnce(), { sent: 0, failed: 1 });
  const later = () => new Date(Date.now() + 60_000);
  const reports = await Promise.all([1, 2].map(() => mailerTo(catcher.smtpUrl, later).runOnce()));
  assert.equal(
    reports.reduce((sum, { failed }) => sum + failed, 0),
    0,
  );

  const [caught, ...more] = catcher.mailbox.list({ to: 'alice@example.com' });
  assert.equal(more.length, 0);
  assert.equal(caught?.messageId, '<receipt-7@meridian.example>');
  assert.equal(caught.subject, 'Receipt INV-7');
  assert.equal(caught.attachments[0]?.filename, 'a.pdf');
  const { rows } = await database.query('SELECT kind, state, last_error FROM outgoing_mail ORDER BY kind');
  assert.deepEqual(rows, [
    { kind: 'E_TICKET', state: 'GIVEN_UP', last_error: 'the booking is gone' },
    { kind: 'RECEIPT', state: 'SENT', last_error: null },
  ]);
});
