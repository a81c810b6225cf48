import { Duplex, duplexPair } from 'node:stream';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { DEFAULT_LIMITS } from '../../src/datapath/limits.ts';
import { dialTo, pathThrough } from './kit/path-through.ts';

const deadlineMs = 20_000;

/** A client's socket of which nothing that is written is ever taken, as if its window stayed closed. */
class StuckSocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';

  constructor() {
    super({ allowHalfOpen: true, emitClose: true });
  }

  override _read(): void {}

  override _write(): void {}

  destroySoon(): void {
    this.end();
    this.once('finish', () => this.destroy());
  }
}

/** A path to an upstream that the test plays, by a clock that it sets. */
async function withPath(
  work: (parts: {
    accept(client: StuckSocket): void;
    upstream: Duplex;
    pass(ms: number): void;
  }) => Promise<void>,
): Promise<void> {
  let nowMs = 0;
  const [ours, upstream] = duplexPair();
  const path = pathThrough(dialTo(ours), { now: () => nowMs });
  await path.listen(0, '127.0.0.1');
  try {
    await work({
      accept: (client) => path.server.emit('connection', client),
      upstream,
      pass: (ms) => {
        nowMs += ms;
      },
    });
  } finally {
    await path.drain(0);
  }
}

/** What was written to the upstream until now is read. */
const heard = (upstream: Duplex, text: string): Promise<unknown> => {
  let all = '';
  upstream.on('data', (bytes: Buffer) => {
    all += bytes.toString('latin1');
  });
  return until(() => all.includes(text), { deadlineMs, what: () => `${text} in ${all}` });
};

test('a client that sends no more and takes nothing of its last answer is let go when it has stalled', () =>
  withPath(async ({ accept, upstream, pass }) => {
    const client = new StuckSocket();
    accept(client);
    client.push('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    client.push(null);
    await heard(upstream, '\r\n\r\n');
    await until(() => upstream.readableEnded, { deadlineMs, what: 'the half-close' });
    upstream.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    await until(() => client.writableLength > 0, { deadlineMs, what: 'an answer' });
    pass(DEFAULT_LIMITS.stallMs);
    await until(() => client.destroyed, { deadlineMs, what: 'the end' });
  }));

test('a tunnel that both sides have ended is let go when its client has stalled', () =>
  withPath(async ({ accept, upstream, pass }) => {
    const client = new StuckSocket();
    accept(client);
    client.push('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    await heard(upstream, '\r\n\r\n');
    upstream.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nlast');
    await until(() => client.writableLength > 0, { deadlineMs, what: 'an answer' });
    client.push(null);
    await until(() => client.readableEnded, { deadlineMs });
    pass(DEFAULT_LIMITS.stallMs);
    await until(() => client.destroyed, { deadlineMs, what: 'the end' });
  }));
