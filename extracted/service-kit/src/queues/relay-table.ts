import type { Database } from '../database.ts';
import type { Acknowledgement } from './acknowledgements.ts';
import type { TypeFilter } from './routes.ts';

export type ClaimedRow = {
  readonly id: string;
  readonly body: Buffer;
  readonly schema: string;
  readonly type: string | null;
  readonly trace_parent: string | null;
  /** It was handed over before, and its consumer has said nothing of it. */
  readonly is_again: boolean;
};

export type Claim = { readonly rowsMax: number; readonly filter: TypeFilter };

/** An outbox as a relay sees it. Times are the database's, so that relays agree on them. */
export type RelayTable = {
  /** Notes acknowledgements and takes what is to be sent now, in one commit. */
  turn(acks: readonly Acknowledgement[], claim: Claim): Promise<ClaimedRow[]>;
  /** What could not be handed over, for anybody to try after that time. */
  giveBack(ids: readonly string[], said: string, inMs: number): Promise<void>;
  /** Everything that was handed over and not acknowledged is to be sent again now. */
  sendAllAgain(): Promise<number>;
  oldestWaiting(): Promise<Date | null>;
  /** Forgets what was acknowledged a week ago, a bounded number at a time. */
  purge(): Promise<{ readonly isMore: boolean }>;
};

export type ResendTimes = {
  /** From handing over until it is sent again, doubled each time, */
  readonly afterMs: number;
  /** so much at most. */
  readonly mostMs: number;
  /** Of dead letters: in case that Redis has forgotten them. */
  readonly deadMs: number;
};

/** Told of acknowledgements in the same commit: the table and ids, as `outbox id,id`, of dead letters `outbox id dead`. */
export const ACKNOWLEDGED_CHANNEL = 'outbox_acknowledged';
/** A notification has 8,000 bytes at most. */
const IDS_TOLD_MAX = 200;
/** More than one relay hands over in a second. */
const PURGE_ROWS_MAX = 2_000;

const TABLE = /^[a-z_][a-z0-9_]{0,62}$/;

/** A table's name as it may stand in SQL; throws for anything else. */
export function requireTable(table: string): string {
  if (!TABLE.test(table)) throw new Error(`"${table}" is no name of a table`);
  return table;
}

export function createRelayTable(database: Database, table: string, resend: ResendTimes): RelayTable {
  const sql = statementsOn(requireTable(table));
  return {
    async turn(acks, { rowsMax, filter }) {
      const done = acks.filter(({ outcome }) => outcome !== 'dead');
      // Sent again, a dead letter says so once more: what is done with stays so, and one statement changes a row once.
      const doneIds = new Set(done.map(({ id }) => id));
      const dead = acks.filter(({ id, outcome }) => outcome === 'dead' && !doneIds.has(id));
      const { rows } = await database.query<ClaimedRow>(sql.turn, [
        done.map(({ id }) => id),
        done.map(({ said }) => textOf(said) || null),
        dead.map(({ id }) => id),
        dead.map(({ said }) => textOf(said)),
        resend.deadMs,
        rowsMax,
        filter.types,
        filter.areWanted,
        resend.afterMs,
        resend.mostMs,
      ]);
      return rows;
    },
    async giveBack(ids, said, inMs) {
      await database.query(sql.giveBack, [ids, said, inMs]);
    },
    sendAllAgain: async () => (await database.query(sql.sendAllAgain)).rowCount ?? 0,
    oldestWaiting: async () => (await database.query<{ at: Date | null }>(sql.oldest)).rows[0]?.at ?? null,
    async purge() {
      const { rowCount } = await database.query(sql.purge);
      return { isMore: rowCount === PURGE_ROWS_MAX };
    },
  };
}

/**
 * Rows commit in another order than they were numbered or dated, so there is no position up to which all is read: a
 * row is waiting until it is acknowledged, and is taken by a lease, which is its time to be sent again.
 *
 * A row that nobody has tried is taken at once, though its time is a little ahead: builds that had a dispatcher set
 * it so, by their own clock, and may run beside this relay for a deployment. AHEAD bounds the search among those that
 * were handed over.
 */
const AHEAD = "interval '10 seconds'";

/** Anybody can write to Redis: what Postgres has no text for would stop the relay. */
function textOf(said: string): string {
  return said.replaceAll('\0', '');
}

function statementsOn(table: string) {
  return {
    turn: `
      WITH acknowledged AS (
        UPDATE ${table} o SET delivered_at = now(), last_error = a.said, dead_at = NULL
        FROM unnest($1::uuid[], $2::text[]) AS a (id, said)
        WHERE o.id = a.id AND o.delivered_at IS NULL
        RETURNING o.id
      ), died AS (
        UPDATE ${table} o SET dead_at = coalesce(o.dead_at, now()), last_error = a.said,
               next_attempt_at = now() + $5::float8 * interval '1 millisecond'
        FROM unnest($3::uuid[], $4::text[]) AS a (id, said)
        WHERE o.id = a.id AND o.delivered_at IS NULL
        RETURNING o.id
      ), told AS (
        SELECT pg_notify('${ACKNOWLEDGED_CHANNEL}', '${table} ' || string_agg(id::text, ',') || said) IS NULL AS is_not
        FROM (SELECT id, said, (row_number() OVER (PARTITION BY said) - 1) / ${IDS_TOLD_MAX} AS part
              FROM (SELECT id, '' AS said FROM acknowledged UNION ALL SELECT id, ' dead' FROM died) settled) parts
        GROUP BY said, part
      ), due AS (
        SELECT id FROM ${table}
        WHERE delivered_at IS NULL AND next_attempt_at <= now() + ${AHEAD}
          AND (attempts = 0 OR next_attempt_at <= now())
          AND (coalesce(type, '') = ANY ($7::text[])) = $8::boolean
          AND id <> ALL ($1::uuid[]) AND id <> ALL ($3::uuid[])
        ORDER BY next_attempt_at LIMIT $6::int
        FOR UPDATE SKIP LOCKED
      ), taken AS (
        UPDATE ${table} o SET attempts = o.attempts + 1, handed_at = now(),
               next_attempt_at = now() + interval '1 millisecond' *
                 CASE WHEN dead_at IS NOT NULL THEN $5::float8
                      ELSE least($9::float8 * power(2, least(o.attempts, 20)), $10::float8) END
        FROM due WHERE o.id = due.id
        RETURNING o.id, o.body, o.schema, o.type, o.trace_parent, o.attempts > 1 AND o.dead_at IS NULL AS is_again
      )
      SELECT * FROM taken
      -- Adds no row: of what only reads, that is done which is asked for.
      UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL FROM told WHERE is_not`,
    giveBack: `
      UPDATE ${table} SET last_error = $2, next_attempt_at = now() + $3::float8 * interval '1 millisecond'
      WHERE id = ANY ($1::uuid[]) AND delivered_at IS NULL`,
    sendAllAgain: `
      UPDATE ${table} SET next_attempt_at = now()
      WHERE delivered_at IS NULL AND handed_at IS NOT NULL AND next_attempt_at > now()`,
    // Work that takes minutes is in its queue, and in no delay.
    oldest: `
      SELECT min(occurred_at) AS at FROM ${table}
      WHERE delivered_at IS NULL AND dead_at IS NULL AND (type IS DISTINCT FROM 'job' OR handed_at IS NULL)`,
    purge: `
      DELETE FROM ${table} WHERE id IN
        (SELECT id FROM ${table} WHERE delivered_at < now() - interval '7 days' LIMIT ${PURGE_ROWS_MAX} FOR UPDATE SKIP LOCKED)`,
  };
}
