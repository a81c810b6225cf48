import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { isoInstant, plusMs } from '../clock.ts';
import { FORM_TOKEN_MS } from './form-token.ts';

/** Longer than the acquirer may take to be given up. */
const FIRST_SENDING_MS = 20_000;
const LOOK_MS = 100;
/** A row outlives its token, or an old form could be sent a second time. */
const KEPT_MS = 2 * FORM_TOKEN_MS;

export type SentForm = { token: string; accountId: string; purpose: string };

/** Whether this sending is the one that counts, and if not, where the one that did has led to. */
export type Claim = { first: true } | { first: false; resultPath: string | null };

export type FormLedger = {
  /**
   * Takes a form for this sending. When another has it, waits for that one to end: where it failed the form is
   * free again and this one takes it; `resultPath` is null where that one still runs after the limit, or died.
   */
  claim(form: SentForm): Promise<Claim>;
  /** The sending has done what it was for. */
  settle(token: string, resultPath: string): Promise<void>;
  /** The sending has done nothing; the form may be sent again. */
  release(token: string): Promise<void>;
};

/** Remembers in the database which forms were sent, so that all processes count a double click once. */
export function createFormLedger(pool: Pool, clock: () => Date): FormLedger {
  return {
    async claim({ token, accountId, purpose }) {
      const attempts = Math.ceil(FIRST_SENDING_MS / LOOK_MS);
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const inserted = await pool.query(CLAIM, [token, accountId, purpose, isoInstant(clock())]);
        if (inserted.rowCount === 1) return { first: true };
        const { rows } = await pool.query<{ result_path: string | null }>(RESULT, [token]);
        const resultPath = rows[0]?.result_path ?? null;
        if (resultPath !== null) return { first: false, resultPath };
        await pause(LOOK_MS);
      }
      return { first: false, resultPath: null };
    },
    async settle(token, resultPath) {
      await pool.query('UPDATE form_tokens SET result_path = $2 WHERE token = $1', [token, resultPath]);
    },
    async release(token) {
      await pool.query('DELETE FROM form_tokens WHERE token = $1 AND result_path IS NULL', [token]);
    },
  };
}

/** Deletes what is too old to come again; for the nightly job. Gives how many. */
export async function purgeFormTokens(pool: Pool, now: Date, batch: number): Promise<number> {
  const before = isoInstant(plusMs(now, -KEPT_MS));
  return (await pool.query(PURGE, [before, batch])).rowCount ?? 0;
}

const CLAIM = `
  INSERT INTO form_tokens (token, account_id, purpose, created_at) VALUES ($1, $2, $3, $4)
  ON CONFLICT (token) DO NOTHING`;

const RESULT = 'SELECT result_path FROM form_tokens WHERE token = $1';

const PURGE = `
  DELETE FROM form_tokens
  WHERE token IN (SELECT token FROM form_tokens WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;
