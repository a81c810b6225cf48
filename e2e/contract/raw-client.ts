import { Agent, request as httpRequest } from 'node:http';
import type { Exchange } from './exchange.ts';

export type RawRequest = {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
  /** Reads a stream that has no end until this says enough, then hangs up. */
  readonly enough?: ((text: string) => boolean) | undefined;
};

export type RawClient = { send(request: RawRequest): Promise<Exchange>; close(): void };

const ANSWER_DEADLINE_MS = 60_000;
const BODY_BYTES_MAX = 32 * 1_048_576;

/** Bytes as they are: nothing is followed, decoded or completed. */
export function createRawClient(port: number): RawClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });

  const send = ({ method, target, headers, body, enough }: RawRequest): Promise<Exchange> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
      const signal = AbortSignal.timeout(ANSWER_DEADLINE_MS);
      const request = httpRequest({
        host: '127.0.0.1',
        port,
        method,
        path: target,
        headers: { ...headers, ...length },
        // A stream is cut off, and an upload may be answered half-way: neither connection is worth keeping.
        agent: enough || Buffer.byteLength(body ?? '') > 500_000 ? false : agent,
        signal,
      });
      const fail = (error: Error) =>
        reject(new Error(`${method} ${target}: ${error.message}`, { cause: error }));
      let answered = false;
      // Once the answer is coming, a broken pipe of the request's own body says nothing.
      request.on('error', (error) => answered || fail(error));
      request.on('response', (response) => {
        answered = true;
        const chunks: Buffer[] = [];
        let bytes = 0;
        const finish = () =>
          resolve({
            request: { method, target, sessionCookie: cookieValue(headers.Cookie) },
            status: response.statusCode ?? 0,
            headers: pairs(response.rawHeaders),
            trailers: pairs(response.rawTrailers),
            body: Buffer.concat(chunks),
          });
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > BODY_BYTES_MAX) response.destroy(new Error('the body is beyond all bounds'));
          if (enough?.(Buffer.concat(chunks).toString('utf8'))) {
            finish();
            response.destroy();
          }
        });
        response.on('end', finish);
        response.on('error', fail);
      });
      request.end(body);
    });

  return { send, close: () => agent.destroy() };
}

function cookieValue(cookie: string | undefined): string | undefined {
  return /(?:^|; )MERIDIANSESSID=([^;]*)/.exec(cookie ?? '')?.[1];
}

function pairs(raw: readonly string[]): [string, string][] {
  const result: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) {
    result.push([raw[index] as string, raw[index + 1] as string]);
  }
  return result;
}
