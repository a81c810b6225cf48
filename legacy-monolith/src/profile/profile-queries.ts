import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Upload } from './photo-upload.ts';
import { type ProfileCounts, type ProfileRow, photoUrl, profileParams, SELECT_PROFILE } from './profile.ts';
import type { ProfileChange } from './profile-change.ts';

export async function readProfile(
  pool: Pool,
  accountId: string,
  now: Date,
  counts: ProfileCounts,
): Promise<ProfileRow> {
  const { rows } = await pool.query<ProfileRow>(SELECT_PROFILE, profileParams(accountId, now, counts));
  const row = rows[0];
  if (!row) throw new Error('an account that was there is gone');
  // What this database has of a context that is elsewhere may be old.
  if (counts.bookingsUpcoming === 'unknown') row.bookings_upcoming = null;
  if (counts.invoicesOpen === 'unknown') row.invoices_open = null;
  return row;
}

/** Writes what a change names, and nothing where it names nothing. */
export async function changeProfile(pool: Pool, accountId: string, change: ProfileChange): Promise<void> {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  if (given.length === 0) return;
  const assignments = given.map(([column], index) => `${column} = $${index + 2}`).join(', ');
  await pool.query(`UPDATE accounts SET ${assignments} WHERE id = $1`, [
    accountId,
    ...given.map(([, value]) => value),
  ]);
}

/** Puts the photo in the place of the one before; gives its address. */
export async function storePhoto(pool: Pool, accountId: string, { content, type }: Upload): Promise<string> {
  const hash = createHash('sha256').update(content).digest('hex');
  await pool.query('UPDATE accounts SET photo = $2, photo_type = $3, photo_hash = $4 WHERE id = $1', [
    accountId,
    content,
    type,
    hash,
  ]);
  return photoUrl(accountId, hash, type);
}
