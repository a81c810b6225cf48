import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createDataPath } from '../../src/datapath/data-path.ts';
import { createForwardingRule } from '../../src/datapath/forwarding.ts';
import { gatewayAnswer } from '../../src/datapath/gateway-answer.ts';
import { DEFAULT_LIMITS } from '../../src/datapath/limits.ts';
import { connectRaw } from './kit/raw-socket.ts';

test('a connection that the system could not accept is reported, and ends nothing but itself', async () => {
  const reported: unknown[] = [];
  const path = createDataPath({
    limits: DEFAULT_LIMITS,
    forwarding: createForwardingRule('append', []),
    handle: (exchange) => exchange.answer(gatewayAnswer(400, undefined)),
    reportFailure: (failure) => assert.fail(String(failure)),
    onAcceptFailed: (failure) => reported.push(failure),
    upstreams: [],
    now: () => performance.now(),
    wallClock: () => new Date(),
  });
  const { port } = await path.listen(0, '127.0.0.1');
  const client = await connectRaw(port);
  try {
    const failure = Object.assign(new Error('accept ENFILE'), { code: 'ENFILE', syscall: 'accept' });
    path.server.emit('error', failure);
    assert.deepEqual(reported, [failure]);
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.readUntil('HTTP/1.1 400');
  } finally {
    client.destroy();
    await path.drain(0);
  }
});
