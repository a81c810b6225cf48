import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { bookingChangesSuite } from './suites/booking-changes.ts';
import { bookingReadsSuite } from './suites/booking-reads.ts';
import { faultsSuite } from './suites/faults.ts';
import { flightsSuite } from './suites/flights.ts';
import { habitsSuite } from './suites/habits.ts';
import { invoicesSuite } from './suites/invoices.ts';
import { newBookingSuite } from './suites/new-booking.ts';
import { orderOfChecksSuite } from './suites/order-of-checks.ts';
import { beginUnanswered, paymentsSuite, type Unanswered } from './suites/payments.ts';
import { profileSuite } from './suites/profile.ts';
import { rolesSuite } from './suites/roles.ts';
import { sessionSuite } from './suites/session.ts';
import { startWorld, type World } from './world.ts';

/**
 * One process for all suites: at the end every documented answer of every operation must have been seen.
 * Whatever a suite sends, `world.api` holds the answer to the contract.
 */
describe("Meridian's monolith holds its contract", { timeout: 900_000 }, () => {
  let started: World | undefined;
  let unanswered: Unanswered | undefined;
  const world = (): World => {
    assert.ok(started, 'the world has not started');
    return started;
  };
  before(async () => {
    started = await startWorld();
    unanswered = await beginUnanswered(started);
  });
  after(() => started?.stop());

  describe('session', () => sessionSuite(world));
  describe('flights', () => flightsSuite(world));
  describe('new bookings', () => newBookingSuite(world));
  describe('reading bookings', () => bookingReadsSuite(world));
  describe('changing bookings', () => bookingChangesSuite(world));
  describe('invoices', () => invoicesSuite(world));
  describe('profile', () => profileSuite(world));
  describe('roles', () => rolesSuite(world));
  describe('order of checks', () => orderOfChecksSuite(world));
  describe('habits', () => habitsSuite(world));
  describe('payments', () =>
    paymentsSuite(world, () => {
      assert.ok(unanswered, 'nothing was begun');
      return unanswered;
    }));
  describe('faults', () => faultsSuite(world));

  it('has given every documented answer of every operation', () => {
    const { contract, api } = world();
    const documented = [...contract.operations.values()].flatMap(({ id, responses }) =>
      [...responses.keys()].map((status) => `${id} ${status}`),
    );
    assert.deepEqual(
      documented.filter((answer) => !api.observed.has(answer)),
      [],
    );
  });
});
