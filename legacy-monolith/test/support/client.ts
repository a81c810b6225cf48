import { type IncomingHttpHeaders, request } from 'node:http';

export type Answer = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  trailers: NodeJS.Dict<string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any shape of body
  json: any;
};

export type Call = {
  method?: string;
  headers?: Record<string, string>;
  json?: unknown;
  form?: Record<string, string> | string;
  body?: string | Buffer;
};

export type Client = {
  call(path: string, options?: Call): Promise<Answer>;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
};

/** A client over node:http, which shows trailers and hides nothing; `headers` go with every call. */
export function createClient(port: number, headers: Record<string, string> = {}): Client {
  const call = (path: string, options: Call = {}): Promise<Answer> => {
    const { body, type } = bodyOf(options);
    const sent = { ...(type ? { 'content-type': type } : {}), ...headers, ...options.headers };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          path: path.startsWith('/api') || path.startsWith('//') ? path : `/api/v1${path}`,
          method: options.method ?? (body === undefined ? 'GET' : 'POST'),
          headers: body === undefined ? sent : { ...sent, 'content-length': Buffer.byteLength(body) },
          agent: false,
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: incoming.statusCode as number,
              headers: incoming.headers,
              trailers: incoming.trailers,
              text,
              get json() {
                return JSON.parse(text);
              },
            });
          });
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  };
  return { call, get: (path, more) => call(path, more ? { headers: more } : {}) };
}

/** Logs in and gives a client that sends the session's cookie. */
export async function logIn(port: number, email: string): Promise<Client & { cookie: string }> {
  const answer = await createClient(port).call('/session', { json: { email, password: 'meridian' } });
  const cookie = cookieOf(answer);
  return { ...createClient(port, { cookie }), cookie };
}

export function cookieOf(answer: Answer): string {
  return (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] as string;
}

export function expiryOf(answer: Answer): number {
  const match = /Expires=([^;]+)/.exec(answer.headers['set-cookie']?.[0] ?? '');
  return match ? Date.parse(match[1] as string) : Number.NaN;
}

function bodyOf({ json, form, body }: Call): { body: string | Buffer | undefined; type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' };
  if (form !== undefined) {
    const text = typeof form === 'string' ? form : new URLSearchParams(form).toString();
    return { body: text, type: 'application/x-www-form-urlencoded' };
  }
  return { body };
}
