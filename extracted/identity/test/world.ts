import { request } from 'node:http';
import { Writable } from 'node:stream';
import type { Caller, HeaderLine, RequestHeaders, SessionAnswer } from '@banyan/gateway/carve-out';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { createMonolith, type Monolith } from '@meridian/monolith/compose';
import { parseMonolithConfig } from '@meridian/monolith/config';
import { createLogger } from '@meridian/monolith/log/logger';

/** The real monolith on a database of its own, for as long as the test runs. */
export async function startWorld(
  after: (release: () => Promise<void>) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<{ port: number; pool: Monolith['pool'] }> {
  const database = await createTestDatabase('small');
  const config = parseMonolithConfig({
    MONOLITH_PORT: '0',
    MONOLITH_DATABASE_URL: database.url,
    MERIDIAN_SESSION_SECRET: 'a secret of the tests',
    MERIDIAN_DRAIN_MS: '2000',
    MERIDIAN_WORKER_INTERVAL_MS: '3600000',
    ...env,
  });
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const monolith = createMonolith(config, { logger: createLogger('error', silent) });
  after(async () => {
    await monolith.stop();
    await database.drop();
  });
  const { port } = await monolith.listen();
  return { port, pool: monolith.pool };
}

/** Logs in and gives the Cookie that a browser would send. */
export async function logIn(port: number, email: string): Promise<string> {
  const body = JSON.stringify({ email, password: 'meridian' });
  const answer = await send(port, 'POST', '/api/v1/session', [['Content-Type', 'application/json']], body);
  const cookie = answer.headers.find(([name]) => name === 'Set-Cookie')?.[1].split(';')[0];
  if (cookie === undefined) throw new Error(`no session: ${answer.status} ${answer.body}`);
  return cookie;
}

/** Header lines as they are, repeated ones too; and the answer's as they came. */
export function send(
  port: number,
  method: string,
  path: string,
  lines: readonly HeaderLine[],
  body = '',
): Promise<SessionAnswer> {
  const length: HeaderLine[] = body === '' ? [] : [['Content-Length', String(Buffer.byteLength(body))]];
  return new Promise((resolve, reject) => {
    const headers = [...asPairs(['Host', 'meridian.example']), ...lines, ...length].flat();
    const outgoing = request(
      { host: '127.0.0.1', port, method, path, headers, agent: false },
      async (incoming) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
        const { rawHeaders } = incoming;
        resolve({
          status: incoming.statusCode ?? 0,
          headers: rawHeaders.flatMap((name, at): HeaderLine[] =>
            at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? '']] : [],
          ),
          body: Buffer.concat(chunks),
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** As the gateway hands them over: blanks around values gone, lines joined as Node's server does. */
export function requestHeaders(...lines: readonly HeaderLine[]): RequestHeaders {
  const values = (name: string) =>
    lines
      .filter(([field]) => field.toLowerCase() === name)
      .map(([, value]) => value.replace(/^[ \t]+|[ \t]+$/g, ''));
  return {
    values,
    get: (name) => (values(name).length > 0 ? values(name).join(name === 'cookie' ? '; ' : ', ') : undefined),
  };
}

export function caller(found: Caller | null): Caller {
  if (found === null) throw new Error('nobody is known');
  return found;
}

export function asPairs(...lines: HeaderLine[]): HeaderLine[] {
  return lines;
}
