import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from '../../log/logger.ts';
import type { Aggregate, Owner, OwnerMirror } from '../owners/owner-mirror.ts';
import { createNoCarrier } from './no-carrier.ts';

test('without queues a monolith says once that events stay, and only where a context is away', async () => {
  const owners: Record<Aggregate, Owner> = { booking: 'monolith', billing: 'monolith' };
  const lines: string[] = [];
  let change = (): void => {};
  const mirror = {
    lastOwnerOf: (aggregate: Aggregate) => owners[aggregate],
    onChange(listener: () => void) {
      change = listener;
      return () => {};
    },
  } as OwnerMirror;
  const logger = createLogger('warn', { write: (line: string) => void lines.push(line) });
  const carrier = createNoCarrier({ mirror, logger });
  carrier.start();
  change();
  assert.deepEqual(lines, []);
  owners.billing = 'service';
  change();
  owners.booking = 'service';
  change();
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /QUEUE_REDIS_URL is not set/);
  await carrier.untilTaken(['6a0d5a3e-1f0b-4c3e-9d3a-0123456789ab']);
  await carrier.stop();
});
