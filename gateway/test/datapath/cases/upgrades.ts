import { strict as assert } from 'node:assert';
import { type Case, GET, OK } from '../kit/case.ts';

const WEBSOCKET =
  'GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n' +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n';
const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: b\r\n' +
  'Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n';

export const upgradeCases: readonly Case[] = [
  {
    clause: 'upgrades: accepted',
    name: 'a WebSocket opens with its subprotocol and extensions, and early bytes of both sides are kept',
    run: async (kit) => {
      const client = await kit.client();
      client.send(`${WEBSOCKET}early`);
      const upstream = await kit.upstream.take();
      const head = await upstream.readHead();
      assert.match(head, /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
      assert.match(
        head,
        /\r\nSec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: permessage-deflate\r\n/,
      );
      upstream.send(`${SWITCHED}first`);
      assert.equal(await client.readHead(), SWITCHED);
      assert.equal(await client.readUntil('first'), 'first');
      assert.equal(await upstream.readUntil('early'), 'early');
      for (const bytes of ['\x81\x00\xff', 'GET / HTTP/1.1\r\n\r\n', 'x'.repeat(100_000)]) {
        client.send(bytes);
        assert.equal((await upstream.readExactly(bytes.length)).toString('latin1'), bytes);
        upstream.send(bytes);
        assert.equal((await client.readExactly(bytes.length)).toString('latin1'), bytes);
      }
    },
  },
  {
    clause: 'upgrades: half-close',
    name: 'either side of a tunnel may stop sending and still be sent to',
    run: async (kit) => {
      for (const first of ['client', 'upstream'] as const) {
        const client = await kit.client();
        client.send(WEBSOCKET);
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send(SWITCHED);
        await client.readHead();
        const [closing, open] = first === 'client' ? [client, upstream] : [upstream, client];
        closing.send('last');
        closing.end();
        assert.deepEqual(await open.readToEnd(), { text: 'last', how: 'end' });
        open.send('still heard');
        assert.equal(await closing.readUntil('still heard'), 'still heard');
        open.end();
        assert.deepEqual(await closing.readToEnd(), { text: '', how: 'end' });
      }
    },
  },
  {
    clause: 'upgrades: accepted',
    name: 'a tunnel that dies on one side dies on the other',
    run: async (kit) => {
      for (const dies of ['client', 'upstream'] as const) {
        const client = await kit.client();
        client.send(WEBSOCKET);
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send(SWITCHED);
        await client.readHead();
        if (dies === 'client') client.reset();
        else upstream.reset();
        await (dies === 'client' ? upstream : client).readToEnd();
      }
    },
  },
  {
    clause: 'upgrades: refused',
    name: "a refused upgrade shows the monolith's own status and body, and the connection serves on",
    run: async (kit) => {
      const client = await kit.client();
      client.send(WEBSOCKET);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      const refusal = 'HTTP/1.1 403 No seats\r\nX: 1\r\nContent-Length: 3\r\n\r\nnay';
      upstream.send(refusal);
      assert.equal(await client.readUntil('nay'), refusal);
      client.send(GET);
      assert.match(await upstream.readHead(), /^GET \/ /);
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
  {
    clause: 'upgrades: refused',
    name: 'a 426 keeps the field that says which protocol is wanted',
    run: async (kit) => {
      const { head } = await kit.exchange(
        GET,
        'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n',
      );
      assert.match(head, /\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n/);
    },
  },
  {
    clause: 'upgrades: ignored',
    name: 'an offer of h2c is not passed on, and the request is answered as if it had not been made',
    run: async (kit) => {
      const client = await kit.client();
      client.send(
        'POST / HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nHost: a\r\nContent-Length: 2\r\n' +
          'HTTP2-Settings: AAMAAABk\r\nUpgrade: h2c\r\n\r\nab',
      );
      const upstream = await kit.upstream.take();
      assert.doesNotMatch(await upstream.readHead(), /upgrade|http2|connection/i);
      await upstream.readUntil('ab');
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
    },
  },
  {
    clause: 'upgrades: ignored',
    name: 'an upgrade that the monolith ignores is a request like any other, and so is the next',
    run: async (kit) => {
      const client = await kit.client();
      client.send(`${WEBSOCKET}${GET}`);
      const upstream = await kit.upstream.take();
      await upstream.readHead();
      await upstream.staysQuiet(30);
      upstream.send(OK);
      assert.equal(await client.readUntil('ok'), OK);
      assert.match(await upstream.readHead(), /^GET \/ /);
    },
  },
  {
    clause: 'attack: upgrade tricks',
    name: 'a 101 that nobody asked for is a malformed answer',
    run: async (kit) => {
      for (const offer of ['', 'Upgrade: websocket\r\n', 'Connection: Upgrade\r\nUpgrade: h2c\r\n']) {
        const client = await kit.client();
        client.send(`GET / HTTP/1.1\r\nHost: a\r\n${offer}\r\n`);
        const upstream = await kit.upstream.take();
        await upstream.readHead();
        upstream.send(`${SWITCHED}secret`);
        const head = await client.readHead();
        assert.match(head, /^HTTP\/1\.1 502 /);
        assert.doesNotMatch(head, /secret/);
      }
    },
  },
];
