import type { Booking, Invoice, PaymentOutcome } from '@banyan/openapi/generated/legacy';

/** What came of a request: an answer, or none, after which nobody knows. */
export type Said<Body> =
  | { readonly kind: 'answered'; readonly status: number; readonly body: Body }
  | { readonly kind: 'silent' };

/** A client of the contract, logged in. It waits for an answer as long as old clients do, and asks nothing twice. */
export type Shop = {
  place(order: { flightId: number; fareClass: 'SAVER' | 'CLASSIC' | 'FLEX' }): Promise<Said<Booking>>;
  booking(id: number): Promise<Said<Booking>>;
  invoiceOf(bookingId: number): Promise<Said<Invoice>>;
  pay(invoiceId: number, cardNumber: string): Promise<Said<PaymentOutcome>>;
  cancel(bookingId: number): Promise<Said<{ status: string }>>;
};

const PATIENCE_MS = 45_000;

export async function logIn(url: string, email: string): Promise<Shop> {
  const session = await fetch(`${url}/api/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password: 'meridian' }),
  });
  if (session.status !== 200) throw new Error(`the log-in of ${email} was answered with ${session.status}`);
  const cookie = (session.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  await session.body?.cancel();

  const ask = async <Body>(method: string, path: string, body?: object): Promise<Said<Body>> => {
    try {
      const answer = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { Cookie: cookie, ...(body && { 'Content-Type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { kind: 'answered', status: answer.status, body: (await answer.json()) as Body };
    } catch {
      return { kind: 'silent' };
    }
  };
  return {
    place: ({ flightId, fareClass }) =>
      ask('POST', '/bookings', {
        flight_id: flightId,
        fare_class: fareClass,
        passengers: [{ first_name: 'Ada', last_name: 'Lovelace' }],
        contact_email: email,
      }),
    booking: (id) => ask('GET', `/bookings/${id}`),
    invoiceOf: (bookingId) => ask('GET', `/bookings/${bookingId}/invoice`),
    pay: (invoiceId, cardNumber) =>
      ask('POST', `/invoices/${invoiceId}/payments`, {
        card_number: cardNumber,
        expiry: '12/39',
        cvc: '123',
        card_holder: 'Ada Lovelace',
      }),
    cancel: (bookingId) => ask('DELETE', `/bookings/${bookingId}`),
  };
}
