import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { ApiRequest, OperationId } from '../api.ts';
import { CARDS, card, newFlight, newInvoice, PASSENGER, pay } from '../fixtures.ts';
import type { World } from '../world.ts';
import { multipart } from './profile.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex');
const LEAKS = /relation|column|postgres|select |insert |pg_|ECONN|127\.0\.0\.1|node_modules|\.ts/i;

/** The last suite: it takes away what the others live on. */
export function faultsSuite(world: () => World): void {
  /** A request of each operation that would succeed, and a table it cannot do without. */
  const goodRequests = async (): Promise<Record<OperationId, { table: string; request: ApiRequest }>> => {
    const { callers, logIn } = world();
    const { alice, agent, accountant } = callers;
    const flight = await newFlight(world());
    const invoice = await newInvoice(world(), alice, flight);
    const paid = await newInvoice(world(), alice, flight);
    const { payment } = await pay(world(), alice, paid);
    const good = (table: string, request: object) => ({ table, request: request as ApiRequest });
    const booking = { flight_id: flight, passengers: [PASSENGER], contact_email: 'a@example.com' };
    const ofFlight = { path: { id: flight } };
    const ofBooking = { as: alice, path: { id: invoice.booking_id } };
    const ofInvoice = { as: alice, path: { id: invoice.id } };
    return {
      createSession: good('accounts', { json: { email: 'alice@example.com', password: 'meridian' } }),
      getSession: good('accounts', { as: alice }),
      deleteSession: good('session', { as: await logIn('bob@example.com') }),
      searchFlights: good('flights', { query: 'from=LHR&to=JFK&date=2026-11-23' }),
      getFlight: good('flights', ofFlight),
      getSeatMap: good('seat_claims', { as: alice, ...ofFlight }),
      streamFlightStatus: good('flights', ofFlight),
      createBooking: good('passengers', { as: alice, json: booking }),
      listBookings: good('bookings', { as: alice }),
      getBooking: good('bookings', ofBooking),
      updateBooking: good('passengers', { ...ofBooking, json: { note: 'x' } }),
      cancelBooking: good('seat_claims', ofBooking),
      getItinerary: good('bookings', ofBooking),
      exportBookings: good('bookings', { as: agent }),
      listInvoices: good('invoice_lines', { as: alice }),
      getInvoice: good('invoices', ofInvoice),
      getBookingInvoice: good('invoices', ofBooking),
      payInvoice: good('payments', { ...ofInvoice, json: card(CARDS.approved) }),
      refundPayment: good('refunds', { as: accountant, path: { id: payment.id }, json: { reason: 'x' } }),
      getInvoicePdf: good('invoice_lines', ofInvoice),
      exportInvoices: good('invoices', { as: accountant }),
      createStatement: good('statements', { as: alice, json: { month: '2026-11' } }),
      getProfile: good('accounts', { as: alice }),
      updateProfile: good('accounts', { as: alice, json: { newsletter: 'Y' } }),
      uploadPhoto: good('accounts', { as: alice, body: multipart({ content: PNG }) }),
    };
  };

  it('says 500 and nothing of the inside when something is wrong there', async () => {
    const { api, sql } = world();
    for (const [id, { table, request }] of Object.entries(await goodRequests())) {
      await sql(`ALTER TABLE ${table} RENAME TO ${table}_gone`);
      try {
        const { text } = await api.expect(id as OperationId, 500, request as never);
        assert.doesNotMatch(text, LEAKS, id);
      } finally {
        await sql(`ALTER TABLE ${table}_gone RENAME TO ${table}`);
      }
    }
  });

  it('says 503 while the database is away, and recovers when it is back', async () => {
    const { api, database } = world();
    const requests = Object.entries(await goodRequests());
    await database.cut();
    try {
      for (const [id, { request }] of requests) {
        const { text, header } = await api.expect(id as OperationId, 503, request as never);
        assert.doesNotMatch(text, LEAKS, id);
        assert.equal(header('Retry-After'), '5', id);
      }
    } finally {
      await database.restore();
    }
    await until(async () => (await api.send('getSession', { as: world().callers.alice })).status === 200, {
      deadlineMs: 60_000,
      what: 'the monolith finds its database again',
    });
  });
}
