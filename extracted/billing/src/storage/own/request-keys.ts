import type { Queryable, Transaction } from '@banyan/service-kit/database';
import { Refusal } from '../../domain/refusal.ts';
import type { OwnStorageParts } from '../own-storage.ts';
import type { BillingWrites, KnownRequest, RequestKey } from '../port.ts';

type Row = { request_hash: Buffer; made_id: bigint; answer: Buffer | null };

export function createRequestKeys({
  database,
}: OwnStorageParts): Pick<BillingWrites, 'findRequest' | 'keepAnswer'> {
  return {
    findRequest: (key) => find(database, key),
    async keepAnswer({ accountId, operation, key }, answer) {
      const { rows } = await database.query<{ answer: Buffer }>(KEEP, [accountId, operation, key, answer]);
      return rows[0]?.answer ?? null;
    },
  };
}

/**
 * Takes a key for what this transaction makes. Gives what is known of it when it was taken before; nobody waits for
 * a transaction that is taking it at this moment: IDEMPOTENCY_KEY_IN_USE.
 */
export async function takeKey(
  tx: Transaction,
  request: RequestKey,
  madeId: bigint,
  now: Date,
): Promise<KnownRequest | null> {
  const { accountId, operation, key, requestHash } = request;
  const { rowCount } = await tx.query(TAKE, [accountId, operation, key, requestHash, madeId, now]);
  if (rowCount === 1) return null;
  const known = await find(tx, request);
  // Taken and not committed yet, or freed between the two statements: somebody is at it.
  if (known === null) throw new Refusal('IDEMPOTENCY_KEY_IN_USE');
  return known;
}

/** What was made under a key that was taken before it had an id. */
export async function nameMade(
  tx: Transaction,
  { accountId, operation, key }: RequestKey,
  madeId: bigint,
): Promise<void> {
  await tx.query(NAME_MADE, [accountId, operation, key, madeId]);
}

/** A write that failed for certain leaves its key free for another try. */
export async function freeKey(
  tx: Transaction,
  operation: RequestKey['operation'],
  madeId: bigint,
): Promise<void> {
  await tx.query('DELETE FROM request_keys WHERE operation = $1 AND made_id = $2', [operation, madeId]);
}

async function find(
  queryable: Queryable,
  { accountId, operation, key }: Omit<RequestKey, 'requestHash'>,
): Promise<KnownRequest | null> {
  const { rows } = await queryable.query<Row>(FIND, [accountId, operation, key]);
  const row = rows[0];
  return row ? { requestHash: row.request_hash, madeId: row.made_id, answer: row.answer } : null;
}

const FIND = `
  SELECT request_hash, made_id, answer FROM request_keys WHERE account_id = $1 AND operation = $2 AND key = $3`;

const TAKE = `
  INSERT INTO request_keys (account_id, operation, key, request_hash, made_id, created_at)
  SELECT $1::bigint, $2::text, $3::text, $4::bytea, $5::bigint, $6::timestamptz
  WHERE pg_try_advisory_xact_lock(hashtextextended(format('billing.request:%s:%s:%s', $1::bigint, $2::text, $3::text), 0))
  ON CONFLICT DO NOTHING`;

const NAME_MADE = `
  UPDATE request_keys SET made_id = $4 WHERE account_id = $1 AND operation = $2 AND key = $3`;

const KEEP = `
  UPDATE request_keys SET answer = coalesce(answer, $4)
  WHERE account_id = $1 AND operation = $2 AND key = $3
  RETURNING answer`;
