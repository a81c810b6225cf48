import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OPERATOR, startAdmin } from './support/admin-api.ts';
import { sendRaw } from './support/raw-client.ts';

const KILL = JSON.stringify({ target: 'billing', reason: 'for the test' });

describe('the admin port, to whoever should not be there', () => {
  it('answers no site: no preflight, and no header that lets one read', async () => {
    await using admin = await startAdmin();
    const origin = 'https://evil.example';
    const preflight = {
      origin,
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'authorization',
    };
    for (const path of [
      '/admin/v1/routes',
      '/admin/v1/kills',
      '/admin/v1/nothing',
      '/readyz',
      '/metrics',
      '/',
    ]) {
      const response = await fetch(admin.url + path, { method: 'OPTIONS', headers: preflight });
      assert.equal(response.status, 405, path);
      assert.ok(response.headers.get('allow'), path);
      assertClosed(response, path);
    }
    const { response } = await admin.call('GET', '/routes', { headers: { origin } });
    assertClosed(response, 'a read');
  });

  it('does nothing for a form, nor for a page that has no token', async () => {
    await using admin = await startAdmin();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      const headers = { 'content-type': type, origin: 'https://evil.example' };
      assert.equal(
        (await admin.call('POST', '/kills', { token: '', body: KILL, headers })).response.status,
        401,
      );
      assert.equal((await admin.call('POST', '/kills', { body: KILL, headers })).response.status, 415);
    }
    const cookie = { cookie: `token=${OPERATOR}; Authorization=Bearer ${OPERATOR}` };
    const byCookie = await admin.call('POST', '/kills', { token: '', body: KILL, headers: cookie });
    assert.equal(byCookie.response.status, 401);
    const query = await admin.call('POST', `/kills?access_token=${OPERATOR}`, { token: '', body: KILL });
    assert.equal(query.response.status, 401);
    assert.deepEqual(admin.flags.kills(), []);
  });

  it('bounds what it reads: heads, and bodies whose length nobody says', async () => {
    await using admin = await startAdmin();
    const head = `GET /admin/v1/routes HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(17_000)}\r\n\r\n`;
    const large = sendRaw(admin.port, head);
    assert.match(await large.receive((text) => text.includes('\r\n\r\n')), /^HTTP\/1\.1 431 /);
    const chunk = 'x'.repeat(10_000);
    const chunked = [
      'POST /admin/v1/kills HTTP/1.1',
      'Host: x',
      `Authorization: Bearer ${OPERATOR}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      '',
      '',
    ].join('\r\n');
    const endless = sendRaw(admin.port, chunked + `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(8));
    const answer = await endless.receive((text) => text.includes('payload-too-large'));
    assert.match(answer, /^HTTP\/1\.1 413 /);
    endless.socket.destroy();
    large.socket.destroy();
  });

  it('changes nothing for a body that breaks off', async () => {
    await using admin = await startAdmin();
    const broken = sendRaw(
      admin.port,
      [
        'POST /admin/v1/kills HTTP/1.1',
        'Host: x',
        `Authorization: Bearer ${OPERATOR}`,
        'Content-Type: application/json',
        `Content-Length: ${KILL.length + 1}`,
        '',
        KILL,
      ].join('\r\n'),
    );
    broken.socket.end();
    await broken.ended();
    assert.equal((await admin.call('GET', '/kills')).text, '[]');
  });

  it('counts no missing token, and holds no wrong one against a right one', async () => {
    await using admin = await startAdmin();
    for (let attempt = 0; attempt < 30; attempt += 1) {
      assert.equal((await admin.call('GET', '/routes', { token: '' })).response.status, 401);
    }
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 15; attempt += 1) {
      const { response } = await admin.call('POST', '/kills', {
        token: `wrong-token-number-${attempt}`,
        body: KILL,
      });
      statuses.push(response.status);
    }
    assert.deepEqual(statuses, [...Array(10).fill(401), ...Array(5).fill(429)]);
    assert.equal((await admin.call('POST', '/kills', { body: KILL })).response.status, 201);
    const warned = admin.log.filter(({ msg }) => msg === 'a wrong token on the admin port');
    assert.equal(warned.length, 10, 'the log is bounded as the attempts are');
    assert.doesNotMatch(JSON.stringify(admin.log), /wrong-token-number|a-token-of/);
  });

  it('takes no token that is not exactly one of its own', async () => {
    await using admin = await startAdmin();
    for (const authorization of [
      'Bearer',
      `Bearer ${OPERATOR}x`,
      `Bearer ${OPERATOR.slice(0, -1)}`,
      `Bearer ${OPERATOR.toUpperCase()}`,
      `Bearer ${OPERATOR}, Bearer ${OPERATOR}`,
      `Basic ${btoa(`ann:${OPERATOR}`)}`,
      OPERATOR,
    ]) {
      const { response } = await admin.call('GET', '/routes', { token: '', headers: { authorization } });
      assert.equal(response.status, 401, authorization);
    }
    const lower = { authorization: `bearer   ${OPERATOR}` };
    assert.equal((await admin.call('GET', '/routes', { token: '', headers: lower })).response.status, 200);
  });
});

function assertClosed(response: Response, about: string): void {
  for (const [name] of response.headers) assert.doesNotMatch(name, /^access-control-/, about);
}
