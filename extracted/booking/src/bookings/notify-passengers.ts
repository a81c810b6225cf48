import { createHash } from 'node:crypto';
import type { Notice } from '../domain/notice.ts';
import type { BookingStorage } from '../storage/port.ts';

const BATCH_ROWS = 200;

/**
 * Queues one mail for each held or confirmed booking of a flight. `key` stands for the wish: whoever comes again with
 * it, having died in the middle perhaps, queues what is not queued yet.
 */
export async function notifyPassengers(
  storage: BookingStorage,
  notice: Notice,
  wish: { readonly accountId: bigint; readonly key: string; readonly now: () => Date },
  { signal, progress }: { readonly signal: AbortSignal; progress?(done: number, total: number): void },
): Promise<number> {
  const { flightId, subject, text } = notice;
  const total = await storage.countActive(flightId);
  // Other words under the same key are other mails.
  const said = JSON.stringify([String(wish.accountId), wish.key, String(flightId), subject, text]);
  const stem = createHash('sha256').update(said).digest('hex').slice(0, 32);
  let done = 0;
  for (let afterId = 0n; ; ) {
    signal.throwIfAborted();
    const bookings = await storage.listActive(flightId, afterId, BATCH_ROWS);
    if (bookings.length === 0) return done;
    await storage.write(async (tx) => {
      for (const { id, contactEmail } of bookings) {
        const messageId = `<notice-${stem}-${id}@meridian.example>`;
        await tx.queueNotice(
          { messageId, bookingId: id, recipient: contactEmail, subject, text },
          wish.now(),
        );
      }
    });
    done += bookings.length;
    progress?.(done, Math.max(done, total));
    afterId = bookings.at(-1)?.id ?? afterId;
  }
}
