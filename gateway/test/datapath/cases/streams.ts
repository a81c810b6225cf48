import { strict as assert } from 'node:assert';
import { connect, type Socket } from 'node:net';
import type { Case } from '../kit/case.ts';

/** More than the kernel keeps of a stream that nobody reads: some writes find no room. */
const LENGTH = 6_000_000;
const CLIENTS = 6;

/** Differs at each place and for each number, so that no byte can pass for another. */
function pattern(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(LENGTH);
  for (let i = 0; i < LENGTH; i++) bytes[i] = i * 7 + (i >> 8) * 13 + number * 31;
  return bytes;
}

/** Reads a head and a whole body, slowly if asked, and fails at the first byte that is not the expected one. */
function readBody(socket: Socket, expected: () => Buffer, isSlow: boolean): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = '';
    let at = 0;
    socket.on('error', reject);
    socket.on('end', () => reject(new Error(`ended after ${at} bytes`)));
    socket.on('data', (chunk: Buffer) => {
      let bytes = chunk;
      if (!head.endsWith('\r\n\r\n')) {
        const text = head + chunk.toString('latin1');
        const end = text.indexOf('\r\n\r\n');
        const before = head.length;
        head = end === -1 ? text : text.slice(0, end + 4);
        if (end === -1) return;
        bytes = chunk.subarray(end + 4 - before);
      }
      if (!bytes.equals(expected().subarray(at, at + bytes.length))) {
        reject(new Error(`other bytes than were sent, from ${at} on`));
        return;
      }
      at += bytes.length;
      if (at === LENGTH) resolve(head);
      else if (isSlow) {
        socket.pause();
        setTimeout(() => socket.resume(), 5);
      }
    });
  });
}

export const streamCases: readonly Case[] = [
  {
    clause: 'attack: no byte of one response reaches another client',
    name: 'large bodies of many at once, both ways, fast and slow, arrive byte for byte',
    run: async (kit) => {
      const patterns = Array.from({ length: CLIENTS }, (_, number) => pattern(number));
      const of = (number: number): Buffer => patterns[number % CLIENTS] as Buffer;
      let connections = 0;
      const uploads: Promise<void>[] = [];
      kit.upstream.onConnection = async ({ socket }) => {
        socket.removeAllListeners('data');
        const isSlow = connections++ % 2 === 0;
        let number = 0;
        const answered = readBody(socket, () => of(number), isSlow).then(() => {
          socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${LENGTH}\r\n\r\n`);
          socket.write(of(number + 1));
        });
        // Before the reader looks at the body: whose it is stands in the target.
        socket.prependListener('data', (chunk: Buffer) => {
          number = Number(/^POST \/(\d)/.exec(chunk.toString('latin1', 0, 8))?.[1] ?? number);
        });
        uploads.push(answered);
        await answered;
      };
      const downloads = patterns.map(async (body, number) => {
        const socket = connect(kit.proxy.port, '127.0.0.1');
        const answer = readBody(socket, () => of(number + 1), number % 3 === 0);
        socket.write(`POST /${number} HTTP/1.1\r\nHost: a\r\nContent-Length: ${LENGTH}\r\n\r\n`);
        socket.write(body);
        try {
          assert.match(await answer, /^HTTP\/1\.1 200 /);
        } finally {
          socket.destroy();
        }
      });
      await Promise.all(downloads);
      await Promise.all(uploads);
    },
  },
];
