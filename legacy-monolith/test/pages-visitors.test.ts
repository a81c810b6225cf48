import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBrowser, logInBrowser } from './support/browser.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

test('who is not logged in is led to the log-in and back to what was asked for', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  const asked = await visitor.get('/bookings?status=HELD');
  assert.deepEqual([asked.status, asked.location], [303, '/login?next=%2Fbookings%3Fstatus%3DHELD']);
  const done = await visitor.fillIn(
    asked.location as string,
    { email: 'ALICE@example.com', password: 'meridian' },
    '/login',
  );
  assert.deepEqual([done.status, done.location], [303, '/bookings?status=HELD']);
  assert.equal((await visitor.get('/bookings')).status, 200);
  assert.equal((await visitor.get('/login?next=/profile')).location, '/profile', 'no second log-in');
});

test('a log-in leads to a page that the role may see', async (t) => {
  const { port } = await startMonolith(t);
  for (const [email, start] of [
    ['alice@example.com', '/bookings'],
    ['agent@meridian.example', '/bookings'],
    ['accounts@meridian.example', '/invoices'],
  ] as const) {
    const visitor = createBrowser(port);
    const done = await visitor.fillIn('/login', { email, password: 'meridian' }, '/login');
    assert.deepEqual([done.status, done.location], [303, start], email);
    assert.equal((await visitor.get(start)).status, 200, email);
    assert.equal((await visitor.get('/login')).location, start, `${email}: no second log-in`);
  }
});

test('a form that is sent after the session has ended leads to the log-in and back to its page', async (t) => {
  const { port, url } = await startMonolith(t);
  const visitor = createBrowser(port);
  const sent = await visitor.post(
    '/payments/1/refund',
    {},
    { referer: `${url}/invoices/1?a=b`, host: new URL(url).host },
  );
  assert.deepEqual([sent.status, sent.location], [303, '/login?next=%2Finvoices%2F1%3Fa%3Db']);
  const foreign = await visitor.post('/payments/1/refund', {}, { referer: 'https://evil.example/x' });
  assert.equal(foreign.location, '/login?next=%2F');
});

test('a log-in leads to no other site', async (t) => {
  const { port } = await startMonolith(t);
  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)']) {
    const page = await createBrowser(port).fillIn(
      `/login?${new URLSearchParams({ next })}`,
      { email: 'alice@example.com', password: 'meridian' },
      '/login',
    );
    assert.deepEqual([page.status, page.location], [303, '/bookings'], next);
  }
});

test('a failed log-in keeps the e-mail, never the password, and says the same whoever asks', async (t) => {
  const { port, log } = await startMonolith(t);
  const visitor = createBrowser(port);
  const wrong = await visitor.fillIn('/login', { email: 'alice@example.com', password: 'planted-secret' });
  assert.equal(wrong.status, 403);
  assert.equal(wrong.message(), 'E-mail or password is wrong.');
  assert.equal(wrong.form('/login').email, 'alice@example.com');
  assert.ok(!wrong.html.includes('planted-secret'));
  assert.ok(!log().includes('planted-secret'));
  const unknown = await visitor.fillIn('/login', { email: 'nobody@example.com', password: 'x' });
  assert.equal(unknown.message(), wrong.message());
  const partner = await visitor.fillIn('/login', {
    email: 'partner@globetrotter.example',
    password: 'meridian',
  });
  assert.equal(partner.message(), wrong.message());

  const empty = await visitor.fillIn('/login', {});
  assert.equal(empty.status, 422);
  assert.deepEqual(
    [empty.fault('email'), empty.fault('password')],
    ['Please fill this in.', 'Please fill this in.'],
  );
  const noPassword = await visitor.fillIn('/login', { email: 'a"b@example.com' });
  assert.deepEqual([noPassword.fault('email'), noPassword.fault('password')], ['', 'Please fill this in.']);
  assert.equal(noPassword.form('/login').email, 'a"b@example.com');
});

test('a log-in form of another site is refused', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  const fields = { email: 'alice@example.com', password: 'meridian' };
  const refused = await visitor.post('/login', fields, { 'sec-fetch-site': 'cross-site' });
  assert.equal(refused.status, 403);
  assert.equal(refused.headers['set-cookie'], undefined);
});

test('logging out ends the session', async (t) => {
  const { port } = await startMonolith(t);
  const alice = await logInBrowser(port, 'alice@example.com');
  const before = alice.cookie();
  const out = await alice.post('/logout', (await alice.get('/')).form('/logout'));
  assert.deepEqual([out.status, out.location], [303, '/']);
  const old = await createBrowser(port).get('/bookings', { cookie: before });
  assert.equal(old.status, 303, 'the old cookie opens nothing');
});

test('each role sees its pages, and a page of refusal for the others', async (t) => {
  const { port } = await startMonolith(t);
  const everybody = ['/', '/flights', '/status', '/status/1', '/partners', '/profile'];
  const expected = {
    'alice@example.com': { '/bookings': 200, '/invoices': 200 },
    'agent@meridian.example': { '/bookings': 200, '/invoices': 403 },
    'accounts@meridian.example': { '/bookings': 403, '/invoices': 200 },
  };
  for (const [email, pages] of Object.entries(expected)) {
    const browser = await logInBrowser(port, email);
    for (const path of everybody) assert.equal((await browser.get(path)).status, 200, `${email} ${path}`);
    for (const [path, status] of Object.entries(pages)) {
      const page = await browser.get(path);
      assert.equal(page.status, status, `${email} ${path}`);
      const linked = page.html.includes(`<li><a href="${path}" aria-current`);
      assert.equal(linked, status === 200, `${email} is shown the way to ${path}`);
    }
  }
});

test('another’s booking is as absent as none, another’s invoice is closed', async (t) => {
  const { port, monolith } = await startMonolith(t);
  const { rows } = await monolith.pool.query(
    `SELECT b.id AS booking, i.id AS invoice FROM bookings b JOIN invoices i ON i.booking_id = b.id
     WHERE b.account_id = 1 AND b.status = 'CONFIRMED' LIMIT 1`,
  );
  const { booking, invoice } = rows[0];
  const bob = await logInBrowser(port, 'bob@example.com');
  for (const path of ['', '/pay', '/change', '/cancel']) {
    assert.equal((await bob.get(`/bookings/${booking}${path}`)).status, 404, path);
  }
  assert.equal((await bob.get('/bookings/999999')).status, 404);
  assert.equal((await bob.get(`/invoices/${invoice}`)).status, 403);
  const agent = await logInBrowser(port, 'agent@meridian.example');
  assert.equal((await agent.get(`/bookings/${booking}`)).status, 200);
  assert.equal((await agent.get(`/invoices/${invoice}`)).status, 200);
  const accountant = await logInBrowser(port, 'accounts@meridian.example');
  const seen = await accountant.get(`/bookings/${booking}`);
  assert.equal(seen.status, 200);
  assert.ok(!seen.html.includes(`/bookings/${booking}/cancel`), 'who may not cancel is shown no way to');
  assert.equal((await accountant.get(`/bookings/${booking}/cancel`)).status, 403);
});

test('what does not exist is a page in the site’s look, and JSON below the API', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  for (const path of ['/nope', '/status/0', '/status/x', '/bookings.html', '/%ff', '/Flights/1/nothing']) {
    const page = await visitor.get(path);
    assert.equal(page.status, 404, path);
    assert.match(page.headers['content-type'] as string, /^text\/html/, path);
    assert.match(page.text, /We do not fly there/, path);
    assert.match(page.html, /class="masthead"/, path);
  }
  const api = await visitor.get('/api/v1/nope');
  assert.deepEqual(JSON.parse(api.html), { error: 'not_found', message: 'No such resource.' });
  assert.deepEqual(JSON.parse((await visitor.get('/photos/nope.jpg')).html), {
    error: 'not_found',
    message: 'No such resource.',
  });
});

test('pages let in no script, style or frame of others, and renew the session as the API does', async (t) => {
  const { port } = await startMonolith(t);
  const alice = await logInBrowser(port, 'alice@example.com');
  for (const path of ['/', '/bookings', '/nope']) {
    const page = await alice.get(path);
    assert.match(page.headers['content-security-policy'] as string, /default-src 'none'; script-src 'self'/);
    assert.match(String(page.headers['set-cookie']), /MERIDIANSESSID=.*Expires=/, path);
    assert.doesNotMatch(
      page.html,
      /<script(?![^>]*\ssrc="\/assets\/)|\sstyle=|\son[a-z]+="/,
      'nothing inline',
    );
    assert.equal(page.headers['x-powered-by'], 'Express');
  }
  const asset = await alice.get(
    /href="(\/assets\/css\/base\.css\?v=[^"]+)"/.exec((await alice.get('/')).html)?.[1] ?? '',
  );
  assert.equal(asset.status, 200);
  assert.match(asset.headers['cache-control'] as string, /immutable/);
  assert.equal(asset.headers['set-cookie'], undefined);
});

test('everything that a page refers to is there', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  const seen = new Set<string>();
  const check = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const found = await visitor.get(path);
    assert.equal(found.status, 200, path);
    const inside = [...found.html.matchAll(/url\("([^"]+)"\)|from '(\.[^']+)'/g)];
    if (!/\.(css|js)(\?|$)/.test(path)) return;
    for (const [, image, module] of inside)
      await check(new URL((image ?? module) as string, `http://x${path}`).pathname);
  };
  const home = await visitor.get('/');
  for (const [, path = ''] of home.html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) await check(path);
  assert.ok([...seen].some((path) => path.endsWith('.woff2')));
  assert.ok([...seen].some((path) => path.endsWith('seat-socket.js')));
});

test('a profile is changed, cleared, and refused field by field', async (t) => {
  const { port } = await startMonolith(t);
  const alice = await logInBrowser(port, 'alice@example.com');
  const saved = await alice.fillIn('/profile', {
    name: 'Alice <M>',
    phone: '',
    address: 'Pier 1\nDock',
    newsletter: 'Y',
  });
  assert.deepEqual([saved.status, saved.location], [303, '/profile?saved=1']);
  const shown = await alice.get('/profile?saved=1');
  assert.match(shown.text, /Saved\./);
  const form = shown.form('/profile');
  assert.deepEqual(
    [form.name, form.phone, form.address, form.newsletter],
    ['Alice <M>', '', 'Pier 1\r\nDock'.replace('\r', ''), 'Y'],
  );
  const refused = await alice.fillIn('/profile', { name: '', phone: '1'.repeat(31), newsletter: 'N' });
  assert.equal(refused.status, 422);
  assert.notEqual(refused.fault('name'), '');
  assert.equal(refused.form('/profile').phone, '1'.repeat(31));
  const long = await alice.fillIn('/profile', { phone: '1'.repeat(31) });
  assert.match(long.fault('phone'), /at most 30 characters/);
});

test('a photo is shown once it is uploaded; what is no photo is refused beside the field', async (t) => {
  const { port } = await startMonolith(t);
  const alice = await logInBrowser(port, 'alice@example.com');
  const token = (await alice.get('/profile')).form('/profile/photo');
  const text = await alice.upload('/profile/photo', token, {
    name: 'a.png',
    content: Buffer.from('no image'),
  });
  assert.equal(text.status, 415);
  assert.match(text.fault('photo'), /JPEG or a PNG/);
  const heavy = Buffer.concat([PNG, Buffer.alloc(2 * 1024 * 1024)]);
  const large = await alice.upload('/profile/photo', token, { name: 'a.png', content: heavy });
  assert.equal(large.status, 413);
  assert.match(large.fault('photo'), /2 MB/);
  const forged = await alice.upload('/profile/photo', { form_token: 'x' }, { name: 'a.png', content: PNG });
  assert.equal(forged.status, 403);
  assert.doesNotMatch((await alice.get('/profile')).html, /<img class="photo"/);

  const done = await alice.upload('/profile/photo', token, { name: 'a.png', content: PNG });
  assert.equal(done.status, 303, done.text);
  const path = /<img class="photo" src="([^"]+)"/.exec((await alice.get('/profile')).html)?.[1] ?? '';
  assert.equal((await alice.get(path)).headers['content-type'], 'image/png');
});

test('a page takes no JSON and no giant, and says so as a page', async (t) => {
  const { port } = await startMonolith(t);
  const visitor = createBrowser(port);
  const json = await visitor.post('/login', {}, { 'content-type': 'text/plain' });
  assert.equal(json.status, 415);
  assert.match(json.text, /cannot read that/);
  const giant = await visitor.post('/login', { email: 'x'.repeat(1_100_000) });
  assert.equal(giant.status, 413);
  assert.match(giant.html, /class="masthead"/);
});

test('with the database away a page says so, with an id and nothing of the inside', async (t) => {
  const site = await startMonolith(t, { databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
  const page = await createBrowser(site.port).get('/');
  assert.equal(page.status, 503);
  assert.equal(page.headers['retry-after'], '5');
  assert.match(page.text, /Please stand by/);
  const errorId = /<code>([0-9a-f]{16})<\/code>/.exec(page.html)?.[1];
  assert.ok(errorId && site.log().includes(errorId));
  assert.doesNotMatch(page.text, /ECONNREFUSED|postgres|127\.0\.0\.1/);
  assert.equal((await createBrowser(site.port).get('/assets/css/base.css')).status, 200);
});

test('an API key opens pages as its account, and its forms work', async (t) => {
  const { port } = await startMonolith(t);
  const key = { 'x-api-key': KEYS.globetrotter };
  const browser = createBrowser(port);
  const page = await browser.get('/bookings', key);
  assert.equal(page.status, 200);
  assert.equal(page.headers['set-cookie'], undefined);
  assert.doesNotMatch(page.html, /action="\/logout"/);
});
