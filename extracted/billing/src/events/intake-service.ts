import { EventIntakeServiceService } from '@banyan/contracts/events/v1/events';
import { pause } from '@banyan/service-kit/backoff';
import { implement, type ServedService } from '@banyan/service-kit/handlers';
import type { RefundDesk } from '../payments/refund-desk.ts';
import { refusing } from '../rpc/billing-service.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import type { BillingWrites, Taken } from '../storage/port.ts';
import { type BookingNews, readEvent } from './from-wire.ts';

/** A refund is mostly done in a moment; whoever told of the cancellation waits a second for the acknowledgement. */
const REFUND_WAIT_MS = 600;

/** What booking's owner tells. Acknowledged when the effect is committed. */
export function createIntakeService(options: {
  readonly choice: StorageChoice;
  readonly refunds: Pick<RefundDesk, 'carryOutSoon'>;
}): ServedService {
  const { choice, refunds } = options;
  return implement(EventIntakeServiceService, 'service', {
    deliver: refusing(async ({ event }) => {
      const { id, news } = readEvent(event);
      const { duplicate, refundId } = await take(choice.owned(), id, news);
      if (refundId !== null) {
        const over = new AbortController();
        await Promise.race([refunds.carryOutSoon(refundId), pause(REFUND_WAIT_MS, over.signal)]);
        over.abort();
      }
      return { duplicate };
    }),
  });
}

function take(storage: BillingWrites, id: string, news: BookingNews): Promise<Taken> {
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
