import type { Visitor } from '../kit/accounts.ts';
import { readProof } from '../kit/proofs.ts';
import { expect, shownBy, type Trip, test } from './pinned.ts';

type Read = {
  readonly operation: string;
  readonly carveOut: 'billing' | 'booking';
  readonly path: (trip: Trip) => string;
  readonly visitor?: Visitor;
};

/** A day without bookings: others are made while these tests run. */
const DAY = 'from=2001-01-01&to=2001-01-01';

/** All but `exportBookings`, which refusals.spec.ts kills. */
const READS: readonly Read[] = [
  { operation: 'getInvoice', carveOut: 'billing', path: ({ invoice }) => `invoices/${invoice.id}` },
  { operation: 'getInvoicePdf', carveOut: 'billing', path: ({ invoice }) => `invoices/${invoice.id}/pdf` },
  {
    operation: 'getBookingInvoice',
    carveOut: 'billing',
    path: ({ booking }) => `bookings/${booking.id}/invoice`,
  },
  {
    operation: 'listInvoices',
    carveOut: 'billing',
    path: ({ booking }) => `invoices?booking_id=${booking.id}`,
    visitor: 'accountant',
  },
  {
    operation: 'exportInvoices',
    carveOut: 'billing',
    path: () => `invoices/export.csv?${DAY}`,
    visitor: 'accountant',
  },
  { operation: 'getBooking', carveOut: 'booking', path: ({ booking }) => `bookings/${booking.id}` },
  {
    operation: 'getItinerary',
    carveOut: 'booking',
    path: ({ booking }) => `bookings/${booking.id}/itinerary.ics`,
  },
  {
    operation: 'listBookings',
    carveOut: 'booking',
    path: ({ booking }) => `bookings?flight_id=${booking.flight.id}`,
  },
];

const SIDES = ['service', 'monolith'] as const;

for (const { operation, carveOut, path, visitor = 'customer' } of READS) {
  for (const side of SIDES) {
    test(`${operation} pinned to the ${side} is answered there, as the monolith answers it`, async ({
      trip,
      clientOf,
      directClientOf,
      tokenFor,
    }) => {
      const target = `/api/v1/${path(trip)}`;
      const pinned = await clientOf(visitor, await tokenFor({ [operation]: side }));
      const direct = await directClientOf(visitor);
      const answer = await pinned.get(target);
      expect(readProof(answer.headers())).toEqual({
        operation,
        servedBy: side === 'service' ? carveOut : 'monolith',
        flags: expect.any(Number),
      });
      expect(await shownBy(answer)).toEqual(await shownBy(await direct.get(target)));
    });
  }
}

test('a carve-out is pinned whole, but for the operation that is pinned by itself', async ({
  trip,
  clientOf,
  tokenFor,
}) => {
  const client = await clientOf(
    'customer',
    await tokenFor({ billing: 'service', getInvoicePdf: 'monolith' }),
  );
  const servedBy = async (path: string) =>
    readProof((await client.get(`/api/v1/${path}`)).headers())?.servedBy;
  expect(await servedBy(`invoices/${trip.invoice.id}`)).toBe('billing');
  expect(await servedBy(`invoices/${trip.invoice.id}/pdf`)).toBe('monolith');
  expect(await servedBy(`bookings/${trip.booking.id}`)).toBe('monolith');
});

test('an override that pins nothing asks for proof alone, of what is no operation too', async ({
  trip,
  clientOf,
  tokenFor,
}) => {
  const client = await clientOf('customer', await tokenFor({}));
  const proofOf = async (path: string) => readProof((await client.get(path)).headers());
  expect(await proofOf(`/api/v1/invoices/${trip.invoice.id}`)).toMatchObject({ servedBy: 'billing' });
  expect(await proofOf(`/api/v1/bookings/${trip.booking.id}`)).toMatchObject({ servedBy: 'monolith' });
  expect(await proofOf('/')).toMatchObject({ operation: 'none', servedBy: 'monolith' });
});

test('a write follows the owner, whatever is pinned', async ({ flight, clientOf, tokenFor }) => {
  const client = await clientOf('customer', await tokenFor({ booking: 'service', billing: 'service' }));
  const answer = await client.post('/api/v1/bookings', {
    data: {
      flight_id: flight.id,
      passengers: [{ first_name: 'Ada', last_name: 'Lovelace' }],
      contact_email: 'ada@example.com',
    },
  });
  expect(answer.status()).toBe(201);
  expect(readProof(answer.headers())).toMatchObject({ operation: 'createBooking', servedBy: 'monolith' });
});

test('many tests pin one gateway to many sides at once, and nobody meets another’s', async ({
  trip,
  clientOf,
  tokenFor,
}) => {
  const target = `/api/v1/invoices/${trip.invoice.id}`;
  const clients = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const side = SIDES[index % 3];
      if (side === undefined) return { client: await clientOf('customer'), expected: null };
      const expected = side === 'service' ? 'billing' : 'monolith';
      return { client: await clientOf('customer', await tokenFor({ billing: side })), expected };
    }),
  );
  const answers = await Promise.all(
    clients.flatMap(({ client, expected }) =>
      Array.from({ length: 20 }, async () => {
        const answer = await client.get(target);
        return {
          servedBy: readProof(answer.headers())?.servedBy ?? null,
          expected,
          text: await answer.text(),
        };
      }),
    ),
  );
  expect(answers.map(({ servedBy }) => servedBy)).toEqual(answers.map(({ expected }) => expected));
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
});
