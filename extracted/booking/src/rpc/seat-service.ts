import { SeatServiceService } from '@banyan/contracts/booking/v1/booking';
import { refuse } from '@banyan/service-kit/errors';
import { implement, type ServedService } from '@banyan/service-kit/handlers';
import type { SeatHub } from '../seats/seat-hub.ts';
import type { StorageChoice } from '../storage/choose-storage.ts';
import { answering, streaming } from './refusals.ts';

const WATCH_DEADLINE_MS = 86_400_000;

export function createSeatService(parts: {
  readonly choice: Pick<StorageChoice, 'reads'>;
  readonly hub: SeatHub;
}): ServedService {
  const { choice, hub } = parts;
  return implement(
    SeatServiceService,
    'service',
    {
      listTakenSeats: answering(async ({ flightId }) => ({
        seats: [...(await choice.reads().takenSeats(flightId))],
      })),
      watchSeats: streaming(async function* (_request, { signal, draining }) {
        choice.reads(); // Of seats that are not here there is nothing to watch.
        const over = AbortSignal.any([signal, draining]);
        for await (const changes of hub.watch(over)) yield { changes: [...changes] };
        if (draining.aborted) throw refuse('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 });
      }),
    },
    { streamDeadlineMs: WATCH_DEADLINE_MS },
  );
}
