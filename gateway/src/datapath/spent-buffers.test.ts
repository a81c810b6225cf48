import { strict as assert } from 'node:assert';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { SpentBuffers } from './spent-buffers.ts';

const SIZE = 65_536;
const read = (): Buffer => Buffer.allocUnsafeSlow(SIZE);

/** A socket that takes a write when told to. */
function createSocket(): { socket: Writable; take: () => void } {
  let take: (() => void) | undefined;
  const socket = new Writable({ write: (_chunk, _encoding, done) => (take = done) });
  return { socket, take: () => take?.() };
}

test('a read that was written is freed at once', () => {
  const spent = new SpentBuffers(new Writable({ write: (_chunk, _encoding, done) => done() }));
  const chunk = read();
  spent.add(chunk);
  assert.equal(chunk.length, 0);
});

test('a read is kept while the socket has anything left to write, and freed after', () => {
  const { socket, take } = createSocket();
  const spent = new SpentBuffers(socket);
  const chunk = read();
  socket.write(chunk);
  spent.add(chunk);
  spent.written();
  assert.equal(chunk.length, SIZE);
  take();
  spent.written();
  assert.equal(chunk.length, 0);
});

test('nothing is freed once the socket was destroyed: the system may not have let go of it', () => {
  const { socket, take } = createSocket();
  const spent = new SpentBuffers(socket);
  const [before, after] = [read(), read()];
  socket.write(before);
  spent.add(before);
  socket.destroy();
  take();
  spent.written();
  spent.add(after);
  assert.deepEqual([before.length, after.length], [SIZE, SIZE]);
});

test('what is small, or a part of something larger, is left to the collector', () => {
  const spent = new SpentBuffers(createSocket().socket);
  const [small, part] = [Buffer.allocUnsafeSlow(100), read().subarray(10)];
  spent.add(small);
  spent.add(part);
  assert.deepEqual([small.length, part.length], [100, SIZE - 10]);
});
