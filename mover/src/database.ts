import pg from 'pg';
import { Refusal } from './refusal.ts';

const CONNECT_DEADLINE_MS = 10_000;
/** Of any one statement that does not say otherwise. */
const STATEMENT_DEADLINE_MS = 10 * 60_000;

/**
 * Both databases must write a value as the same text, whatever their settings, and the text must be exact. What is
 * said to be committed must be so after a crash, since the other database is told next. A statement ends when the
 * process that wanted it does, and with it the locks that would keep the next copy waiting.
 */
const SESSION = `
  SET client_encoding = 'UTF8';
  SET datestyle = 'ISO, YMD';
  SET timezone = 'UTC';
  SET intervalstyle = 'postgres';
  SET extra_float_digits = 1;
  SET bytea_output = 'hex';
  SET lc_monetary = 'C';
  SET xmloption = 'content';
  SET synchronous_commit = on;
  SET statement_timeout = ${STATEMENT_DEADLINE_MS};
  SET lock_timeout = 30000;
  SET client_connection_check_interval = 1000;
  SET idle_in_transaction_session_timeout = ${STATEMENT_DEADLINE_MS};
`;

/** A connection with the settings that exact copies need. `what` names the database in a refusal. */
export async function connect(what: string, databaseUrl: string): Promise<pg.Client> {
  let client: pg.Client;
  try {
    client = new pg.Client({
      connectionString: databaseUrl,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      application_name: 'banyan mover',
      keepAlive: true,
    });
    // The query under way, or the next one, fails by it; without a listener the process would.
    client.on('error', () => {});
    await client.connect();
  } catch (cause) {
    throw new Refusal(
      'UNREACHABLE',
      `${what} cannot be reached (${reasonOf(cause)}): see that it runs and that its URL is right, then try again.`,
      { cause },
    );
  }
  try {
    await client.query(SESSION);
    return client;
  } catch (error) {
    await disconnect(client);
    throw error;
  }
}

/** Never fails: what the connection was for is done, or has failed by itself. */
export async function disconnect(client: pg.Client): Promise<void> {
  try {
    await client.end();
  } catch {
    // The server has closed it before us.
  }
}

export async function withConnection<T>(
  what: string,
  databaseUrl: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await connect(what, databaseUrl);
  try {
    return await work(client);
  } finally {
    await disconnect(client);
  }
}

/** `settings` hold for the transaction alone. */
export async function inTransaction<T>(
  client: pg.Client,
  work: () => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  await client.query('BEGIN');
  try {
    for (const [name, value] of Object.entries(settings)) {
      await client.query('SELECT set_config($1, $2, true)', [name, value]);
    }
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch {
      // The connection is gone, and the transaction with it; the first error says why.
    }
    throw error;
  }
}

/** Of errors whose message is empty as Node's are when a host has several addresses. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(reasonOf))].join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

export const quoteName = (name: string): string => pg.escapeIdentifier(name);
export const quoteText = (text: string): string => pg.escapeLiteral(text);
