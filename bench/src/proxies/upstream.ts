import { createServer } from 'node:http';
import { upgradeAnswer } from '../websocket.ts';

/*
 * The upstream of the memory and start measurements, and of the others where nginx is not installed: small JSON,
 * 64 KB, uploads read to their end, 1 GB on demand, WebSockets that stay silent.
 */
const small = Buffer.from(JSON.stringify({ data: 'x'.repeat(289) }));
const large = Buffer.alloc(65_536, 'x');
const piece = Buffer.alloc(65_536, 'y');

createServer({ keepAliveTimeout: 300_000, noDelay: true }, (request, response) => {
  const bytes = /^\/bytes\/(\d+)$/.exec(request.url ?? '')?.[1];
  if (bytes !== undefined) {
    let left = Number(bytes);
    response.writeHead(200, { 'Content-Length': left });
    const write = (): void => {
      while (left > 0) {
        const part = left >= piece.length ? piece : piece.subarray(0, left);
        left -= part.length;
        if (!response.write(part)) {
          response.once('drain', write);
          return;
        }
      }
      response.end();
    };
    write();
    return;
  }
  const body = request.url === '/64k' ? large : small;
  request.resume().on('end', () => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    response.end(body);
  });
})
  .on('upgrade', (request, socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(upgradeAnswer(request.headers['sec-websocket-key'] ?? ''));
    socket.resume();
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
