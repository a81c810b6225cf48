import { Counter, Histogram } from 'prom-client';
import { pause } from './backoff.ts';
import type { Database } from './database.ts';
import type { ChannelListener } from './database-listen.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { ACKNOWLEDGED_CHANNEL, requireTable } from './queues/relay-table.ts';

/** What follows elsewhere from what was written here, as far as its writer waits for it: it reads its own writes. */
export type Effects = {
  start(): void;
  /** Whoever waits then goes on. */
  stop(): Promise<void>;
  /**
   * Waits until those who take these events have acknowledged them, `waitMs` (1,000) at most. What became a dead
   * letter is missed at once. Never throws.
   */
  untilTaken(
    ids: readonly string[],
    options?: { readonly signal?: AbortSignal; readonly waitMs?: number },
  ): Promise<{ readonly taken: number; readonly missed: number }>;
  /**
   * Waits as long, for whatever is on its way when it is asked: of a write that is answered again, of which its first
   * request has told. Never throws.
   */
  untilCaughtUp(options?: { readonly signal?: AbortSignal }): Promise<void>;
};

/** Where no queue is configured: nothing is waited for. */
export const noEffects: Effects = {
  start: () => {},
  stop: async () => {},
  untilTaken: async (ids) => ({ taken: 0, missed: ids.length }),
  untilCaughtUp: async () => {},
};

const WAIT_MS = 1_000;
/** The net under notifications. */
const POLL_MS = 250;
/** Nothing was acknowledged for so long, though something waits: nobody is there to do it. */
const AWAY_MS = 5_000;
/** Events that are waited for at one time; whoever comes with more goes on at once. */
const WAITING_MAX = 10_000;
/** Acknowledgements that came before their writer asked. */
const HEARD_MAX = 2_000;
/** Of what was missed, so many are looked at, to see when somebody is there again. */
const MISSED_MAX = 100;
const WAIT_BUCKETS_SECONDS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

type Outcome = 'taken' | 'missed';
type Wait = { readonly open: Set<string>; taken: number; readonly end: () => void };
type SettledRow = { readonly id: string; readonly outcome: Outcome };

/**
 * Hears of acknowledgements from the relay, which notifies in the commit that notes them; what is not heard is found in
 * the outbox. While nobody acknowledges anything, as when Redis is away, writers are not held up.
 */
export function createEffects(options: {
  readonly database: Database;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly table?: string;
  readonly pollMs?: number;
  readonly awayMs?: number;
  readonly waitingMax?: number;
}): Effects {
  const { database, logger, table = 'outbox', pollMs = POLL_MS, awayMs = AWAY_MS } = options;
  const { waitingMax = WAITING_MAX } = options;
  const metrics = options.metrics && createEffectsMetrics(options.metrics);
  const stopping = new AbortController();
  const waits = new Map<string, Set<Wait>>();
  const missed = new Set<string>();
  const heard = new Map<string, Outcome>();
  const asked = new Set<string>();
  let listener: ChannelListener | undefined;
  let poll: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  /** Since when something waits without any acknowledgement. */
  let silentSince: number | null = null;
  let isAwaySaid = false;

  const isAway = (): boolean => silentSince !== null && performance.now() - silentSince > awayMs;

  const seen = (): void => {
    silentSince = waits.size > 0 ? performance.now() : null;
    if (isAwaySaid) logger.info({ table }, 'events are acknowledged again: their writers wait for them');
    isAwaySaid = false;
  };

  const settle = (id: string, outcome: Outcome): void => {
    missed.delete(id);
    for (const wait of waits.get(id) ?? []) {
      wait.open.delete(id);
      if (outcome === 'taken') wait.taken += 1;
      if (wait.open.size === 0) wait.end();
    }
    waits.delete(id);
  };

  const lookAtAll = async (): Promise<void> => {
    while (asked.size > 0 && !stopping.signal.aborted) {
      const ids = [...asked];
      asked.clear();
      try {
        const { rows } = await database.query<SettledRow>(settledOf(table), [ids]);
        for (const { id, outcome } of rows) settle(id, outcome);
        if (rows.length > 0) seen();
      } catch (error) {
        logger.debug({ err: error, table }, 'acknowledgements were not looked at');
      }
    }
    looking = undefined;
  };
  /** One look at a time: what is asked for during one shares the next. */
  const look = (ids: Iterable<string>): void => {
    for (const id of ids) asked.add(id);
    if (asked.size > 0) looking ??= lookAtAll();
  };
  const lookAtOpen = (): void => look([...waits.keys(), ...missed]);

  const pollSoon = (): void => {
    if (poll || stopping.signal.aborted || waits.size + missed.size === 0) return;
    poll = setTimeout(() => {
      poll = undefined;
      lookAtOpen();
      pollSoon();
    }, pollMs);
  };

  const hear = (payload: string): void => {
    if (payload === '') {
      lookAtOpen();
      return;
    }
    const [of, list = '', dead] = payload.split(' ');
    if (of !== table) return;
    const outcome = dead === undefined ? 'taken' : 'missed';
    for (const id of list.split(',')) {
      settle(id, outcome);
      heard.set(id, outcome);
    }
    dropEldest(heard, HEARD_MAX);
    seen();
  };

  const miss = (ids: Iterable<string>): void => {
    for (const id of ids) missed.add(id);
    dropEldest(missed, MISSED_MAX);
    pollSoon();
  };

  /** Leaves those of which nothing was heard, and gives how many of the others were taken. */
  const takeHeard = (open: Set<string>): number => {
    const outcomes = [...open].map((id) => heard.get(id));
    for (const id of open) if (heard.has(id)) open.delete(id);
    return outcomes.filter((outcome) => outcome === 'taken').length;
  };

  const waitFor = async (open: Set<string>, waitMs: number, signal?: AbortSignal): Promise<number> => {
    const ended = new AbortController();
    const wait: Wait = { open, taken: 0, end: () => ended.abort() };
    for (const id of open) waits.set(id, (waits.get(id) ?? new Set<Wait>()).add(wait));
    silentSince ??= performance.now();
    pollSoon();
    await pause(waitMs, AbortSignal.any([ended.signal, stopping.signal, ...(signal ? [signal] : [])]));
    for (const id of open) {
      const others = waits.get(id);
      others?.delete(wait);
      if (others?.size === 0) waits.delete(id);
    }
    miss(open);
    return wait.taken;
  };

  const effects: Effects = {
    start() {
      listener ??= database.listen(ACKNOWLEDGED_CHANNEL, hear);
    },
    async stop() {
      stopping.abort();
      clearTimeout(poll);
      await listener?.stop();
      await looking;
    },
    async untilTaken(given, { signal, waitMs = WAIT_MS } = {}) {
      const open = new Set(given.map((id) => id.toLowerCase()));
      const count = open.size;
      if (count === 0) return { taken: 0, missed: 0 };
      const isNobodyThere = isAway();
      if (isNobodyThere && !isAwaySaid) {
        isAwaySaid = true;
        logger.warn({ table }, 'events are not acknowledged: their writers do not wait');
      }
      if (isNobodyThere) miss(open);
      if (isNobodyThere || stopping.signal.aborted || waits.size + count > waitingMax) {
        metrics?.onSkipped(count);
        return { taken: 0, missed: count };
      }
      const from = performance.now();
      const known = takeHeard(open);
      const taken = known + (open.size > 0 ? await waitFor(open, waitMs, signal) : 0);
      metrics?.onWaited(taken, count - taken, (performance.now() - from) / 1_000);
      return { taken, missed: count - taken };
    },
    async untilCaughtUp(options) {
      try {
        const { rows } = await database.query<{ id: string }>(onItsWayOf(table));
        await effects.untilTaken(
          rows.map(({ id }) => id),
          options,
        );
      } catch (error) {
        logger.debug({ err: error, table }, 'what is on its way was not looked for');
      }
    },
  };
  return effects;
}

export type EffectsMetrics = {
  onWaited(taken: number, missed: number, seconds: number): void;
  onSkipped(count: number): void;
};

export function createEffectsMetrics({ registry }: Metrics): EffectsMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'effects_waited_total',
    help: 'Events whose writer waited: taken meanwhile, missed, or skipped because nobody acknowledges or too many wait.',
    labelNames: ['outcome'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'effects_wait_seconds',
    help: 'How long a writer waited for its events to be acknowledged.',
    buckets: WAIT_BUCKETS_SECONDS,
    registers,
  });
  return {
    onWaited(taken, missed, waitedSeconds) {
      events.inc({ outcome: 'taken' }, taken);
      events.inc({ outcome: 'missed' }, missed);
      seconds.observe(waitedSeconds);
    },
    onSkipped: (count) => events.inc({ outcome: 'skipped' }, count),
  };
}

function dropEldest(known: Set<string> | Map<string, unknown>, max: number): void {
  for (const id of known.keys()) {
    if (known.size <= max) return;
    known.delete(id);
  }
}

/** More of it than a writer would wait for is a backlog. */
const ON_ITS_WAY_MAX = 100;

function onItsWayOf(table: string): string {
  return `
    SELECT id FROM ${requireTable(table)}
    WHERE delivered_at IS NULL AND dead_at IS NULL
      AND (handed_at IS NULL OR handed_at > now() - interval '2 seconds')
    LIMIT ${ON_ITS_WAY_MAX}`;
}

function settledOf(table: string): string {
  return `
    SELECT id, CASE WHEN delivered_at IS NULL THEN 'missed' ELSE 'taken' END AS outcome
    FROM ${requireTable(table)} WHERE id = ANY ($1::uuid[]) AND (delivered_at IS NOT NULL OR dead_at IS NOT NULL)`;
}
