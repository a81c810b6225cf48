import { Refusal } from '../domain/refusal.ts';
import type { BillingWrites, KnownRequest, RequestKey } from '../storage/port.ts';

/** How one kind of write is answered, from what is stored. */
export type Answering<Response> = {
  /** Null while it is under way. */
  read(madeId: bigint): Promise<Response | null>;
  encode(response: Response): Uint8Array;
  decode(bytes: Uint8Array): Response;
};

/** Answers a write once for all: what was answered first under a key is what is answered ever after. */
export async function answerOnce<Response>(
  storage: Pick<BillingWrites, 'keepAnswer'>,
  request: RequestKey | null,
  madeId: bigint,
  answering: Answering<Response>,
): Promise<Response> {
  const response = await answering.read(madeId);
  // Under way by another process, which has not told its client yet.
  if (response === null) throw new Refusal(request === null ? 'OUTCOME_UNKNOWN' : 'IDEMPOTENCY_KEY_IN_USE');
  if (request === null) return response;
  const kept = await storage.keepAnswer(request, Buffer.from(answering.encode(response)));
  return kept === null ? response : answering.decode(kept);
}

/** A key stands for one request. */
export function requireSameRequest(request: RequestKey, known: KnownRequest): void {
  if (!known.requestHash.equals(request.requestHash)) throw new Refusal('IDEMPOTENCY_KEY_REUSED');
}

/** The answer to a request whose key is known. Throws when it is another request, or the first is still under way. */
export async function answerAgain<Response>(
  storage: Pick<BillingWrites, 'keepAnswer'>,
  request: RequestKey,
  known: KnownRequest,
  answering: Answering<Response>,
): Promise<Response> {
  requireSameRequest(request, known);
  if (known.answer !== null) return answering.decode(known.answer);
  return answerOnce(storage, request, known.madeId, answering);
}
