import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BOOKING_ID_MAX, bookingIdOfReference, bookingReference, invoiceNumber } from './reference.ts';

test('a reference leads back to its id, and to no other', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: BOOKING_ID_MAX }), (id) => {
      const reference = bookingReference(id);
      assert.match(reference, /^[0-9A-HJKMNP-TV-Z]{6}$/);
      assert.equal(bookingIdOfReference(reference), id);
      assert.equal(bookingIdOfReference(reference.toLowerCase()), id);
    }),
    { numRuns: 2000 },
  );
});

test('every six characters of the alphabet are the reference of one id', () => {
  const character = fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ');
  fc.assert(
    fc.property(fc.array(character, { minLength: 6, maxLength: 6 }), (characters) => {
      const reference = characters.join('');
      assert.equal(bookingReference(bookingIdOfReference(reference) as bigint), reference);
    }),
  );
});

test('what is no reference has no id, and an id of more than 30 bits no reference', () => {
  for (const text of ['', 'K7Q2X', 'K7Q2XMA', 'K7Q2XI', 'K7Q2X!', 'ß7Q2XM']) {
    assert.equal(bookingIdOfReference(text), null, text);
  }
  assert.throws(() => bookingReference(BOOKING_ID_MAX + 1n), RangeError);
});

test('an invoice’s number is the booking’s id in eleven digits', () => {
  assert.equal(invoiceNumber(41n), 'INV-00000000041');
});
