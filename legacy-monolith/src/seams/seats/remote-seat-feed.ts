import type { SeatServiceClient } from '@banyan/contracts/booking/v1/booking';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';
import { parseSeatChange, type SeatFeed, type SeatFeedListener } from '../../live/seat-feed.ts';
import type { Api } from '../rpc/client.ts';

export type SeatApi = Api<typeof SeatServiceClient.service>;

const RETRY_MS = { min: 100, max: 5000 } as const;

/**
 * Seat changes from the service that owns bookings. Its first answer says that the watch has begun: what was
 * known before may be old by then, so it is a gap, and so is every new beginning.
 */
export function createRemoteSeatFeed(
  seats: () => Pick<SeatApi, 'watchSeats'> | null,
  logger: Logger,
): SeatFeed {
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const run = async (listener: SeatFeedListener): Promise<void> => {
    let retryMs: number = RETRY_MS.min;
    while (!stopping.signal.aborted) {
      try {
        const api = seats();
        if (api === null) throw new Error('no target of bookings is set');
        let hasBegun = false;
        for await (const { changes } of api.watchSeats({}, { signal: stopping.signal })) {
          if (!hasBegun) {
            hasBegun = true;
            retryMs = RETRY_MS.min;
            listener.onGap();
          }
          for (const { flightId, seat, taken } of changes) {
            const op = taken ? 'taken' : 'freed';
            const change = parseSeatChange(JSON.stringify({ flight_id: String(flightId), seat, op }));
            if (change) listener.onChange(change);
            else logger.warn('a change of a seat was not understood');
          }
        }
      } catch (error) {
        if (!stopping.signal.aborted) logger.warn({ err: error }, 'the watch of seats is lost');
      }
      await pause(retryMs, stopping.signal);
      retryMs = Math.min(retryMs * 2, RETRY_MS.max);
    }
  };

  return {
    start(listener) {
      running ??= run(listener);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
