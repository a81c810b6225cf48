import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familyOf } from './families.ts';

test('a path has the family of its operation, in any case and with a slash', () => {
  const paths = {
    '/api/v1/bookings': 'bookings',
    '/api/v1/BOOKINGS/': 'bookings',
    '/api/v1/bookings/export.csv': 'bookings',
    '/api/v1/bookings/7/itinerary.ics': 'bookings',
    '/api/v1/bookings/7/invoice': 'billing',
    '/API/v1/Bookings/7/Invoice/': 'billing',
    '/api/v1/invoices/7/pdf': 'billing',
    '/api/v1/payments/7/refunds': 'billing',
    '/api/v1/statements': 'billing',
    '/api/v1/session': 'general',
    '/api/v1/bookingsx': 'general',
    '/bookings/7': 'general',
  };
  for (const [path, family] of Object.entries(paths)) assert.equal(familyOf(path), family, path);
});
