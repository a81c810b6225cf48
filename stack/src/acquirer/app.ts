import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { type Behaviour, byAmount, decideCharge } from './behaviours.ts';
import type { Ledger } from './ledger.ts';
import type { LogEntry } from './log-entry.ts';
import type { Charge, Movement, Refund } from './movement.ts';
import { type PerformParts, perform, sendRecorded } from './perform.ts';
import { parseCharge, parseKey, parseRefund } from './requests.ts';

type AppParts = {
  ledger: Ledger;
  log: (entry: LogEntry) => void;
  wait: (patience: 'short' | 'long') => Promise<void>;
};

const BODY_BYTES_MAX = 16 * 1024;
const UNDER_WAY_MAX = 500;
const FAILED_KEYS_MAX = 1_000;

export function createAcquirerApp({ ledger, log, wait }: AppParts): Express {
  const app = express().disable('x-powered-by');
  const underWay = new Set<string>();
  const failedOnce = new Set<string>();

  app.use(express.json({ limit: BODY_BYTES_MAX }));

  app.post('/charges', async (req, res) => {
    const key = requireKey(req, res);
    if (key === null) return;
    const read = parseCharge(req.body);
    if (!read.ok) return sendInvalid(res, read.message);
    const { request } = read;
    const behaviour = decideCharge(request.cardNumber, request.amount);
    if (ledger.chargeByKey(key) !== undefined) {
      return sendRecorded(res, await ledger.charge(key, request, null), showCharge);
    }
    await once(req, res, `charge ${key}`, {
      behaviour,
      record: (reason) => ledger.charge(key, request, reason),
      show: showCharge,
    });
  });

  app.post('/refunds', async (req, res) => {
    const key = requireKey(req, res);
    if (key === null) return;
    const read = parseRefund(req.body);
    if (!read.ok) return sendInvalid(res, read.message);
    const { request } = read;
    if (ledger.refundByKey(key) !== undefined) {
      return sendRecorded(res, await ledger.refund(key, request, null), showRefund);
    }
    const charge = ledger.chargeById(request.chargeId);
    // Without a row of its charge nothing says that a magic amount is meant.
    const behaviour: Behaviour = charge ? (charge.refunds ?? byAmount(request.amount)) : { kind: 'approve' };
    await once(req, res, `refund ${key}`, {
      behaviour,
      record: (reason) => ledger.refund(key, request, reason),
      show: showRefund,
    });
  });

  app.get('/charges/:key', (req, res) => {
    const charge = ledger.chargeByKey(req.params.key);
    if (charge === undefined) return sendUnknownKey(res);
    res.json(showCharge(charge));
  });

  app.get('/refunds/:key', (req, res) => {
    const refund = ledger.refundByKey(req.params.key);
    if (refund === undefined) return sendUnknownKey(res);
    res.json(showRefund(refund));
  });

  app.get('/ledger', (req, res) => {
    const since = readSince(req.query.since);
    if (since === 'bad') return sendInvalid(res, 'since must be an ISO 8601 time');
    res.json({ movements: ledger.movements(since).map(show), totals: ledger.totals() });
  });

  app.use((_req, res) => {
    res.status(404).json({ error: 'not_found', message: 'No such resource.' });
  });

  app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
    if (res.headersSent) return next(error);
    const status = statusOf(error);
    if (status === 500) log({ msg: 'request failed', error: nameOf(error) });
    // A parser's message quotes the body, and with it perhaps a card number.
    res
      .status(status)
      .json({ error: status === 500 ? 'internal' : 'bad_request', message: PROBLEMS[status] });
  });

  /** One request per key at a time; a second one learns that the first is not done. */
  async function once<M extends Movement>(
    req: Request,
    res: Response,
    name: string,
    parts: Pick<PerformParts<M>, 'behaviour' | 'record' | 'show'>,
  ): Promise<void> {
    if (underWay.has(name)) {
      res.status(409).json({ error: 'key_in_use', message: 'A request with this key is under way.' });
      return;
    }
    if (underWay.size >= UNDER_WAY_MAX) {
      res.status(503).json({ error: 'busy', message: 'Too many requests are under way; nothing was moved.' });
      return;
    }
    underWay.add(name);
    try {
      await perform(req, res, {
        ...parts,
        wait,
        isFirstOfKey: () => isFirst(failedOnce, name),
        record: async (reason) => {
          const recorded = await parts.record(reason);
          if (recorded.outcome === 'new') log(describe(recorded.movement));
          return recorded;
        },
      });
    } finally {
      underWay.delete(name);
    }
  }

  return app;
}

const PROBLEMS: Record<number, string> = {
  400: 'The body is not JSON.',
  413: 'The body is too large.',
  415: 'The encoding of the body is not supported.',
  500: 'The acquirer failed.',
};

/** The public form of a row: the order of its keys is part of the interface. */
function showCharge(charge: Charge): object {
  const { id, key, result, decline_reason, amount, currency, created_at, reference, card_last4 } = charge;
  return { id, key, result, decline_reason, amount, currency, created_at, reference, card_last4 };
}

function showRefund(refund: Refund): object {
  const { id, key, result, decline_reason, amount, currency, created_at, charge_id } = refund;
  return { id, key, result, decline_reason, amount, currency, created_at, charge_id };
}

function show(movement: Movement): object {
  return movement.kind === 'charge'
    ? { kind: movement.kind, ...showCharge(movement) }
    : { kind: movement.kind, ...showRefund(movement) };
}

function describe({ kind, id, key, result, amount, currency }: Movement): LogEntry {
  return { msg: kind, id, key, result, amount, currency };
}

function requireKey(req: Request, res: Response): string | null {
  const key = parseKey(req.get('Idempotency-Key'));
  if (key === null) {
    res.status(400).json({
      error: 'key_required',
      message: 'Idempotency-Key is required: 1 to 255 visible ASCII characters.',
    });
  }
  return key;
}

function sendInvalid(res: Response, message: string): void {
  res.status(400).json({ error: 'bad_request', message });
}

function sendUnknownKey(res: Response): void {
  res.status(404).json({ error: 'unknown_key', message: 'Nothing was recorded under this key.' });
}

function readSince(value: unknown): Date | null | 'bad' {
  if (value === undefined) return null;
  const since = new Date(String(value));
  return Number.isNaN(since.getTime()) ? 'bad' : since;
}

function isFirst(seen: Set<string>, name: string): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  if (seen.size > FAILED_KEYS_MAX) {
    const [oldest] = seen;
    if (oldest !== undefined) seen.delete(oldest);
  }
  return true;
}

function statusOf(error: unknown): number {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status in PROBLEMS ? status : 500;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
