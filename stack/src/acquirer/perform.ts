import type { Request, Response } from 'express';
import type { Behaviour, DeclineReason } from './behaviours.ts';
import type { Recorded } from './ledger.ts';
import type { Movement } from './movement.ts';

export type PerformParts<M extends Movement> = {
  behaviour: Behaviour;
  /** Enters the movement under its key; a second call is the replay of the first. */
  record: (reason: DeclineReason | null) => Promise<Recorded<M>>;
  wait: (patience: 'short' | 'long') => Promise<void>;
  isFirstOfKey: () => boolean;
  show: (movement: M) => object;
};

/** Carries out one request the way its behaviour says. */
export async function perform<M extends Movement>(
  req: Request,
  res: Response,
  { behaviour, record, wait, isFirstOfKey, show }: PerformParts<M>,
): Promise<void> {
  const answer = (recorded: Recorded<M>) => sendRecorded(res, recorded, show);
  switch (behaviour.kind) {
    case 'approve':
      return answer(await record(null));
    case 'decline':
      return answer(await record(behaviour.reason));
    case 'slow':
      await wait(behaviour.patience);
      return answer(await record(null));
    case 'charge-and-drop':
      await record(null);
      req.socket.destroy();
      return;
    case 'fail-first':
      if (isFirstOfKey()) return sendFailure(res);
      return answer(await record(null));
    case 'fail-before':
      return sendFailure(res);
    case 'fail-after':
      await record(null);
      return sendFailure(res);
    case 'answer-twice': {
      const first = await record(null);
      const second = await record(null);
      if (second.outcome !== 'refused') {
        const body = JSON.stringify(show(second.movement));
        res.once('finish', () => req.socket.write(rawReplay(body)));
      }
      return answer(first);
    }
    case 'drop':
      req.socket.destroy();
      return;
    case 'never-answer':
      // The socket stays open until the client gives up, or the stand-in stops.
      return;
    default:
      return behaviour satisfies never;
  }
}

export function sendRecorded<M extends Movement>(
  res: Response,
  recorded: Recorded<M>,
  show: (movement: M) => object,
): void {
  if (recorded.outcome === 'refused') {
    res.status(recorded.status).json({ error: recorded.error, message: recorded.message });
    return;
  }
  if (recorded.outcome === 'replayed') res.set('Idempotency-Replayed', 'true');
  res.status(recorded.outcome === 'new' ? 201 : 200).json(show(recorded.movement));
}

function sendFailure(res: Response): void {
  res.status(500).json({ error: 'internal', message: 'The acquirer failed.' });
}

/** A whole second response, as a faulty intermediary would send it after the first. */
function rawReplay(body: string): string {
  return [
    'HTTP/1.1 200 OK',
    'Content-Type: application/json; charset=utf-8',
    'Idempotency-Replayed: true',
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n');
}
