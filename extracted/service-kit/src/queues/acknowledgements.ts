import { pause, within } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import type { QueueConnection } from './connection.ts';

/** What a consumer says of an event to the outbox it is from. */
export type Acknowledgement = {
  readonly id: string;
  /** Dead letters stay in the outbox; what an operator discarded is done with, as what was taken is. */
  readonly outcome: 'taken' | 'dead' | 'discarded';
  /** Why, for operators; empty for what was taken. */
  readonly said: string;
};

/**
 * Acknowledgements travel in a list of Redis, one for each outbox. One that is lost is no harm: its event is sent
 * again, is found to be there already, and is acknowledged again. So the list may be bounded.
 */
const LIST_MAX = 100_000;
const BATCH_MAX = 500;
/** Between two flushes: those that come meanwhile go together. */
const GATHER_MS = 2;
const AGAIN_MS = 200;
const KEPT_MAX = 10_000;
const TAKE_SECONDS = 5;
const LAST_WORDS_MS = 500;

const OUTCOMES = { t: 'taken', d: 'dead', x: 'discarded' } as const;
const LETTERS = { taken: 't', dead: 'd', discarded: 'x' } as const;
const ENTRY = /^([tdx])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?: (.*))?$/s;

export type AckWriter = {
  /** At once returns; tries until it is told. */
  add(source: string, ack: Acknowledgement): void;
  /** Tells now; throws where that fails. */
  tell(source: string, acks: readonly Acknowledgement[]): Promise<void>;
  stop(limitMs: number): Promise<void>;
};

export function createAckWriter(options: {
  readonly connection: QueueConnection;
  readonly prefix: string;
  readonly logger: Logger;
}): AckWriter {
  const { connection, prefix, logger } = options;
  const waiting = new Map<string, Acknowledgement[]>();
  const over = new AbortController();
  let running: Promise<void> | undefined;
  let flushedAt = 0;

  const tell = async (source: string, acks: readonly Acknowledgement[]): Promise<void> => {
    const key = keyOf(prefix, source);
    const results = await connection.redis
      .pipeline()
      .rpush(key, ...acks.map(({ id, outcome, said }) => `${LETTERS[outcome]}${id}${said && ` ${said}`}`))
      .ltrim(key, -LIST_MAX, -1)
      .exec();
    for (const [error] of results ?? []) if (error) throw error;
  };

  const flush = async (): Promise<void> => {
    const inMs = flushedAt + GATHER_MS - performance.now();
    if (inMs > 0) await pause(inMs);
    while (waiting.size > 0 && !over.signal.aborted) {
      for (const [source, acks] of [...waiting]) {
        const batch = acks.slice(0, BATCH_MAX);
        try {
          await tell(source, batch);
          acks.splice(0, batch.length);
          if (acks.length === 0) waiting.delete(source);
        } catch (error) {
          logger.debug({ err: error }, 'acknowledgements wait for Redis');
          await pause(AGAIN_MS, over.signal);
        }
      }
    }
    flushedAt = performance.now();
    running = undefined;
  };

  return {
    tell,
    add(source, ack) {
      const acks = waiting.get(source) ?? [];
      waiting.set(source, acks);
      // The eldest ones are those whose events are sent again first.
      if (acks.length >= KEPT_MAX) return;
      acks.push(ack);
      running ??= flush();
    },
    async stop(limitMs) {
      const late = new AbortController();
      await Promise.race([running, pause(limitMs, late.signal)]);
      late.abort();
      over.abort();
      await running;
    },
  };
}

export type AckReader = { stop(): Promise<void> };

/** Takes acknowledgements of one outbox; several readers share them. `take` comes back when there is room for more. */
export function readAcknowledgements(options: {
  /** Its own: it waits in Redis. */
  readonly connection: QueueConnection;
  readonly prefix: string;
  readonly source: string;
  readonly logger: Logger;
  readonly take: (acks: readonly Acknowledgement[]) => Promise<void>;
}): AckReader {
  const { connection, prefix, source, logger, take } = options;
  const key = keyOf(prefix, source);
  const stopping = new AbortController();

  const read = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        const first = await connection.redis.blpop(key, TAKE_SECONDS);
        if (first === null) continue;
        const more = (await connection.redis.lpop(key, BATCH_MAX - 1)) ?? [];
        await take([first[1], ...more].flatMap(readEntry));
      } catch (error) {
        if (stopping.signal.aborted) return;
        logger.warn({ err: error }, 'acknowledgements were not read');
        await pause(AGAIN_MS, stopping.signal);
      }
    }
  };
  const reading = read();

  return {
    async stop() {
      stopping.abort();
      // What waits in Redis comes back when its connection ends.
      await connection.close();
      // What was asked when Redis went away may stay without an answer for ever, and without an error; and there may
      // be no room for what was read.
      await within(reading, LAST_WORDS_MS);
    },
  };
}

function keyOf(prefix: string, source: string): string {
  return `${prefix}-acknowledged:${source}`;
}

/** Nothing for what is no acknowledgement: anybody can write to Redis, and the outbox is the truth. */
function readEntry(entry: string): Acknowledgement[] {
  const [, letter, id, said = ''] = ENTRY.exec(entry) ?? [];
  if (letter === undefined || id === undefined) return [];
  return [{ id, outcome: OUTCOMES[letter as keyof typeof OUTCOMES], said }];
}
