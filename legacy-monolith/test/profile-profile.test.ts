import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientOf, startWorld } from './billing-world.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const JPEG = Buffer.from('ffd8ffe0', 'hex');
const KEY = { 'X-Api-Key': 'mk_demo_globetrotter_0001' };

function form(content: Buffer, field = 'photo', name = 'me.gif'): FormData {
  const data = new FormData();
  data.set(field, new Blob([new Uint8Array(content)], { type: 'image/gif' }), name);
  return data;
}

test('a profile shows its keys in order, keeps what is absent, clears what is empty', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const before = await alice('GET', '/profile');
  assert.deepEqual(Object.keys(before.body), [
    'account_id',
    'email',
    'name',
    'phone',
    'address',
    'newsletter',
    'miles',
    'photo_url',
    'bookings_upcoming',
    'invoices_open',
    'member_since',
  ]);
  assert.match(before.body.member_since, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const changed = await alice('PUT', '/profile', {
    body: { name: 'Alice Ünder', phone: '+44 20', address: '1 Row', newsletter: 'Y', miles: 10 ** 9 },
  });
  assert.equal(changed.status, 200);
  assert.equal(changed.body.name, 'Alice Ünder');
  assert.equal(changed.body.miles, before.body.miles);
  const cleared = await alice('PUT', '/profile', {
    body: 'phone=&newsletter=N',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(cleared.body.phone, null);
  assert.equal(cleared.body.address, '1 Row');
  assert.equal(cleared.body.newsletter, 'N');
  const fresh = await alice('GET', '/profile');
  const again = await alice('GET', '/profile', {
    headers: { 'If-None-Match': fresh.headers.get('ETag') as string, 'Cache-Control': 'max-age=0' },
  });
  assert.equal(again.status, 304);
});

test('the first fault is named; a partner reads and does not write', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  for (const [body, field] of [
    [{ name: '' }, 'name'],
    [{ name: null, phone: 'x'.repeat(31) }, 'name'],
    [{ phone: 'x'.repeat(31) }, 'phone'],
    [{ address: 7 }, 'address'],
    [{ newsletter: 'yes' }, 'newsletter'],
    [{ name: 'nul\0' }, 'name'],
    [{ name: 'Alice\u001b[1m' }, 'name'],
    [{ phone: '1\n2' }, 'phone'],
  ] as const) {
    const answer = await alice('PUT', '/profile', { body });
    assert.equal(answer.status, 422, JSON.stringify(body));
    assert.deepEqual(Object.keys(answer.body), ['error', 'message', 'field']);
    assert.equal(answer.body.field, field);
  }
  const partner = clientOf(world.url, KEY);
  assert.equal((await partner('GET', '/profile')).status, 200);
  assert.equal((await partner('PUT', '/profile', { body: { name: 'x' } })).status, 403);
  assert.equal((await partner('POST', '/profile/photo', { body: form(PNG) })).status, 403);
  assert.equal((await clientOf(world.url, {})('GET', '/profile')).status, 401);
});

test('a photo is told by its bytes, served publicly and for ever, and its address changes with it', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const content = Buffer.concat([PNG, Buffer.from('one')]);
  const stored = await alice('POST', '/profile/photo', { body: form(content) });
  assert.equal(stored.status, 201, stored.text);
  assert.match(stored.body.photo_url, /^\/photos\/1-[0-9a-f]{8}\.png$/);
  assert.equal((await alice('GET', '/profile')).body.photo_url, stored.body.photo_url);
  const served = await fetch(`${world.url}${stored.body.photo_url}`);
  assert.equal(served.headers.get('Content-Type'), 'image/png');
  assert.equal(served.headers.get('Cache-Control'), 'public, max-age=31536000, immutable');
  assert.deepEqual(Buffer.from(await served.arrayBuffer()), content);
  const next = await alice('POST', '/profile/photo', { body: form(JPEG) });
  assert.match(next.body.photo_url, /\.jpg$/);
  assert.equal((await fetch(`${world.url}${stored.body.photo_url}`)).status, 404);
  assert.equal((await fetch(`${world.url}/photos/1-zzzz.png`)).status, 404);
});

test('what is no photo is refused by kind: 415, 413, 400, 422', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const upload = async (body: FormData | string, headers: Record<string, string> = {}) => {
    const answer = await alice('POST', '/profile/photo', { body, headers });
    return `${answer.status} ${answer.body.error}`;
  };
  const limit = 2 * 1024 * 1024;
  assert.equal(await upload('{}', { 'Content-Type': 'application/json' }), '415 unsupported_media_type');
  assert.equal(await upload(form(Buffer.from('GIF89a'))), '415 unsupported_media_type');
  assert.equal(await upload(form(Buffer.concat([PNG, Buffer.alloc(limit - 7)]))), '413 too_large');
  assert.equal(await upload(form(Buffer.concat([PNG, Buffer.alloc(5 * limit)]))), '413 too_large');
  const exactly = form(Buffer.concat([PNG, Buffer.alloc(limit - 8)]));
  assert.equal((await alice('POST', '/profile/photo', { body: exactly })).status, 201);
  assert.equal(await upload(form(PNG, 'other')), '422 invalid');
  assert.equal(await upload(form(Buffer.alloc(0))), '422 invalid');
  const multipart = { 'Content-Type': 'multipart/form-data; boundary=x' };
  assert.equal(await upload('--x\r\nbroken', multipart), '400 bad_request');
  assert.equal(await upload('', { 'Content-Type': 'multipart/form-data' }), '415 unsupported_media_type');
});
