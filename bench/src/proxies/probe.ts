import { createServer, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';

/*
 * The ceiling to measure against: node:http in front, bare sockets behind, nothing checked, nothing handled. It is
 * no proxy: it reads one answer per request, by its Content-Length, and hopes for the best.
 */
const upstreamPort = Number(process.env.UPSTREAM_PORT);
const idle: Upstream[] = [];

class Upstream {
  readonly socket: Socket;
  response: ServerResponse | undefined;
  left = -1;

  constructor() {
    this.socket = connect({ port: upstreamPort, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (bytes: Buffer) => this.read(bytes));
    this.socket.on('error', () => {});
  }

  read(bytes: Buffer): void {
    const response = this.response as ServerResponse;
    let body = bytes;
    if (this.left < 0) {
      const end = bytes.indexOf('\r\n\r\n');
      const lines = bytes.toString('latin1', 0, end).split('\r\n');
      const fields: string[] = [];
      for (let i = 1; i < lines.length; i++) {
        const line = lines[i] as string;
        const colon = line.indexOf(':');
        const name = line.slice(0, colon);
        const lower = name.toLowerCase();
        if (lower === 'connection' || lower === 'keep-alive') continue;
        if (lower === 'content-length') this.left = Number(line.slice(colon + 2));
        fields.push(name, line.slice(colon + 2));
      }
      response.writeHead(Number((lines[0] as string).slice(9, 12)), fields);
      body = bytes.subarray(end + 4);
    }
    this.left -= body.length;
    if (this.left > 0) {
      response.write(body);
      return;
    }
    this.left = -1;
    idle.push(this);
    response.end(body);
  }
}

createServer((request, response) => {
  const upstream = idle.pop() ?? new Upstream();
  upstream.response = response;
  let head = `${request.method} ${request.url} HTTP/1.1\r\n`;
  const { rawHeaders } = request;
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  upstream.socket.write(`${head}\r\n`, 'latin1');
  if (request.method !== 'GET') request.on('data', (bytes) => upstream.socket.write(bytes));
}).listen(Number(process.env.PORT), '127.0.0.1');
