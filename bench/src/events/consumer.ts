import { createDatabase } from '@banyan/service-kit/database';
import { silentLogger } from '@banyan/service-kit/logger';
import { createEventConsumer, takeOnce } from '@banyan/service-kit/queues/consumer';
import { type ConsumerOrder, type ConsumerReport, clockMs } from './messages.ts';

/** A process that takes events: its effect is a row, in one transaction with the record of the event. */
const CONCURRENCY = 16;
const TELL_EVERY_MS = 50;
const database = createDatabase(process.env.CONSUMER_DATABASE_URL ?? '', {
  schema: 'billing',
  name: 'bench consumer',
  logger: silentLogger,
  poolMax: CONCURRENCY,
});
let count = 0;
let times: number[] = [];
const take = takeOnce(database, async (tx, { body }) => {
  const id = body?.$case === 'holdExpired' ? body.value.bookingId : 0n;
  await tx.query('INSERT INTO effects VALUES ($1, $2)', [id, 'the end of a hold']);
});
const consumer = createEventConsumer({
  redisUrl: process.env.QUEUE_REDIS_URL ?? '',
  queue: process.env.BENCH_QUEUE ?? '',
  concurrency: CONCURRENCY,
  logger: silentLogger,
  random: Math.random,
  take: async (event, options) => {
    const taken = await take(event, options);
    times.push(Number(event.body?.$case === 'holdExpired' ? event.body.value.bookingId : 0n), clockMs());
    count += 1;
    return taken;
  },
});
consumer.start();
setInterval(() => process.send?.({ kind: 'effects', count } satisfies ConsumerReport), TELL_EVERY_MS);
process.on('message', (order: ConsumerOrder) => {
  if (order.kind !== 'times') return;
  process.send?.({ kind: 'times', times } satisfies ConsumerReport);
  times = [];
});
process.on('SIGTERM', async () => {
  await consumer.stop();
  process.exit(0);
});
process.on('disconnect', () => process.exit(1));
