import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/** BullMQ alone: `add` in one process, a worker that does nothing in another, the same payload and concurrency. */
const [role = '', seconds = '5'] = process.argv.slice(2);
const CONCURRENCY = 16;
const ADDERS = 8;
const OUTSTANDING_MAX = 500;
const NAME = 'bare-events';
const connection = new Redis(process.env.QUEUE_REDIS_URL ?? '', { maxRetriesPerRequest: null });
// As long as the event of the bench in base64, with what goes along.
const data = { schema: 'events.v1', body: 'A'.repeat(84), source: 'writer' };
let done = 0;

if (role === 'worker') {
  const worker = new Worker(NAME, async () => {}, {
    connection,
    concurrency: CONCURRENCY,
    removeOnComplete: { count: 0 },
  });
  worker.on('error', () => {});
  worker.on('completed', () => {
    done += 1;
  });
  setInterval(() => process.send?.(done), 20);
} else {
  const queue = new Queue(NAME, { connection });
  let added = 0;
  process.on('message', (count: number) => {
    done = count;
  });
  const endAt = performance.now() + Number(seconds) * 1_000;
  const one = async (): Promise<void> => {
    while (performance.now() < endAt) {
      while (added - done >= OUTSTANDING_MAX) await new Promise((resolve) => setTimeout(resolve, 1));
      added += 1;
      await queue.add('holdExpired', data, { jobId: randomUUID(), removeOnComplete: true });
    }
  };
  await Promise.all(Array.from({ length: ADDERS }, one));
  process.send?.(added);
}
process.on('disconnect', () => process.exit(1));
