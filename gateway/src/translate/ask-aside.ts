import { status } from '@grpc/grpc-js';
import type { Answer, HeaderLine } from '../carve-out/answer.ts';
import { ServiceNonsense } from '../carve-out/nonsense.ts';
import { ServiceRefusal } from '../carve-out/service-calls.ts';
import { createDeadline, type Schedule } from '../resilience/deadline.ts';
import type { RequestHead } from '../wire/request-head.ts';
import type { AsideLinks } from './aside-links.ts';
import { Calls } from './calls.ts';
import type { CarvedOperation } from './carved-operation.ts';
import { HeadFields } from './head-fields.ts';
import type { IdentitySource } from './identity-source.ts';
import { failureOfRefusal, ServiceFailure } from './service-failure.ts';
import { TranslatedRequest } from './translated-request.ts';

export type AsideParts = {
  readonly identity: IdentitySource;
  readonly links: Pick<AsideLinks, 'of'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly schedule: Schedule;
  /** Told of what failed inside the service or its translation. */
  readonly onInternal: (operationId: string, cause: unknown) => void;
};

export type AsideOptions = {
  /** From now to the end of the answer's body. Longer than a client's own is of no use. */
  readonly deadlineMs: number;
  readonly bodyBytesMax: number;
  readonly signal: AbortSignal;
  /** Asked before each piece of the body is kept. Default: it may be. */
  readonly mayKeep?: (bytes: number) => boolean;
};

/** An answer as the client would have got it, the body without its framing, trailers left out. */
export type AsideAnswer = {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
};

export type AsideFailureReason =
  | 'caller-unknown'
  | 'service-unavailable'
  | 'service-late'
  | 'service-too-large'
  | 'memory-full'
  | 'stopped';

/** There is no answer, and that says nothing of what the answer would be. */
export class AsideFailure extends Error {
  override readonly name = 'AsideFailure';
  readonly reason: AsideFailureReason;

  constructor(reason: AsideFailureReason, options?: ErrorOptions) {
    super(reason, options);
    this.reason = reason;
  }
}

/**
 * Asks a service what a request would be answered with, though no client waits: the same identity, translation and
 * head, without a body. Only for reads. A service that fails on the request is answered as a client would be;
 * rejects with AsideFailure where it is away or late, or where the answer cannot be kept.
 */
export async function askAside(
  parts: AsideParts,
  operation: CarvedOperation,
  head: RequestHead,
  options: AsideOptions,
): Promise<AsideAnswer> {
  const { now, schedule } = parts;
  const abort = new AbortController();
  const over = Promise.withResolvers<never>();
  over.promise.catch(() => {
    // Who raced against it has heard.
  });
  const question: Question = {
    parts,
    operation,
    head,
    options,
    startedAt: new Date(now()),
    signal: abort.signal,
  };
  const end = (reason: AsideFailureReason): void => {
    question.calls?.cancel(reason === 'service-late' ? 'late' : 'gone');
    const failure = new AsideFailure(reason);
    abort.abort(failure);
    over.reject(failure);
  };
  const deadlineMs = Math.min(options.deadlineMs, operation.deadlineMs);
  const deadline = createDeadline(now, schedule, deadlineMs, () => end('service-late'));
  const stop = (): void => end('stopped');
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    return await Promise.race([
      ask(question, { deadlineMs, deadlineAt: () => deadline.atMs, leftMs: () => deadline.atMs - now() }),
      over.promise,
    ]);
  } finally {
    deadline.stop();
    options.signal.removeEventListener('abort', stop);
    question.calls?.cancel('gone');
  }
}

type Question = {
  readonly parts: AsideParts;
  readonly operation: CarvedOperation;
  readonly head: RequestHead;
  readonly options: AsideOptions;
  readonly startedAt: Date;
  readonly signal: AbortSignal;
  calls?: Calls;
};

type Limits = {
  readonly deadlineMs: number;
  readonly deadlineAt: () => number;
  readonly leftMs: () => number;
};

async function ask(question: Question, limits: Limits): Promise<AsideAnswer> {
  const { parts, operation, head, startedAt, signal } = question;
  const { active, translation, readParameters } = operation;
  const headers = new HeadFields(head);
  const caller = await parts.identity.identify({ headers, audience: active.carveOut.name }, signal);
  if (caller.kind === 'relay') return whole(caller.answer, NO_LINES, question);
  if (caller.kind === 'unavailable') throw new AsideFailure('caller-unknown');
  signal.throwIfAborted();
  question.calls = new Calls(parts.links.of(active), active.metadataOf(caller.token), {
    isRead: true,
    ...limits,
  });
  const request = new TranslatedRequest(
    head.method,
    head.target,
    headers,
    readParameters,
    async () => NO_BODY,
  );
  const renewal = caller.renew?.(startedAt) ?? NO_LINES;
  try {
    const context = { identity: caller.identity, now: startedAt, signal };
    const answer = await translation.handle(request, active.bind(question.calls) as never, context);
    return await whole(answer, renewal, question);
  } catch (error) {
    return whole(failureAnswer(error, question), renewal, question);
  }
}

const NO_LINES: readonly HeaderLine[] = [];
const NO_BODY = { kind: 'bytes', bytes: Buffer.alloc(0) } as const;

/** What a client would be answered with where the service failed; throws where that is no news of the answer. */
function failureAnswer(error: unknown, { parts, operation }: Question): Answer {
  if (error instanceof AsideFailure) throw error;
  const { operationId } = operation.operation;
  const { carveOut } = operation.active;
  // A service that answers nonsense is there: clients would be told that it is not.
  if (error instanceof ServiceNonsense) {
    parts.onInternal(operationId, error);
    return carveOut.failure('unavailable', operationId);
  }
  switch (kindOf(error)) {
    case 'gone':
      throw new AsideFailure('stopped', { cause: error });
    case 'late':
      throw new AsideFailure('service-late', { cause: error });
    case 'unavailable':
      throw new AsideFailure('service-unavailable', { cause: error });
    case 'internal':
      if (isTooLarge(error)) throw new AsideFailure('service-too-large', { cause: error });
      parts.onInternal(operationId, error);
      return carveOut.failure('internal', operationId);
  }
}

function kindOf(error: unknown): ServiceFailure['kind'] {
  if (error instanceof ServiceFailure) return error.kind;
  return error instanceof ServiceRefusal ? failureOfRefusal(error) : 'internal';
}

/** A message beyond this channel's bound, which is smaller than that of clients'. */
function isTooLarge(error: unknown): boolean {
  return (
    error instanceof ServiceFailure && (error.cause as { code?: unknown })?.code === status.RESOURCE_EXHAUSTED
  );
}

/** The answer with all that the gateway would add to it; what an iterable gives is gathered. */
async function whole(
  { status, headers, body }: Answer,
  renewal: readonly HeaderLine[],
  { head, options }: Question,
): Promise<AsideAnswer> {
  const lines = [...headers, ...renewal];
  if (head.method === 'HEAD' || status === 204 || status === 304) {
    if (body !== null && !Buffer.isBuffer(body)) await body[Symbol.asyncIterator]().return?.();
    return { status, headers: lines, body: NO_BODY.bytes };
  }
  if (body !== null && !Buffer.isBuffer(body))
    return { status, headers: lines, body: await gather(body, options) };
  const bytes = body ?? NO_BODY.bytes;
  refuseTooMuch(bytes.length, bytes.length, options);
  const hasLength = lines.some(([name]) => name.toLowerCase() === 'content-length');
  return {
    status,
    headers: hasLength ? lines : [...lines, ['Content-Length', String(bytes.length)]],
    body: bytes,
  };
}

async function gather(pieces: AsyncIterable<Uint8Array>, options: AsideOptions): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    refuseTooMuch(piece.length, length, options);
    kept.push(piece);
  }
  return Buffer.concat(kept, length);
}

function refuseTooMuch(bytes: number, length: number, { bodyBytesMax, mayKeep }: AsideOptions): void {
  if (length > bodyBytesMax) throw new AsideFailure('service-too-large');
  if (mayKeep?.(bytes) === false) throw new AsideFailure('memory-full');
}
