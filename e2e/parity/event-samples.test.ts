import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Event } from '@banyan/contracts/events/v1/events';
import { EVENT_SAMPLES, plain } from '@banyan/contracts/testing/event-samples';
import { EVENT_DECODERS } from '@banyan/service-kit/queues/event-job';
import { readQueueJob } from '@banyan/service-kit/queues/queue-job';
import { parseRoutes } from '@banyan/service-kit/queues/routes';
import { findQueues } from '@banyan/stack/carve-outs/find-carve-outs';
import { routesOf } from '@banyan/stack/relays/queues';
import { readEvent } from '@meridian/billing/events/from-wire';
import { takeEvent } from '@meridian/booking/events/intake';
import type { BookingStorage } from '@meridian/booking/storage/port';

const QUEUES = await findQueues(join(import.meta.dirname, '../..'), {});
const SOURCES = ['monolith', 'billing', 'booking'];

/** Whom a queue belongs to, without what is behind it. Throws where an event makes no sense to it. */
const CONSUMERS: Readonly<Record<string, (event: Event) => unknown>> = {
  billing: readEvent,
  booking(event) {
    const storage: Partial<BookingStorage> = {
      findFlight: async () => null,
      write: async () => ({ duplicate: false }) as never,
    };
    const parts = {
      storage: () => storage as BookingStorage,
      fetchFlight: async () => null,
      now: () => new Date(0),
    };
    return takeEvent(parts, event);
  },
};

for (const { schema, type, queue, body, event } of EVENT_SAMPLES) {
  test(`${type} as ${schema} once had it goes where it went, is read, and makes sense to its consumer`, async () => {
    for (const source of SOURCES) {
      assert.equal(parseRoutes(routesOf(QUEUES, source) ?? '').queueOf(type), queue);
    }
    const reading = readQueueJob(event.id, { schema, body, source: 'monolith' }, EVENT_DECODERS);
    assert.ok(reading.kind === 'item');
    assert.deepEqual(plain(reading.item), event);
    const take = CONSUMERS[QUEUES.find(({ name }) => name === queue)?.consumer ?? ''];
    assert.ok(take, 'its queue has a consumer');
    await take(reading.item);
  });
}
