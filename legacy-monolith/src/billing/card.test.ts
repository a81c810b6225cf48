import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { brandOf, isExpired, parseCardNumber, passesLuhn } from './card.ts';

test('a number is read past spaces and dashes, and only with 12 to 19 digits that check', () => {
  assert.equal(parseCardNumber('4242 4242-4242 4242'), '4242424242424242');
  for (const text of [
    '4242424242424241',
    '42424242424',
    '4242x4242',
    '',
    '４２４２４２４２４２４２４２４２',
    '0'.repeat(20),
  ]) {
    assert.equal(parseCardNumber(text), null, text);
  }
});

test('any one wrong digit is noticed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 11, maxLength: 18 }),
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      (digits, place, shift) => {
        const body = digits.join('');
        const check = '0123456789'.split('').find((digit) => passesLuhn(body + digit)) as string;
        const whole = [...body, check];
        const at = place % whole.length;
        const wrong = whole.with(at, String((Number(whole[at]) + shift) % 10));
        return passesLuhn(whole.join('')) && !passesLuhn(wrong.join(''));
      },
    ),
  );
});

test('brands by their ranges, both ends included', () => {
  const table = {
    VISA: ['4000'],
    MASTERCARD: ['5100', '5599', '2221', '2720'],
    AMEX: ['3400', '3799'],
    OTHER: ['5000', '5600', '2220', '2721', '3600', '6011'],
  };
  for (const [brand, starts] of Object.entries(table)) {
    for (const start of starts) assert.equal(brandOf(`${start}00000000`), brand, start);
  }
});

test('a card holds to the last moment of its month', () => {
  assert.equal(isExpired('11/26', new Date('2026-11-30T23:59:59.999Z')), false);
  assert.equal(isExpired('11/26', new Date('2026-12-01T00:00:00.000Z')), true);
  assert.equal(isExpired('12/26', new Date('2026-12-31T23:59:59.999Z')), false);
  assert.equal(isExpired('12/26', new Date('2027-01-01T00:00:00.000Z')), true);
});
