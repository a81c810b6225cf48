import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { type TestContext, test } from 'node:test';
import { createMailCatcher, type MailCatcher, type MailCatcherOptions } from '../src/mail/mail-catcher.ts';

// The sender of smtp-server's own dependency; it ships no types at this path.
const { createTransport } = createRequire(import.meta.resolve('smtp-server'))('nodemailer') as {
  createTransport(url: string): { sendMail(mail: object): Promise<unknown>; close(): void };
};

async function startCatcher(t: TestContext, options: Partial<MailCatcherOptions> = {}): Promise<MailCatcher> {
  const catcher = await createMailCatcher({ smtpPort: 0, port: 0, ...options });
  t.after(() => catcher.stop());
  return catcher;
}

async function send(catcher: MailCatcher, mail: object): Promise<void> {
  const transport = createTransport(catcher.smtpUrl);
  try {
    await transport.sendMail({ from: 'Meridian <air@example.com>', to: 'ada@example.com', ...mail });
  } finally {
    transport.close();
  }
}

async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  assert.equal(response.status, 200, url);
  return (await response.json()) as T;
}

type Summary = { id: number; subject: string; to: string[]; messageId: string };

test('a caught mail is listed, shown with all its parts, found by its fields, and deleted', async (t) => {
  const catcher = await startCatcher(t);
  await send(catcher, { subject: 'First', text: 'one', messageId: '<one@example.com>' });
  await send(catcher, {
    subject: 'Zweite Größe',
    to: 'bob@example.com',
    text: 'two',
    html: '<b>two</b>',
    attachments: [{ filename: 'a.txt', content: 'hello' }],
  });
  const api = `${catcher.url}/api/mails`;
  const all = await getJson<Summary[]>(api);
  assert.deepEqual(
    all.map(({ subject }) => subject),
    ['Zweite Größe', 'First'],
  );
  assert.equal((await getJson<Summary[]>(`${api}?to=BOB@example.com`)).length, 1);
  assert.equal((await getJson<Summary[]>(`${api}?subject=größe`)).length, 1);
  const [byId] = await getJson<Summary[]>(`${api}?messageId=${encodeURIComponent('<one@example.com>')}`);
  assert.equal(byId?.subject, 'First');
  const detail = await getJson<{ text: string; html: string; headers: { name: string }[] }>(
    `${api}/${all[0]?.id}`,
  );
  assert.equal(detail.html, '<b>two</b>');
  assert.ok(detail.headers.some(({ name }) => name === 'Subject'));
  const attachment = await fetch(`${api}/${all[0]?.id}/attachments/0`);
  assert.equal(await attachment.text(), 'hello');
  assert.match(attachment.headers.get('Content-Disposition') ?? '', /^attachment; filename="?a\.txt"?$/);
  assert.equal((await fetch(`${api}/${all[0]?.id}/attachments/1`)).status, 404);
  assert.equal((await fetch(`${api}/999`)).status, 404);
  assert.equal((await fetch(api, { method: 'DELETE' })).status, 204);
  assert.deepEqual(await getJson(api), []);
});

test("a mail's own script runs nowhere: its text is escaped, its HTML sandboxed", async (t) => {
  const catcher = await startCatcher(t);
  await send(catcher, { subject: '<script>alert(1)</script>', html: '<script>alert(2)</script><p>x</p>' });
  const page = await fetch(`${catcher.url}/mails/1`);
  const text = await page.text();
  assert.ok(!text.includes('<script>'));
  assert.match(text, /<iframe [^>]*sandbox="allow-popups"/);
  const html = await fetch(`${catcher.url}/mails/1/html`);
  assert.match(
    html.headers.get('Content-Security-Policy') ?? '',
    /^sandbox allow-popups; default-src 'none'/,
  );
});

test('the oldest goes when there are too many mails, and one that is too large is refused', async (t) => {
  const catcher = await startCatcher(t, { mailsMax: 2, mailBytesMax: 20_000 });
  for (const subject of ['a', 'b', 'c']) await send(catcher, { subject, text: subject });
  const subjects = () => catcher.mailbox.list().map(({ subject }) => subject);
  assert.deepEqual(subjects(), ['c', 'b']);
  await assert.rejects(send(catcher, { subject: 'd', text: 'x'.repeat(50_000) }), { responseCode: 552 });
  assert.deepEqual(subjects(), ['c', 'b']);
});

test('no port is left taken when one of the two cannot be had', async (t) => {
  const first = await startCatcher(t);
  await assert.rejects(createMailCatcher({ smtpPort: 0, port: first.port }), { code: 'EADDRINUSE' });
});
