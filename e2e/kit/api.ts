import type {
  Booking,
  Flight,
  Invoice,
  NewBooking,
  PaymentOutcome,
  Profile,
  SeatMap,
} from '@banyan/openapi/generated/legacy';
import { until } from '@banyan/stack/testing/until';
import type { APIResponse } from '@playwright/test';
import { CARDS } from './ledger.ts';
import type { Http } from './proofs.ts';

/** Where billing and bookings are apart, one hears of the other's writes a moment later. */
const HEARD_WITHIN_MS = 30_000;

export type MeridianApi = ReturnType<typeof createApi>;

/**
 * Operations of the contract, for what a journey needs to be there before it begins and to be so after it ended.
 * Whatever is no success throws, with the answer.
 */
export function createApi(http: Http, headers: Record<string, string> = {}) {
  const answer = async <Body>(response: APIResponse): Promise<Body> => {
    if (response.ok()) return (await response.json()) as Body;
    throw new Error(`${response.url()} answered ${response.status()}: ${await response.text()}`);
  };
  const get = async <Body>(path: string): Promise<Body> =>
    answer<Body>(await http.get(`/api/v1${path}`, { headers }));
  const post = async <Body>(path: string, data: unknown): Promise<Body> =>
    answer<Body>(await http.post(`/api/v1${path}`, { headers, data }));

  const api = {
    searchFlights: (route: { from: string; to: string; date: string }) =>
      get<Flight[]>(`/flights?${new URLSearchParams({ from: route.from, to: route.to, date: route.date })}`),

    createSession: (body: { email: string; password: string }) => post<unknown>('/session', body),
    createBooking: (flight: { id: number }, more: Partial<NewBooking> = {}) =>
      post<Booking>('/bookings', {
        flight_id: flight.id,
        passengers: [{ first_name: 'Ada', last_name: 'Lovelace' }],
        contact_email: 'ada@example.com',
        ...more,
      }),
    listBookings: (filters: Record<string, string>) =>
      get<Booking[]>(`/bookings?${new URLSearchParams(filters)}`),
    getBooking: (id: number) => get<Booking>(`/bookings/${id}`),
    getBookingInvoice: (bookingId: number) => get<Invoice>(`/bookings/${bookingId}/invoice`),
    cancelBooking: async (id: number) =>
      answer<{ status: string }>(await http.delete(`/api/v1/bookings/${id}`, { headers })),
    getInvoicePdf: async (invoice: { id: number }) =>
      (await http.get(`/api/v1/invoices/${invoice.id}/pdf`, { headers })).body(),
    getSeatMap: (flight: { id: number }) => get<SeatMap>(`/flights/${flight.id}/seats`),
    getProfile: () => get<Profile>('/profile'),
    payInvoice: (invoice: { id: number }, cardNumber: string = CARDS.approved) =>
      post<PaymentOutcome>(`/invoices/${invoice.id}/payments`, {
        card_number: cardNumber,
        expiry: '12/39',
        cvc: '123',
        card_holder: 'Ada Lovelace',
      }),
    /** The invoice of a booking that was just made. */
    untilInvoiced: (bookingId: number): Promise<Invoice> =>
      until(() => api.getBookingInvoice(bookingId), { deadlineMs: HEARD_WITHIN_MS, what: 'the invoice' }),
    /** A booking that was just paid. */
    untilConfirmed: (bookingId: number): Promise<Booking> =>
      until(
        async () => {
          const booking = await api.getBooking(bookingId);
          return booking.status === 'CONFIRMED' ? booking : null;
        },
        { deadlineMs: HEARD_WITHIN_MS, what: 'the confirmation' },
      ),
    /** A booking that is paid, with its invoice. */
    createPaidBooking: async (flight: { id: number }, more: Partial<NewBooking> = {}) => {
      const { id } = await api.createBooking(flight, more);
      const { result } = await api.payInvoice(await api.untilInvoiced(id));
      if (result !== 'APPROVED') throw new Error(`the payment of a good card was ${result}`);
      return { booking: await api.untilConfirmed(id), invoice: await api.getBookingInvoice(id) };
    },
  };
  return api;
}
