import { createSecretKey } from 'node:crypto';
import type { HeaderLine } from '../../src/carve-out/answer.ts';
import {
  defineIdentity,
  type IdentityAdapter,
  type SessionAnswer,
} from '../../src/carve-out/identity-adapter.ts';
import type { RequestHeaders } from '../../src/carve-out/request.ts';
import { IDENTITY_LIMITS } from '../../src/identity/identity.ts';
import { createIdentitySource, type IdentitySourceOptions } from '../../src/identity/identity-source.ts';
import type { SigningKey } from '../../src/keys/signing-keys.ts';
import type { IdentityAnswer, KnownCaller } from '../../src/translate/identity-source.ts';

export function requestHeaders(...lines: HeaderLine[]): RequestHeaders {
  const values = (name: string) =>
    lines.filter(([field]) => field.toLowerCase() === name).map(([, value]) => value);
  return {
    values,
    get: (name) => (values(name).length > 0 ? values(name).join(name === 'cookie' ? '; ' : ', ') : undefined),
  };
}

/** A monolith of the simplest kind: the header `Who` is the credential, and it answers JSON. */
export const simpleAdapter: IdentityAdapter = defineIdentity({
  credentialOf: (headers) => {
    const who = headers.get('who');
    if (who === 'unreadable') throw new Error('a credential that cannot be read');
    return who === undefined ? { key: 'nobody', headers: [] } : { key: who, headers: [['Who', who]] };
  },
  ask: { method: 'GET', path: '/me' },
  read: ({ status, body }) => {
    if (status === 401) return null;
    if (status !== 200) throw new Error(`answered ${status}`);
    const { account, name = 'Somebody', expiresAt = null } = JSON.parse(body.toString());
    if (typeof account !== 'string') throw new Error('not understood');
    return {
      identity: { account, name, role: 'customer', via: 'session' },
      expiresAt: expiresAt === null ? null : new Date(expiresAt),
      renew: ({ key }, now) => [['Renewed', `${key} at ${now.toISOString()}`]],
    };
  },
  alteredBy: ({ operationId }, headers) =>
    operationId === 'logOut' ? simpleAdapter.credentialOf(headers()) : null,
});

export const KEY: SigningKey = { kid: 'k1', secret: createSecretKey(Buffer.alloc(32, 1)) };

export const START_MS = Date.parse('2026-11-23T10:00:00.000Z');

export type Question = {
  readonly who: string | undefined;
  readonly persistent: boolean;
  readonly answer: (status: number, body?: object) => void;
  readonly fail: (error?: Error) => void;
};

export function sessionAnswer(status: number, body: object = {}): SessionAnswer {
  return { status, headers: [['Content-Type', 'application/json']], body: Buffer.from(JSON.stringify(body)) };
}

/** The source over a clock and a monolith that the test moves by hand. */
export function openSource(options: Partial<IdentitySourceOptions> = {}) {
  let nowMs = START_MS;
  let key = KEY;
  const questions: Question[] = [];
  const published: string[] = [];
  const failures: unknown[] = [];
  const source = createIdentitySource({
    adapter: simpleAdapter,
    monolith: {
      ask: (_path, headers, persistent) =>
        new Promise((resolve, reject) => {
          questions.push({
            who: headers.find(([name]) => name === 'Who')?.[1],
            persistent,
            answer: (status, body) => resolve(sessionAnswer(status, body)),
            fail: (error = new Error('away')) => reject(error),
          });
        }),
      close: () => {},
    },
    signingKey: () => key,
    now: () => nowMs,
    monotonicMs: () => nowMs - START_MS,
    limits: IDENTITY_LIMITS,
    publish: (hash) => published.push(hash),
    onAnswered: () => {},
    onFailed: (cause) => failures.push(cause),
    ...options,
  });
  const identify = (who?: string, audience = 'billing', signal = new AbortController().signal) =>
    source.identify(
      { headers: who === undefined ? requestHeaders() : requestHeaders(['Who', who]), audience },
      signal,
    );
  return {
    source,
    questions,
    published,
    failures,
    identify,
    /** Asks, and has the monolith answer at once. */
    learn: async (who: string, body: object = { account: '1' }, audience?: string): Promise<KnownCaller> => {
      const asked = identify(who, audience);
      questions.at(-1)?.answer(200, body);
      return known(await asked);
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
    signWith: (other: SigningKey) => {
      key = other;
    },
    logOut: (who: string, status: number | undefined, operationId = 'logOut') =>
      source.onOperationEnd(
        { operationId, method: 'DELETE', target: '/me' },
        () => requestHeaders(['Who', who]),
        status,
      ),
  };
}

export function known(answer: IdentityAnswer): KnownCaller {
  if (answer.kind !== 'known') throw new Error(`not known but ${answer.kind}`);
  return answer;
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

export function headOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
}
