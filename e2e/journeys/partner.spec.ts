import { type Client, createClientAsync } from 'soap';
import { PARTNER } from '../kit/accounts.ts';
import { createApi } from '../kit/api.ts';
import { textOfPdf } from '../kit/pdf.ts';
import { expect, test } from '../kit/test.ts';

test.use({ visitor: 'nobody' });

const NAMESPACE = 'http://meridian.example/soap/booking';

test('a partner finds the WSDL, books and reads by SOAP, and pays by its key', async ({
  site,
  flight,
  request,
  baseURL,
}) => {
  await site.page.goto('/partners');
  const wsdlLink = site.page.getByRole('link', { name: 'Open the WSDL' });
  const wsdl = new URL((await wsdlLink.getAttribute('href')) ?? '', baseURL);
  const client = await clientOf(wsdl);

  const [{ booking: created }] = await client.CreateBookingAsync({
    flightNumber: flight.number,
    departureDate: flight.date,
    fareClass: 'FLEX',
    passengers: [{ firstName: 'Ada', lastName: 'Lovelace', seat: '5C' }],
    contactEmail: 'desk@globetrotter.example',
  });
  expect(created).toMatchObject({ status: 'HELD', totalAmount: 623.71 });

  const api = createApi(request, { 'X-Api-Key': PARTNER.apiKey });
  const [booking] = await api.listBookings({ flight_id: String(flight.id) });
  expect(booking).toMatchObject({ reference: created.reference, contact_email: 'desk@globetrotter.example' });
  const invoice = await api.untilInvoiced(booking?.id ?? 0);
  expect(await api.payInvoice(invoice)).toMatchObject({ result: 'APPROVED', invoice_status: 'PAID' });

  await api.untilConfirmed(booking?.id ?? 0);
  const [{ booking: read }] = await client.GetBookingAsync({ reference: created.reference });
  expect(read).toMatchObject({ reference: created.reference, status: 'CONFIRMED' });
});

test('a partner searches, books, pays, reads the invoice and cancels by its key alone', async ({
  flight,
  request,
  ledgerOf,
}) => {
  const api = createApi(request, { 'X-Api-Key': PARTNER.apiKey });
  const found = await api.searchFlights(flight);
  expect(found.map(({ id, base_fare }) => [id, base_fare])).toEqual([[flight.id, '412.50']]);
  expect((await api.getSeatMap(flight)).taken).toEqual([]);
  const booking = await api.createBooking(flight, {
    fare_class: 'FLEX',
    passengers: [{ first_name: 'Ada', last_name: 'Lovelace', seat: '5C' }],
    contact_email: 'desk@globetrotter.example',
  });
  const invoice = await api.untilInvoiced(booking.id);
  expect(invoice).toMatchObject({ number: booking.invoice_number, status: 'OPEN', total: '623.71' });
  expect(await api.payInvoice(invoice)).toMatchObject({ result: 'APPROVED', invoice_status: 'PAID' });
  await api.untilConfirmed(booking.id);

  const pdf = await textOfPdf(await api.getInvoicePdf(invoice));
  for (const text of [invoice.number, 'Globetrotter', '623.71']) expect(pdf).toContain(text);

  expect(await api.cancelBooking(booking.id)).toEqual({ status: 'CANCELLED' });
  expect((await api.getSeatMap(flight)).taken).toEqual([]);
  await expect
    .poll(async () => (await ledgerOf(invoice.number)).map(({ kind, amount }) => [kind, amount]))
    .toEqual([
      ['charge', '623.71'],
      ['refund', '623.71'],
    ]);
});

test('a partner’s faults carry the codes of the JSON API', async ({ flight, baseURL, request }) => {
  const client = await clientOf(new URL('/soap/booking?wsdl', baseURL));
  await createApi(request, { 'X-Api-Key': PARTNER.apiKey }).createBooking(flight, {
    passengers: [{ first_name: 'Grace', last_name: 'Hopper', seat: '5C' }],
  });
  const fault = await faultOf(
    client.CreateBookingAsync({
      flightId: flight.id,
      passengers: [{ firstName: 'Ada', lastName: 'Lovelace', seat: '5C' }],
      contactEmail: 'desk@globetrotter.example',
    }),
  );
  expect(fault).toEqual({ status: 500, code: 'BKG-409', message: 'Seat 5C is taken.' });
  expect(await faultOf(client.GetBookingAsync({ reference: '000000' }))).toMatchObject({ code: 'BKG-404' });
});

test('a partner without a good key is refused by SOAP and by the API', async ({
  flight,
  baseURL,
  request,
}) => {
  const client = await clientOf(new URL('/soap/booking?wsdl', baseURL), 'mk_not_a_key');
  expect(await faultOf(client.GetBookingAsync({ reference: '000000' }))).toMatchObject({ code: 'BKG-401' });
  const response = await request.get(`/api/v1/flights/${flight.id}/seats`, {
    headers: { 'X-Api-Key': 'mk_not_a_key' },
  });
  expect(response.status()).toBe(401);
  expect(await response.json()).toEqual({
    error: 'unauthorized',
    message: 'Please log in or send a valid API key.',
  });
});

/** Knows nothing but the WSDL: the service's address too stands in it. */
async function clientOf(wsdl: URL, apiKey: string = PARTNER.apiKey): Promise<Client> {
  const client = await createClientAsync(wsdl.href, { disableCache: true });
  client.addSoapHeader({ ApiKey: apiKey }, '', 'b', NAMESPACE);
  return client;
}

type FaultError = {
  response: { status: number };
  root: { Envelope: { Body: { Fault: { detail: { BookingFault: { code: string; message: string } } } } } };
};

async function faultOf(call: Promise<unknown>): Promise<{ status: number; code: string; message: string }> {
  const error = await call.then(
    () => {
      throw new Error('there was no fault');
    },
    (thrown: FaultError) => thrown,
  );
  if (error instanceof Error && !('root' in error)) throw error;
  const { code, message } = error.root.Envelope.Body.Fault.detail.BookingFault;
  return { status: error.response.status, code, message };
}
