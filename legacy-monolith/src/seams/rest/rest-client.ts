import type { Logger } from 'pino';
import type { Credentials } from '../../auth/caller.ts';
import { REFUSALS, Refusal, type RefusalDetails, type RefusalKind } from '../../http/refusal.ts';

export type RestRequest = {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, with its query. */
  path: string;
  json?: object;
  headers?: Readonly<Record<string, string>>;
  deadlineMs?: number;
};

export type RestAnswer = {
  headers: Headers;
  text: string;
  /** Integers beyond 2^53 are text in it. */
  // biome-ignore lint/suspicious/noExplicitAny: the contract's shapes are read field by field where they are known
  body: any;
};

/** Asks the contract's own API, as the caller that we were asked by. Throws what it refuses as our own refusals. */
export type RestClient = (credentials: Credentials, request: RestRequest) => Promise<RestAnswer>;

/** Nobody answered. `wasSent`: whether it may have been done all the same. */
export class Unanswered extends Refusal {
  readonly wasSent: boolean;

  constructor(wasSent: boolean) {
    super('unavailable', 'The service is unavailable. Please try again later.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
    this.wasSent = wasSent;
  }
}

const RETRY_AFTER_SECONDS = 5;
const DEADLINE_MS = 10_000;
const ANSWER_BYTES_MAX = 4_194_304;
const CALLS_MAX = 200;
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

export function createRestClient({ apiUrl, logger }: { apiUrl: string | null; logger: Logger }): RestClient {
  let calls = 0;
  return async (credentials, { method = 'GET', path, json, headers = {}, deadlineMs = DEADLINE_MS }) => {
    if (apiUrl === null) {
      logger.error('MERIDIAN_API_URL is not set: a context that is elsewhere cannot be asked');
      throw new Unanswered(false);
    }
    if (calls >= CALLS_MAX) throw new Unanswered(false);
    calls += 1;
    try {
      const response = await fetch(`${apiUrl.replace(/\/+$/, '')}/api/v1${path}`, {
        method,
        // Nothing else of the caller's request: the answer's own cookie is left aside, too.
        headers: {
          Accept: 'application/json',
          ...('apiKey' in credentials ? { 'X-Api-Key': credentials.apiKey } : { Cookie: credentials.cookie }),
          ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        redirect: 'error',
        signal: AbortSignal.timeout(deadlineMs),
      });
      const text = await readText(response);
      if (response.ok) return { headers: response.headers, text, body: parseExact(text) };
      throw refusalOf(response, text);
    } catch (error) {
      if (error instanceof Refusal) throw error;
      logger.warn({ err: error, method }, 'a context that is elsewhere did not answer');
      throw new Unanswered(!NEVER_SENT.has(codeOf(error)));
    } finally {
      calls -= 1;
    }
  };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** JSON in which an integer that a double would round is given as its digits. */
export function parseExact(text: string): unknown {
  const exact = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value;
  return JSON.parse(text, exact as (key: string, value: unknown) => unknown);
}

/** A refusal in any of the contract's three shapes. What is none of them came from something in between. */
function refusalOf(response: Response, text: string): Refusal {
  const kind = KINDS.get(response.status) ?? 'unavailable';
  const body = bodyOf(text);
  const seconds = Number(response.headers.get('Retry-After') ?? RETRY_AFTER_SECONDS);
  const details: RefusalDetails =
    kind === 'unavailable'
      ? { retryAfterSeconds: Number.isSafeInteger(seconds) ? seconds : RETRY_AFTER_SECONDS }
      : {};
  if (Array.isArray(body.errors)) {
    const faults = body.errors.map((fault: { field?: unknown; msg?: unknown }) => ({
      field: typeof fault?.field === 'string' ? fault.field : null,
      msg: String(fault?.msg ?? ''),
    }));
    return new Refusal(kind, faults[0]?.msg ?? FALLBACK, { ...details, faults });
  }
  const message = typeof body.message === 'string' ? body.message : FALLBACK;
  return new Refusal(
    kind,
    message,
    typeof body.field === 'string' ? { ...details, field: body.field } : details,
  );
}

const FALLBACK = 'The service is unavailable. Please try again later.';
const KINDS = new Map<number, RefusalKind>(
  Object.entries(REFUSALS).map(([kind, status]) => [status, kind as RefusalKind]),
);

function bodyOf(text: string): { errors?: unknown; message?: unknown; field?: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    // No JSON: its status says what there is to know.
    return {};
  }
}

function codeOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') return code;
    if (cause instanceof AggregateError) return codeOf(cause.errors[0]);
  }
  return '';
}
