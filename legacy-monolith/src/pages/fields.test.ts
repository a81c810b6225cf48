import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalidField, invalidFields, Refusal } from '../http/refusal.ts';
import { faultsOf, field, formOf, withMissing } from './fields.ts';

test('a field keeps what was typed, and a secret one never does', () => {
  const form = formOf({ card_holder: 'A. <b>', card_number: '4242424242424242' });
  assert.equal(field(form, 'card_holder', 'Name').value, 'A. <b>');
  assert.equal(field(form, 'card_number', 'Number', { secret: true }).value, '');
  assert.equal(field(form, 'toString', 'Not a field').value, '');
});

test('the one fault of a booking lands beside its field, without the path', () => {
  const refusal = invalidField('passengers[1].seat', 'passengers[1].seat: this aircraft has no seat 99A');
  const form = faultsOf({}, refusal, () => 'passenger_2_seat');
  assert.deepEqual(form.errors, { passenger_2_seat: 'This aircraft has no seat 99A.' });
  assert.equal(form.message, null);
});

test('all faults of billing land beside their fields', () => {
  const refusal = invalidFields([
    { field: 'card_number', msg: 'Card number is not valid.' },
    { field: 'cvc', msg: 'cvc is required' },
    { field: null, msg: 'Something else.' },
  ]);
  const form = faultsOf({}, refusal);
  assert.deepEqual(form.errors, { card_number: 'Card number is not valid.', cvc: 'Please fill this in.' });
  assert.equal(form.message, 'Something else.');
});

test('a fault of a field that the form does not have is said above it', () => {
  const form = faultsOf({}, invalidField('flight_id', 'flight_id: no such flight'), () => null);
  assert.equal(form.message, 'flight_id: no such flight');
  assert.equal(faultsOf({}, new Refusal('conflict', 'Too late.')).message, 'Too late.');
});

test('every required field that is empty is named, and what the domain said wins', () => {
  const form = withMissing({ values: { a: ' ', b: 'x', c: '' }, errors: { c: 'No.' }, message: null }, [
    'a',
    'b',
    'c',
    'd',
  ]);
  assert.deepEqual(form.errors, { a: 'Please fill this in.', c: 'No.', d: 'Please fill this in.' });
});
