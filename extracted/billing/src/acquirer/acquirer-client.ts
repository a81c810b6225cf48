import { type Card, expiryText } from '../domain/card.ts';
import { toDecimal } from '../domain/money.ts';
import type { KnownOutcome } from '../domain/payment-rules.ts';

/**
 * What is known after asking the acquirer for money to move.
 * `surely-not-charged`: nothing moved, and nothing will. `unknown`: it may have, or may yet; look it up.
 */
export type Outcome = KnownOutcome | { readonly kind: 'unknown'; readonly why: string };

/**
 * What a look-up by key found. `nothing` is no proof on its own: the request may still be under way
 * (docs/acquirer.md gives the time after which it is not).
 */
export type Found =
  | Extract<Outcome, { kind: 'approved' | 'declined' }>
  | { kind: 'nothing' }
  | { kind: 'unreachable'; why: string };

type Order = { readonly key: string; readonly amountMinor: bigint; readonly currency: string };
export type ChargeOrder = Order & { readonly reference: string; readonly card: Card };
export type RefundOrder = Order & { readonly chargeRef: string };

export type AcquirerClient = {
  /** Asks once, and where the outcome is unknown looks it up once. Takes no longer than the two deadlines. */
  charge(order: ChargeOrder): Promise<Outcome>;
  findCharge(order: Order, signal?: AbortSignal): Promise<Found>;
  /** Safe to repeat under its key. */
  refund(order: RefundOrder, options?: { deadlineMs?: number; signal?: AbortSignal }): Promise<Outcome>;
};

export type AcquirerClientOptions = {
  url: string;
  deadlineMs?: number;
  lookUpDeadlineMs?: number;
  /** Charges under way at once; one more is refused before anything is sent. */
  callsMax?: number;
};

const ANSWER_BYTES_MAX = 64 * 1024;

/** Errors of a connection that never came to be: not a byte of the request left this machine. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

type Answer = { status: number; body: Record<string, unknown> };
type Asked =
  | { kind: 'answer'; answer: Answer }
  | { kind: 'never-sent'; why: string }
  | { kind: 'lost'; why: string };

export function createAcquirerClient({
  url,
  deadlineMs = 10_000,
  lookUpDeadlineMs = 5_000,
  callsMax = 200,
}: AcquirerClientOptions): AcquirerClient {
  const base = url.replace(/\/+$/, '');
  let calls = 0;

  async function ask(path: string, init: RequestInit, signals: readonly AbortSignal[]): Promise<Asked> {
    try {
      const response = await fetch(`${base}${path}`, {
        ...init,
        // A redirect would carry the card to wherever it points.
        redirect: 'error',
        signal: AbortSignal.any([...signals]),
      });
      return { kind: 'answer', answer: { status: response.status, body: await readJson(response) } };
    } catch (error) {
      const why = codeOf(error);
      return NEVER_SENT.has(why) ? { kind: 'never-sent', why } : { kind: 'lost', why };
    }
  }

  const post = (path: string, key: string, body: object, signals: readonly AbortSignal[]): Promise<Asked> =>
    ask(
      path,
      {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify(body),
      },
      signals,
    );

  async function find(path: string, order: Order, signal?: AbortSignal): Promise<Found> {
    const signals = [AbortSignal.timeout(lookUpDeadlineMs), ...(signal ? [signal] : [])];
    const asked = await ask(`${path}/${encodeURIComponent(order.key)}`, {}, signals);
    if (asked.kind !== 'answer') return { kind: 'unreachable', why: asked.why };
    const { status, body } = asked.answer;
    if (status === 404 && body.error === 'unknown_key') return { kind: 'nothing' };
    return readMovement(asked.answer, order) ?? { kind: 'unreachable', why: `look-up answered ${status}` };
  }

  return {
    async charge(order) {
      if (calls >= callsMax) return { kind: 'surely-not-charged', why: 'too many charges under way' };
      calls += 1;
      try {
        const asked = await post('/charges', order.key, chargeBody(order), [AbortSignal.timeout(deadlineMs)]);
        const outcome = classify(asked, order);
        if (outcome.kind !== 'unknown') return outcome;
        const found = await find('/charges', order);
        if (found.kind === 'approved' || found.kind === 'declined') return found;
        // Answered, so the acquirer is done with it; and it is not in its ledger.
        if (found.kind === 'nothing' && asked.kind === 'answer' && asked.answer.status === 500) {
          return { kind: 'surely-not-charged', why: outcome.why };
        }
        return outcome;
      } finally {
        calls -= 1;
      }
    },

    findCharge: (order, signal) => find('/charges', order, signal),

    async refund(order, options = {}) {
      const signals = [AbortSignal.timeout(options.deadlineMs ?? deadlineMs)];
      if (options.signal) signals.push(options.signal);
      const body = {
        charge_id: order.chargeRef,
        amount: toDecimal(order.amountMinor),
        currency: order.currency,
      };
      return classify(await post('/refunds', order.key, body, signals), order);
    },
  };
}

function chargeBody({ amountMinor, currency, card, reference }: ChargeOrder): object {
  return {
    amount: toDecimal(amountMinor),
    currency,
    card_number: card.number,
    expiry: expiryText(card),
    cvc: card.verificationCode,
    card_holder: card.holder,
    reference,
  };
}

function classify(asked: Asked, order: Order): Outcome {
  if (asked.kind === 'never-sent') return { kind: 'surely-not-charged', why: asked.why };
  if (asked.kind === 'lost') return { kind: 'unknown', why: asked.why };
  const movement = readMovement(asked.answer, order);
  if (movement !== null) return movement;
  const { status, body } = asked.answer;
  const why = `the acquirer answered ${status}`;
  // 409: an earlier request under this key is under way. 408, 5xx: whoever answered may not know.
  const refused = status >= 400 && status < 500 && status !== 408 && status !== 409;
  const turnedAway = status === 503 && (body.error === 'ledger_full' || body.error === 'busy');
  return refused || turnedAway ? { kind: 'surely-not-charged', why } : { kind: 'unknown', why };
}

/** Null unless the answer is the row of this very order: an answer to somebody else's must not be taken for it. */
function readMovement(
  { status, body }: Answer,
  order: Order,
): Extract<Outcome, { kind: 'approved' | 'declined' }> | null {
  if (status !== 200 && status !== 201) return null;
  if (body.key !== order.key || body.currency !== order.currency) return null;
  if (body.amount !== toDecimal(order.amountMinor)) return null;
  if (typeof body.id !== 'string' || !/^[\w-]{1,100}$/.test(body.id)) return null;
  if (body.result === 'APPROVED') return { kind: 'approved', ref: body.id };
  if (body.result !== 'DECLINED') return null;
  const reason = typeof body.decline_reason === 'string' ? body.decline_reason : '';
  return {
    kind: 'declined',
    ref: body.id,
    reason: /^[a-z_]{1,60}$/.test(reason) ? reason : 'declined',
  };
}

async function readJson(response: Response): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX) throw new Error('the answer is too large');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // No JSON says nothing, but its status still does.
    return {};
  }
}

/** A word for the log: a code or a name, never a message, which might quote what was sent. */
function codeOf(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (typeof code === 'string') return code;
    if (cause.name === 'TimeoutError' || cause.name === 'AbortError') return cause.name;
    if (cause.cause === undefined && cause instanceof AggregateError) return codeOf(cause.errors[0]);
  }
  return 'failed';
}
