import { type Account, DirectoryServiceClient } from '@banyan/contracts/directory/v1/directory';
import { Role } from '@banyan/contracts/identity/v1/identity';
import {
  createServiceClient,
  type PromiseApi,
  RemoteError,
  type ServiceClientOptions,
} from '@banyan/service-kit/client';
import type { Database } from '@banyan/service-kit/database';
import type { Logger } from '@banyan/service-kit/logger';
import { type BackgroundWorker, createRepeating } from '@banyan/service-kit/repeating';

export type Directory = {
  readonly api: Pick<PromiseApi<typeof DirectoryServiceClient.service>, 'listAccounts' | 'getAccount'>;
  close(): Promise<void>;
};

export const connectDirectory = (
  target: string,
  options: Pick<ServiceClientOptions, 'token' | 'tracing'>,
): Directory => createServiceClient(DirectoryServiceClient, target, options);

export type AccountsCopy = BackgroundWorker<{ readonly rows: number }> & {
  /** Of the last refreshing that went through, as far as this process knows; null before it knows of one. */
  refreshedAt(): Date | null;
  /** Whether the authority on accounts knows one, asked now; false too when it cannot be asked. */
  isKnownNow(id: bigint): Promise<boolean>;
};

/** What is new is asked for each time, all of it now and then: a name may change. */
const WHOLE_EVERY_MS = 600_000;
const LOOK_UP_DEADLINE_MS = 2_000;

const ROLES: Readonly<Partial<Record<Role, string>>> = {
  [Role.CUSTOMER]: 'customer',
  [Role.AGENT]: 'agent',
  [Role.ACCOUNTANT]: 'accountant',
  [Role.PARTNER]: 'partner',
};

/** Keeps the copy of accounts. Without a directory it keeps what there is. */
export function createAccountsCopy(options: {
  readonly database: Database;
  readonly directory: Directory | null;
  readonly intervalMs: number;
  readonly now: () => Date;
  readonly logger: Logger;
}): AccountsCopy {
  const { database, directory, intervalMs, now, logger } = options;
  let refreshedAt: Date | null = null;

  const refresh = async (signal: AbortSignal): Promise<{ rows: number }> => {
    const record = (await database.query<CopyRow>(READ_COPY)).rows[0];
    refreshedAt = record?.refreshed_at ?? null;
    if (directory === null) return { rows: 0 };
    const startedAt = now();
    const isWhole = !record || startedAt.getTime() - record.whole_at.getTime() >= WHOLE_EVERY_MS;
    const { rows: highest } = await database.query<{ id: bigint }>(HIGHEST);
    const afterAccountId = isWhole ? 0n : (highest[0]?.id ?? 0n);
    let rows = 0;
    for await (const { accounts } of directory.api.listAccounts({ afterAccountId }, { signal })) {
      await database.query(WRITE, [...columnsOf(accounts), startedAt]);
      rows += accounts.length;
    }
    await database.query(WRITE_COPY, [startedAt, isWhole ? startedAt : record.whole_at]);
    refreshedAt = startedAt;
    if (rows > 0) logger.info({ rows, isWhole }, 'accounts are refreshed');
    return { rows };
  };

  const round = async (signal: AbortSignal): Promise<{ rows: number }> => {
    try {
      return await refresh(signal);
    } catch (error) {
      const ageSeconds =
        refreshedAt === null ? null : Math.round((now().getTime() - refreshedAt.getTime()) / 1_000);
      logger.warn({ err: error, ageSeconds }, 'accounts could not be refreshed');
      return { rows: 0 };
    }
  };

  return {
    ...createRepeating({ name: 'accounts', intervalMs, logger, round }),
    refreshedAt: () => refreshedAt,
    async isKnownNow(accountId) {
      if (directory === null) return false;
      try {
        await directory.api.getAccount({ accountId }, { deadlineMs: LOOK_UP_DEADLINE_MS });
        return true;
      } catch (error) {
        if (!(error instanceof RemoteError && error.code === 'NOT_FOUND')) {
          logger.warn({ err: error }, 'an account that is not in the copy could not be looked up');
        }
        return false;
      }
    },
  };
}

function columnsOf(accounts: readonly Account[]): unknown[] {
  const known = accounts.flatMap((account) => {
    const role = ROLES[account.role];
    return role === undefined ? [] : [{ ...account, role }];
  });
  return [
    known.map(({ id }) => id),
    known.map(({ name }) => name),
    known.map(({ email }) => email),
    known.map(({ role }) => role),
  ];
}

type CopyRow = { refreshed_at: Date; whole_at: Date };

const READ_COPY = `SELECT refreshed_at, whole_at FROM copies WHERE name = 'accounts'`;
const HIGHEST = 'SELECT coalesce(max(id), 0) AS id FROM accounts';

const WRITE = `
  INSERT INTO accounts (id, name, email, role, refreshed_at)
  SELECT new.id, new.name, new.email, new.role, $5
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS new (id, name, email, role)
  ON CONFLICT (id) DO UPDATE
  SET name = excluded.name, email = excluded.email, role = excluded.role, refreshed_at = excluded.refreshed_at`;

const WRITE_COPY = `
  INSERT INTO copies (name, refreshed_at, whole_at) VALUES ('accounts', $1, $2)
  ON CONFLICT (name) DO UPDATE SET refreshed_at = excluded.refreshed_at, whole_at = excluded.whole_at`;
