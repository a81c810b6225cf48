import assert from 'node:assert/strict';
import { Server } from 'node:net';
import { mock, test } from 'node:test';
import { createAdminListener } from './admin-listener.ts';

test('a connection that the system could not accept is reported, and the next one is served', async () => {
  const listen = mock.method(Server.prototype, 'listen');
  const reported: unknown[] = [];
  const listener = createAdminListener(
    async () => (_request, response) => response.end('served'),
    (failure) => reported.push(failure),
  );
  const port = await listener.listen(0, '127.0.0.1');
  try {
    const server = listen.mock.calls[0]?.this as Server;
    const failure = Object.assign(new Error('accept ENFILE'), { code: 'ENFILE', syscall: 'accept' });
    server.emit('error', failure);
    assert.deepEqual(reported, [failure]);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'served');
  } finally {
    await listener.close();
    listen.mock.restore();
  }
});
