import { wallClock } from '../clock.ts';
import { type RawInteger, rawInteger } from '../http/json.ts';
import { Refusal } from '../http/refusal.ts';

export type ProfileRow = {
  id: string;
  email: string;
  name: string;
  phone: string | null;
  address: string | null;
  newsletter: 'Y' | 'N';
  miles: string;
  photo_type: PhotoType | null;
  photo_hash: string | null;
  /** Null where nobody could be asked. */
  bookings_upcoming: number | null;
  invoices_open: number | null;
  created_at: string;
};

export const PHOTO_TYPES = ['image/jpeg', 'image/png'] as const;
export type PhotoType = (typeof PHOTO_TYPES)[number];

const RETRY_AFTER_SECONDS = 5;
const EXTENSION = { 'image/jpeg': 'jpg', 'image/png': 'png' } as const satisfies Record<PhotoType, string>;

/** `here`: this database counts itself. `unknown`: whoever could say it does not answer. */
export type Count = number | 'here' | 'unknown';
export type ProfileCounts = { bookingsUpcoming: Count; invoicesOpen: Count };

/** The contract's profile has its counts, or there is none. */
export function requireCounts(counts: ProfileCounts): void {
  if (!Object.values(counts).includes('unknown')) return;
  throw new Refusal('unavailable', 'The service is unavailable. Please try again later.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

/** $1 the account, $2 the present wall clock; $3 and $4 the counts, null where they are made here. */
export const SELECT_PROFILE = `
  SELECT a.id, a.email, a.name, a.phone, a.address, a.newsletter, a.miles, a.photo_type, a.photo_hash,
         a.created_at,
         coalesce($3::integer, (SELECT count(*)::integer FROM bookings b JOIN flights f ON f.id = b.flight_id
                                WHERE b.account_id = a.id AND b.status IN ('HELD', 'CONFIRMED')
                                  AND f.departs_at > $2::timestamp)) AS bookings_upcoming,
         coalesce($4::integer, (SELECT count(*)::integer FROM invoices i
                                WHERE i.account_id = a.id AND i.status = 'OPEN')) AS invoices_open
  FROM accounts a WHERE a.id = $1`;

export function profileParams(accountId: string, now: Date, counts: ProfileCounts): unknown[] {
  const given = (count: Count): number | null => (typeof count === 'number' ? count : null);
  return [accountId, wallClock(now), given(counts.bookingsUpcoming), given(counts.invoicesOpen)];
}

/** A profile as the contract shows it; the order of the keys is part of it. */
export function toProfile(row: ProfileRow): { account_id: RawInteger } & Record<string, unknown> {
  return {
    account_id: rawInteger(row.id),
    email: row.email,
    name: row.name,
    phone: row.phone,
    address: row.address,
    newsletter: row.newsletter,
    miles: rawInteger(row.miles),
    photo_url:
      row.photo_type === null || row.photo_hash === null
        ? null
        : photoUrl(row.id, row.photo_hash, row.photo_type),
    bookings_upcoming: row.bookings_upcoming,
    invoices_open: row.invoices_open,
    member_since: row.created_at,
  };
}

/** Changes with the photo's content, so that it may be cached for ever. */
export function photoUrl(accountId: string, hash: string, type: PhotoType): string {
  return `/photos/${accountId}-${hash.slice(0, 8)}.${EXTENSION[type]}`;
}

export type PhotoName = { accountId: string; hashStart: string; type: PhotoType };

/** The parts of `7-9f86d081.jpg`, or null when it is no photo's name. */
export function parsePhotoName(name: string): PhotoName | null {
  const match = /^([1-9]\d{0,17})-([0-9a-f]{8})\.(jpg|png)$/.exec(name);
  if (!match) return null;
  const [, accountId = '', hashStart = '', extension] = match;
  return { accountId, hashStart, type: extension === 'jpg' ? 'image/jpeg' : 'image/png' };
}

const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** What the first bytes say, whatever the file's name or part's type claims. */
export function photoTypeOf(content: Buffer): PhotoType | null {
  if (content.subarray(0, JPEG.length).equals(JPEG)) return 'image/jpeg';
  return content.subarray(0, PNG.length).equals(PNG) ? 'image/png' : null;
}
