import { randomUUID } from 'node:crypto';
import { createDatabase } from '@banyan/service-kit/database';
import { createEffects } from '@banyan/service-kit/effects';
import { silentLogger } from '@banyan/service-kit/logger';
import { writeEvent } from '@banyan/service-kit/outbox';
import { clockMs, type WriterOrder, type WriterReport } from './messages.ts';

/** A process that commits events, as a service does: each in a transaction with what makes it true. */
const WRITERS = 8;
const database = createDatabase(process.env.WRITER_DATABASE_URL ?? '', {
  schema: 'billing',
  name: 'bench writer',
  logger: silentLogger,
  poolMax: WRITERS,
});
const effectsOf = createEffects({ database, logger: silentLogger });
let written = 0;
let effects = 0;
let room = Promise.withResolvers<void>();

async function write(commits: number[]): Promise<string> {
  written += 1;
  const number = written;
  const now = new Date();
  const id = randomUUID();
  const body = { $case: 'holdExpired', value: { bookingId: BigInt(number) } } as const;
  await database.transaction((tx) => writeEvent(tx, { id, occurredAt: now, body }, now));
  commits.push(number, clockMs());
  return id;
}

/** As a writer that answers when its effects are there. */
async function writeAndWait(commits: number[], waitsMs: number[]): Promise<void> {
  const id = await write(commits);
  const from = performance.now();
  await effectsOf.untilTaken([id]);
  waitsMs.push(performance.now() - from);
}

async function flood(endAt: number, outstandingMax: number, commits: number[]): Promise<void> {
  const one = async (): Promise<void> => {
    while (clockMs() < endAt) {
      while (written - effects >= outstandingMax) await room.promise;
      await write(commits);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, one));
}

async function pace(endAt: number, perSecond: number, commits: number[]): Promise<number[]> {
  const waitsMs: number[] = [];
  effectsOf.start();
  const under = new Set<Promise<void>>();
  const from = clockMs();
  for (let count = 0; clockMs() < endAt; count += 1) {
    const inMs = from + (count * 1_000) / perSecond - clockMs();
    if (inMs > 0) await new Promise((resolve) => setTimeout(resolve, inMs));
    const one = writeAndWait(commits, waitsMs).finally(() => under.delete(one));
    under.add(one);
  }
  await Promise.all(under);
  return waitsMs;
}

process.on('message', async (order: WriterOrder) => {
  if (order.kind === 'effects') {
    effects = order.count;
    room.resolve();
    room = Promise.withResolvers<void>();
    return;
  }
  const commits: number[] = [];
  const endAt = clockMs() + order.seconds * 1_000;
  const before = written;
  const isFlood = order.kind === 'flood';
  // What hears of acknowledgements costs transactions, which the flood counts.
  if (isFlood) await effectsOf.stop();
  const waitsMs = isFlood ? [] : await pace(endAt, order.perSecond, commits);
  if (isFlood) await flood(endAt, order.outstandingMax, commits);
  process.send?.({ kind: 'written', count: written - before, commits, waitsMs } satisfies WriterReport);
});
process.on('disconnect', () => process.exit(1));
