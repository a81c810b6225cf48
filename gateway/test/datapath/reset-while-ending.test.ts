import { Duplex } from 'node:stream';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { dialTo, pathThrough } from './kit/path-through.ts';
import { connectRaw } from './kit/raw-socket.ts';

const UPGRADE = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';

test('a tunnel whose monolith ends and is gone at the same moment leaves no connection behind', async () => {
  const monolith = new Duplex({
    read: () => {},
    write: (_bytes, _encoding, done) => {
      monolith.push(SWITCHING);
      done();
    },
  });
  const path = pathThrough(dialTo(monolith));
  const { port } = await path.listen(0, '127.0.0.1');
  const client = await connectRaw(port);
  try {
    client.send(UPGRADE);
    await client.readUntil('101');
    const lost = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    // Before the end of the client's connection, which is under way by then, has gone out.
    monolith.once('end', () => process.nextTick(() => process.nextTick(() => monolith.destroy(lost))));
    monolith.push(null);
    await until(() => path.connectionCount === 0, { deadlineMs: 20_000, what: 'the end of the connection' });
  } finally {
    client.destroy();
    if (path.connectionCount === 0) await path.drain(100);
    else path.server.close();
  }
});
