import type pg from 'pg';
import { inTransaction } from '../database.ts';
import type { Owner, Side } from '../ownership.ts';
import { errorCode, Refusal } from '../refusal.ts';
import type { BothRecords, OwnRecord } from './decide.ts';

export type Clients = Readonly<Record<Side, pg.Client>>;

/** The term that a copy works in: what it found, and what it is to make of it. */
export type Term = {
  readonly copyId: string;
  readonly aggregate: string;
  readonly source: Side;
  readonly target: Side;
  readonly epoch: bigint;
};

export async function readRecords(clients: Clients, aggregate: string): Promise<BothRecords> {
  return {
    monolith: await readRecord(clients.monolith, aggregate, 'monolith'),
    service: await readRecord(clients.service, aggregate, 'service'),
  };
}

export async function readRecord(client: pg.Client, aggregate: string, side: Side): Promise<OwnRecord> {
  const { rows } = await client.query<{
    owner: Owner;
    epoch: string;
    copy_id: string | null;
    source: Side | null;
  }>(
    `SELECT o.owner, o.epoch, o.copy_id, c.source
       FROM banyan.own o LEFT JOIN banyan.copy c USING (copy_id) WHERE o.aggregate = $1`,
    [aggregate],
  );
  const row = rows[0];
  if (row === undefined) {
    throw new Refusal(
      'NOT_INSTALLED',
      `The ${side}'s database records no owner of ${aggregate}: install its ownership there first.`,
    );
  }
  return {
    owner: row.owner,
    epoch: BigInt(row.epoch),
    copy: row.copy_id === null ? null : { id: row.copy_id, source: row.source },
  };
}

/**
 * Takes the aggregate from everyone in one database. It commits when every transaction that has written the
 * aggregate has ended, so that what is read afterwards holds all of it.
 */
export function hold(client: pg.Client, term: Term, found: OwnRecord, lockMs: number): Promise<void> {
  return changeOwner(client, term.aggregate, lockMs, async () => {
    await client.query(
      'INSERT INTO banyan.copy (copy_id, aggregate, source, target, epoch) VALUES ($1, $2, $3, $4, $5)',
      [term.copyId, term.aggregate, term.source, term.target, term.epoch],
    );
    // What an earlier copy had done is no good any more: the source may have been written since.
    await client.query('DELETE FROM banyan.copy_progress WHERE copy_id = $1', [found.copy?.id ?? null]);
    await write(client, term.aggregate, found, { owner: 'nobody', epoch: term.epoch, copyId: term.copyId });
  });
}

/** Ends the hold of one database, in this term or the next. */
export function release(
  client: pg.Client,
  aggregate: string,
  found: OwnRecord,
  { owner, epoch, outcome }: { owner: Side; epoch: bigint; outcome: 'moved' | 'put back' },
  lockMs: number,
): Promise<void> {
  return changeOwner(client, aggregate, lockMs, async () => {
    await write(client, aggregate, found, { owner, epoch, copyId: null });
    if (found.copy === null) return;
    await client.query('DELETE FROM banyan.copy_progress WHERE copy_id = $1', [found.copy.id]);
    await client.query(
      'UPDATE banyan.copy SET ended_at = clock_timestamp(), outcome = $2 WHERE copy_id = $1',
      [found.copy.id, outcome],
    );
  });
}

function changeOwner(
  client: pg.Client,
  aggregate: string,
  lockMs: number,
  change: () => Promise<void>,
): Promise<void> {
  const limit = String(Math.ceil(lockMs));
  return inTransaction(
    client,
    async () => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('banyan.own:' || $1))", [aggregate]);
      await change();
    },
    // The lock's own time limit is for each wait; the statement's is for all of them together.
    { lock_timeout: limit, statement_timeout: limit },
  );
}

async function write(
  client: pg.Client,
  aggregate: string,
  found: OwnRecord,
  next: { owner: Owner; epoch: bigint; copyId: string | null },
): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE banyan.own SET owner = $2, epoch = $3, copy_id = $4
      WHERE aggregate = $1 AND owner = $5 AND epoch = $6 AND copy_id IS NOT DISTINCT FROM $7`,
    [
      aggregate,
      next.owner,
      next.epoch,
      next.copyId,
      found.owner,
      found.epoch,
      found.copy === null ? null : found.copy.id,
    ],
  );
  if (rowCount === 1) return;
  throw new Refusal(
    'CONTRADICTION',
    `The owner of ${aggregate} was changed by somebody else while this copy worked: look at banyan.own in both databases.`,
  );
}

const LOCK_NOT_AVAILABLE = '55P03';
const QUERY_CANCELED = '57014';
const DEADLOCK = '40P01';
const SERIALIZATION = '40001';
const BUSY = [LOCK_NOT_AVAILABLE, QUERY_CANCELED, DEADLOCK, SERIALIZATION];

/** Whether it was open transactions that kept a lock from us, so that a later try may have it. */
export const isBusy = (error: unknown): boolean => BUSY.includes(errorCode(error) ?? '');
