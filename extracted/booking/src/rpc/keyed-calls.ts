import { createHash } from 'node:crypto';
import {
  CancelBookingRequest,
  CancelBookingResponse,
  CreateBookingRequest,
  CreateBookingResponse,
  UpdateBookingRequest,
  UpdateBookingResponse,
} from '@banyan/contracts/booking/v1/booking';
import type { BookingParts } from '../bookings/parts.ts';
import { type Answered, knownAnswer, type RequestKey } from '../bookings/request-key.ts';
import type { Caller } from '../domain/access.ts';
import { readIdempotencyKey } from './from-wire.ts';
import { toWireBooking } from './to-wire.ts';

/** The writes whose requests may have a key. What is hashed is what the client asks for. */
const CALLS = {
  createBooking: {
    hashed: (request: CreateBookingRequest) =>
      CreateBookingRequest.encode({ ...request, idempotencyKey: undefined }),
    response: CreateBookingResponse,
  },
  // The version that was seen is a condition, and met by the first request alone.
  updateBooking: {
    hashed: (request: UpdateBookingRequest) =>
      UpdateBookingRequest.encode({ ...request, idempotencyKey: undefined, expectedVersion: undefined }),
    response: UpdateBookingResponse,
  },
  cancelBooking: {
    hashed: (request: CancelBookingRequest) =>
      CancelBookingRequest.encode({ ...request, idempotencyKey: undefined, expectedVersion: undefined }),
    response: CancelBookingResponse,
  },
} as const;

type Calls = typeof CALLS;
type Operation = keyof Calls;
type RequestOf<O extends Operation> = Parameters<Calls[O]['hashed']>[0];
type Response = CreateBookingResponse & UpdateBookingResponse & CancelBookingResponse;

type Asked = {
  readonly identity: Caller;
  readonly signal: AbortSignal;
  readonly bookings: Pick<BookingParts, 'storage' | 'catchUp'>;
};

/**
 * Answers a request that comes again under its key with the first answer, before anything is checked that may have
 * changed since; carries out any other.
 */
export async function answerKeyed<O extends Operation>(
  operation: O,
  request: RequestOf<O>,
  { identity, signal, bookings }: Asked,
  carryOut: (requestKey: RequestKey | null) => Promise<Answered>,
): Promise<Response> {
  const { response } = CALLS[operation];
  const replayed = async (answer: Buffer): Promise<Response> => {
    // Its first request may still be waiting for what follows elsewhere.
    await bookings.catchUp(signal);
    return { ...response.decode(answer), replayed: true };
  };
  const requestKey = requestKeyOf(operation, request, identity);
  if (requestKey !== null) {
    const known = knownAnswer(requestKey, await bookings.storage().findKey(requestKey));
    if (known !== null) return replayed(known);
  }
  const answered = await carryOut(requestKey);
  if (answered.kind === 'known') return replayed(answered.answer);
  return { booking: toWireBooking(answered.booking), replayed: false };
}

/** Null where none was given. */
function requestKeyOf<O extends Operation>(
  operation: O,
  request: RequestOf<O>,
  { accountId }: Caller,
): RequestKey | null {
  const key = readIdempotencyKey(request);
  if (key === null) return null;
  const { response } = CALLS[operation];
  const hashed = CALLS[operation].hashed as (request: RequestOf<O>) => { finish(): Uint8Array };
  return {
    accountId,
    operation,
    key,
    requestHash: createHash('sha256').update(hashed(request).finish()).digest(),
    encode: (booking) =>
      Buffer.from(response.encode({ booking: toWireBooking(booking), replayed: false }).finish()),
  };
}
