import type { Pool } from 'pg';
import type { Caller } from '../../auth/caller.ts';
import { wallClock } from '../../clock.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Count, ProfileCounts } from '../../profile/profile.ts';
import type { RestClient } from './rest-client.ts';

const PER_PAGE = 100;
/** Of each status; who has more is told of these. */
const PAGES_MAX = 20;
/** For each answer: a profile waits no longer for figures beside it. */
const ANSWER_MS_MAX = 2_000;

/**
 * The counts of a profile that another database holds, by lists that the caller may read. A role whose list is
 * closed to it is counted by what the other context shows of the same bookings: one is held as long as its
 * invoice is open. What is not answered for is unknown.
 */
export function createRemoteCounts(parts: {
  ask: RestClient;
  pool: Pool;
  clock: () => Date;
  isHere: (context: 'booking' | 'billing') => Promise<boolean>;
}): (caller: Caller) => Promise<ProfileCounts> {
  const { pool, clock, isHere } = parts;
  const ask: RestClient = (credentials, request) =>
    parts.ask(credentials, { deadlineMs: ANSWER_MS_MAX, ...request });

  const total = async ({ credentials }: Caller, path: string): Promise<number> =>
    Number((await ask(credentials, { path })).headers.get('X-Total-Count'));

  const all = async <Row>({ credentials }: Caller, path: string): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let page = 1; page <= PAGES_MAX; page += 1) {
      const { body } = await ask(credentials, { path: `${path}&page=${page}&per_page=${PER_PAGE}` });
      rows.push(...body);
      if (body.length < PER_PAGE) break;
    }
    return rows;
  };

  const upcoming = async (caller: Caller): Promise<number> => {
    const { role, accountId } = caller.identity;
    const after = wallClock(clock());
    const isAhead = ({ flight }: { flight: { departs_at: string } }): boolean => flight.departs_at > after;
    if (role !== 'accountant') {
      const lists = ['HELD', 'CONFIRMED'].map((status) =>
        all<{ flight: { departs_at: string } }>(caller, `/bookings?status=${status}&account_id=${accountId}`),
      );
      return (await Promise.all(lists)).flat().filter(isAhead).length;
    }
    let count = 0;
    for (const id of await ownInvoicedBookings(caller)) {
      const { body } = await ask(caller.credentials, { path: `/bookings/${id}` });
      if (['HELD', 'CONFIRMED'].includes(body.status) && isAhead(body)) count += 1;
    }
    return count;
  };

  /** An accountant may read any booking, but no list of them. */
  const ownInvoicedBookings = async (caller: Caller): Promise<string[]> => {
    const { accountId } = caller.identity;
    if (await isHere('billing')) {
      const { rows } = await pool.query<{ booking_id: string }>(OWN_INVOICES, [accountId, PER_PAGE]);
      return rows.map(({ booking_id }) => booking_id);
    }
    const { body } = await ask(caller.credentials, {
      path: `/invoices?account_id=${accountId}&per_page=${PER_PAGE}`,
    });
    return body
      .filter(({ status }: { status: string }) => status !== 'VOID')
      .map(({ booking_id }: { booking_id: number }) => String(booking_id));
  };

  const open = async (caller: Caller): Promise<number> => {
    const { role, accountId } = caller.identity;
    if (role !== 'agent') {
      return total(caller, `/invoices?status=OPEN&account_id=${accountId}&per_page=1`);
    }
    if (await isHere('booking')) {
      return Number((await pool.query<{ count: string }>(OWN_HELD, [accountId])).rows[0]?.count);
    }
    return total(caller, `/bookings?status=HELD&account_id=${accountId}&per_page=1`);
  };

  const countOf = async (context: 'booking' | 'billing', count: () => Promise<number>): Promise<Count> => {
    try {
      return (await isHere(context)) ? 'here' : await count();
    } catch (error) {
      if (error instanceof Refusal && error.kind === 'unavailable') return 'unknown';
      throw error;
    }
  };

  return async (caller) => {
    const [bookingsUpcoming, invoicesOpen] = await Promise.all([
      countOf('booking', () => upcoming(caller)),
      countOf('billing', () => open(caller)),
    ]);
    return { bookingsUpcoming, invoicesOpen };
  };
}

const OWN_INVOICES = `
  SELECT booking_id FROM invoices WHERE account_id = $1 AND status <> 'VOID' ORDER BY id DESC LIMIT $2`;

const OWN_HELD = `SELECT count(*) AS count FROM bookings WHERE account_id = $1 AND status = 'HELD'`;
