import type { HeaderLine } from './answer.ts';
import type { Identity } from './identity.ts';
import type { RequestHeaders } from './request.ts';

/** What a request shows of who is calling, as the monolith reads it. */
export type Credential = {
  /** Tells one credential from every other. It is hashed at once, and kept and logged nowhere. */
  readonly key: string;
  /** The header fields that show the monolith this credential, and nothing else of the request. */
  readonly headers: readonly HeaderLine[];
};

/** The answer of the monolith to the question who is calling. */
export type SessionAnswer = {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
};

/** Whom the monolith vouches for. */
export type Caller = {
  readonly identity: Identity;
  /** When the credential ends by itself; null: never. */
  readonly expiresAt: Date | null;
  /**
   * What the monolith would add to an answer to this credential at this moment. It is kept as long as the caller is
   * known, so it takes the secret from the credential that is shown again, and holds none of its own.
   */
  readonly renew?: (credential: Credential, now: Date) => readonly HeaderLine[];
};

/** A request that the monolith answered, for as much as tells whether callers changed by it. */
export type AnsweredRequest = {
  readonly operationId: string | undefined;
  readonly method: string;
  /** As received, with its query. */
  readonly target: string;
};

/**
 * How the gateway learns from this monolith who is calling. The monolith stays the authority: it is asked with the
 * caller's own credential, and its word is kept for seconds.
 */
export type IdentityAdapter = {
  /** Of a request without any credential too: the monolith says what becomes of it. */
  readonly credentialOf: (headers: RequestHeaders) => Credential;
  /** The question. `headers` go beside those of the credential. */
  readonly ask: { readonly method: 'GET'; readonly path: string; readonly headers?: readonly HeaderLine[] };
  /**
   * Reads an answer below 500. Null: the monolith knows nobody by this credential, and its answer is what the client
   * gets. Throws where the answer is neither: then nobody is known and nothing is relayed.
   */
  readonly read: (answer: SessionAnswer, credential: Credential) => Caller | null;
  /**
   * The credential whose caller is no longer what it was after this request, if it succeeded: a log-out, a log-in
   * that ends the old session, a new name. Asked for every request, so the usual ones must be told cheaply.
   */
  readonly alteredBy: (request: AnsweredRequest, headers: () => RequestHeaders) => Credential | null;
};

/** Gives an adapter its type. */
export function defineIdentity(adapter: IdentityAdapter): IdentityAdapter {
  return adapter;
}

/** Whether a configuration file's value has the form of an adapter. */
export function isIdentityAdapter(value: unknown): value is IdentityAdapter {
  if (typeof value !== 'object' || value === null) return false;
  const { credentialOf, ask, read, alteredBy } = value as Partial<Record<keyof IdentityAdapter, unknown>>;
  if ([credentialOf, read, alteredBy].some((each) => typeof each !== 'function')) return false;
  const { method, path } = (ask ?? {}) as { method?: unknown; path?: unknown };
  return method === 'GET' && typeof path === 'string' && path.startsWith('/');
}
