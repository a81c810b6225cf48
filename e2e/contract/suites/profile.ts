import assert from 'node:assert/strict';
import { it } from 'node:test';
import { NO_OBJECT, NOT_JSON, PLAIN_TEXT, TOO_LARGE } from '../fixtures.ts';
import type { World } from '../world.ts';

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(64, 1)]);
const JPEG = Buffer.concat([Buffer.from('ffd8ffe000104a464946', 'hex'), Buffer.alloc(64, 2)]);

type Part = { name?: string; filename?: string; type?: string; content: Buffer };

export function multipart({ name = 'photo', filename = 'me.png', type = 'image/png', content }: Part) {
  const head = `--frontier\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n`;
  return {
    type: 'multipart/form-data; boundary=frontier',
    bytes: Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--frontier--\r\n')]),
  };
}

export function profileSuite(world: () => World): void {
  it('shows everybody their own', async () => {
    const { api, callers } = world();
    for (const as of Object.values(callers)) await api.expect('getProfile', 200, { as });
    assert.equal(
      (await api.expect('getProfile', 200, { as: callers.alice })).body.email,
      'alice@example.com',
    );
    await api.expect('getProfile', 304, { as: callers.alice, headers: { 'If-None-Match': '*' } });
    await api.expect('getProfile', 401);
  });

  it('keeps what is absent and clears what is empty', async () => {
    const { api, callers } = world();
    const as = callers.bob;
    const full = { name: 'Bob Ångström', phone: '+46 8 123', address: 'Kungsgatan 1', newsletter: 'Y' };
    const first = await api.expect('updateProfile', 200, {
      as,
      json: { ...full, miles: 999_999, unknown: 1 },
    });
    assert.equal(first.body.name, full.name);
    assert.equal(first.body.newsletter, 'Y');
    assert.notEqual(first.body.miles, 999_999);
    const cleared = await api.expect('updateProfile', 200, { as, json: { phone: null } });
    assert.deepEqual([cleared.body.phone, cleared.body.address], [null, full.address]);
    const form = await api.expect('updateProfile', 200, { as, form: 'address=&newsletter=Y&newsletter=N' });
    assert.deepEqual([form.body.address, form.body.newsletter, form.body.name], [null, 'N', full.name]);
  });

  it('names the first field that makes no sense', async () => {
    const { api, callers } = world();
    const cases: [string, object][] = [
      ['name', { name: '', phone: 'x'.repeat(31) }],
      ['name', { name: null }],
      ['name', { name: 'x'.repeat(81) }],
      ['phone', { phone: 'x'.repeat(31), newsletter: 'maybe' }],
      ['address', { address: 'x'.repeat(201) }],
      ['newsletter', { newsletter: true }],
    ];
    for (const [field, json] of cases) {
      assert.equal((await api.expect('updateProfile', 422, { as: callers.alice, json })).body.field, field);
    }
  });

  it('refuses what is no profile', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    await api.expect('updateProfile', 400, { as, body: NOT_JSON });
    await api.expect('updateProfile', 400, { as, body: NO_OBJECT });
    await api.expect('updateProfile', 401, { json: {} });
    await api.expect('updateProfile', 403, { as: callers.partner, json: {} });
    await api.expect('updateProfile', 413, { as, body: TOO_LARGE });
    await api.expect('updateProfile', 415, { as, body: PLAIN_TEXT });
  });

  it('stores photos by what they are, not by what they are called', async () => {
    const { api, callers, raw } = world();
    const as = callers.alice;
    const png = await api.expect('uploadPhoto', 201, { as, body: multipart({ content: PNG }) });
    assert.match(png.body.photo_url, /^\/photos\/1-[0-9a-f]{8}\.png$/);
    const jpeg = await api.expect('uploadPhoto', 201, {
      as,
      body: multipart({ content: JPEG, filename: 'me.exe', type: 'application/x-what' }),
    });
    assert.match(jpeg.body.photo_url, /\.jpg$/);
    assert.equal((await api.expect('getProfile', 200, { as })).body.photo_url, jpeg.body.photo_url);
    const photo = await raw.send({ method: 'GET', target: jpeg.body.photo_url, headers: {} });
    assert.equal(photo.status, 200);
    assert.deepEqual(photo.body, JPEG);
  });

  it('refuses what is no photo', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const broken = {
      ...multipart({ content: PNG }),
      bytes: multipart({ content: PNG }).bytes.subarray(0, 120),
    };
    await api.expect('uploadPhoto', 400, { as, body: broken });
    await api.expect('uploadPhoto', 401, { body: multipart({ content: PNG }) });
    await api.expect('uploadPhoto', 403, { as: callers.partner, body: multipart({ content: PNG }) });
    const large = Buffer.concat([PNG, Buffer.alloc(2 * 1_048_576)]);
    await api.expect('uploadPhoto', 413, { as, body: multipart({ content: large }) });
    await api.expect('uploadPhoto', 415, { as, json: {} });
    await api.expect('uploadPhoto', 415, { as, body: multipart({ content: Buffer.from('GIF89a......') }) });
    const { body } = await api.expect('uploadPhoto', 422, {
      as,
      body: multipart({ name: 'other', content: PNG }),
    });
    assert.equal(body.field, 'photo');
  });
}
