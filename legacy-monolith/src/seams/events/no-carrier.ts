import type { Logger } from 'pino';
import { AGGREGATES, type OwnerMirror } from '../owners/owner-mirror.ts';
import type { EventCarrier } from './carrier.ts';

/** Without queues: events stay in the outbox, and nobody waits for them. Where a context is away that is said, once. */
export function createNoCarrier({ mirror, logger }: { mirror: OwnerMirror; logger: Logger }): EventCarrier {
  let isSaid = false;
  let release = (): void => {};
  const look = (): void => {
    if (isSaid || AGGREGATES.every((each) => mirror.lastOwnerOf(each) === 'monolith')) return;
    isSaid = true;
    logger.warn('QUEUE_REDIS_URL is not set: events stay in the outbox');
  };
  return {
    start() {
      release = mirror.onChange(look);
      look();
    },
    async stop() {
      release();
    },
    untilTaken: async () => {},
  };
}
