import type { Event } from '@banyan/contracts/events/v1/events';
import { pause } from '@banyan/service-kit/backoff';
import { type FaultKind, faultKindOf } from '@banyan/service-kit/queues/faults';
import { Refusal } from '../domain/refusal.ts';
import type { RefundDesk } from '../payments/refund-desk.ts';
import { toRpcError } from '../rpc/refusals.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import type { BillingWrites, Taken } from '../storage/port.ts';
import { type BookingNews, readEvent } from './from-wire.ts';

export type IntakeParts = {
  readonly choice: Pick<StorageChoice, 'owned'>;
  readonly refunds: Pick<RefundDesk, 'carryOutSoon'>;
};

/** A refund is mostly done in a moment; whoever told of the cancellation waits a second for the acknowledgement. */
const REFUND_WAIT_MS = 600;

/**
 * What booking's owner tells: its effect and the record of it are one transaction. A refund that follows is written
 * down in it, and asked for after it; an acquirer that is away or refuses is the refund's matter, not the event's.
 */
export async function takeEvent(
  { choice, refunds }: IntakeParts,
  event: Event | undefined,
): Promise<{ duplicate: boolean }> {
  const { id, news } = readEvent(event);
  const { duplicate, refundId } = await takeNews(choice.owned(), id, news);
  if (refundId !== null) {
    const over = new AbortController();
    await Promise.race([refunds.carryOutSoon(refundId), pause(REFUND_WAIT_MS, over.signal)]);
    over.abort();
  }
  return { duplicate };
}

/** Billing's own refusals by their codes: an event that makes no sense is refused, one for another owner waits. */
export function eventFaultKindOf(error: unknown): FaultKind {
  return faultKindOf(error instanceof Refusal ? toRpcError(error) : error);
}

function takeNews(storage: BillingWrites, id: string, news: BookingNews): Promise<Taken> {
  switch (news.kind) {
    case 'placed':
      return storage.placeInvoice(id, news.booking);
    case 'closed':
      return storage.closeBooking(id, news.bookingId, news.closing);
    case 'other':
      return storage.takeNote(id);
    default:
      return news satisfies never;
  }
}
