import { type Caller, type Credential, defineIdentity, type SessionAnswer } from '@banyan/gateway/carve-out';
import type { components } from '@banyan/openapi/generated/legacy';
import { parse } from 'cookie';

type Session = components['schemas']['Session'];
type RequestHeaders = Parameters<Parameters<typeof defineIdentity>[0]['credentialOf']>[0];

const SESSION_COOKIE = 'MERIDIANSESSID';
/** Marks a cookie that the monolith signed; any other is no session to it. */
const SIGNED = 's:';
const NOBODY: Credential = { key: 'nobody', headers: [] };

/** What the contract says: every answer renews the session by half an hour. */
const SESSION_MS = 1_800_000;
/** Two times cut to the second, and a clock read twice. */
const ROUNDING_MS = 2_000;

/** How Meridian Air is asked who is calling: its own `getSession`. */
export const meridianIdentity = defineIdentity({
  credentialOf: (headers) => keyOf(headers) ?? sessionOf(headers) ?? NOBODY,

  ask: { method: 'GET', path: '/api/v1/session' },

  read: (answer, credential) => {
    if (answer.status === 401) return null;
    if (answer.status !== 200) throw new Error(`getSession answered ${answer.status}`);
    return readCaller(answer, credential);
  },

  alteredBy: ({ operationId, method, target }, headers) => {
    switch (method) {
      case 'POST': {
        // A log-in ends the session it came with, and reads no key. The pages have forms of their own for both.
        if (operationId === 'createSession' || /^\/login\/?(\?|$)/i.test(target)) return sessionOf(headers());
        if (/^\/(logout|profile)\/?(\?|$)/i.test(target)) return meridianIdentity.credentialOf(headers());
        return null;
      }
      default:
        if (operationId !== 'deleteSession' && operationId !== 'updateProfile') return null;
        return meridianIdentity.credentialOf(headers());
    }
  },
});

/** The key, if there is one: it counts alone then, even an empty one. */
function keyOf(headers: RequestHeaders): Credential | null {
  const key = headers.get('x-api-key');
  return key === undefined ? null : { key: `key ${key}`, headers: [['X-Api-Key', key]] };
}

/** The session, read as the monolith reads it, and written anew so that nothing else of the cookies goes along. */
function sessionOf(headers: RequestHeaders): Credential | null {
  const value = parse(headers.get('cookie') ?? '')[SESSION_COOKIE];
  if (!value?.startsWith(SIGNED)) return null;
  return { key: `session ${value}`, headers: [['Cookie', `${SESSION_COOKIE}=${encodeURIComponent(value)}`]] };
}

function readCaller(answer: SessionAnswer, credential: Credential): Caller {
  const { account_id: account, role, name, via, expires_at: expires } = parseSession(answer.body);
  const renewal = answer.headers.find(
    ([field, value]) => field.toLowerCase() === 'set-cookie' && value.startsWith(`${SESSION_COOKIE}=`),
  );
  return {
    identity: { account, role, name, via },
    expiresAt: expires === null ? null : new Date(`${expires.replace(' ', 'T')}Z`),
    ...(renewal ? { renew: renewedAs(renewal[1], sentAt(answer), credential) } : {}),
  };
}

/**
 * The monolith's own Set-Cookie with a later Expires. The session's id stays out of what is kept: the credential
 * brings it along. Where the monolith gave it a signature by a newer secret, that one is kept.
 */
function renewedAs(setCookie: string, sentAtMs: number, asked: Credential): NonNullable<Caller['renew']> {
  const [, pair, before, expires, after] = /^([^;]*)(;.*?\bExpires=)([^;]*)(.*)$/i.exec(setCookie) ?? [];
  if (pair === undefined || expires === undefined) throw new Error('a session cookie that does not expire');
  const isAsSent = pair === pairOf(asked);
  const otherPair = isAsSent ? undefined : pair;
  const livedMs = Date.parse(expires) - sentAtMs;
  const sessionMs = Math.abs(livedMs - SESSION_MS) <= ROUNDING_MS ? SESSION_MS : livedMs;
  return (credential, now) => {
    const until = new Date(now.getTime() + sessionMs).toUTCString();
    return [['Set-Cookie', `${otherPair ?? pairOf(credential)}${before}${until}${after}`]];
  };
}

function pairOf({ headers }: Credential): string {
  return headers.find(([name]) => name === 'Cookie')?.[1] ?? '';
}

function sentAt({ headers }: SessionAnswer): number {
  const date = headers.find(([name]) => name.toLowerCase() === 'date')?.[1] ?? '';
  const at = Date.parse(date);
  if (Number.isNaN(at)) throw new Error('an answer without a date');
  return at;
}

type ReadSession = { account_id: string } & Pick<Session, 'role' | 'name' | 'via' | 'expires_at'>;

const ROLES: readonly Session['role'][] = ['customer', 'agent', 'accountant', 'partner'];

/** Ids are read as they are written: they may be beyond what a float holds. */
function parseSession(body: Buffer): ReadSession {
  const value: unknown = JSON.parse(body.toString('utf8'), ((
    _key: string,
    each: unknown,
    context: { source: string },
  ) => (typeof each === 'number' ? context.source : each)) as (key: string, each: unknown) => unknown);
  const session = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof Session, unknown>
  >;
  const { account_id, role, name, via, expires_at } = session;
  const knownRole = ROLES.find((each) => each === role);
  if (
    typeof account_id !== 'string' ||
    !/^[1-9]\d{0,18}$/.test(account_id) ||
    knownRole === undefined ||
    typeof name !== 'string' ||
    (via !== 'session' && via !== 'api_key') ||
    !(expires_at === null || (typeof expires_at === 'string' && EXPIRES_AT.test(expires_at))) ||
    (via === 'session') !== (expires_at !== null)
  ) {
    throw new Error('an answer of getSession that its contract does not know');
  }
  return { account_id, role: knownRole, name, via, expires_at };
}

const EXPIRES_AT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
