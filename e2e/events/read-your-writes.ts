import assert from 'node:assert/strict';
import type { Said, Shop } from './shop.ts';

export type Waits = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

/** How long each kind of write took, from its request to its answer. */
export type ReadYourWrites = { readonly rounds: number; readonly place: Waits; readonly pay: Waits };

const GOOD_CARD = '4242424242424242';

/** Place, invoice, pay, booking: back to back, by one client. Throws at the first read that does not show a write. */
export async function readYourWrites(
  shop: Shop,
  { rounds, flights }: { readonly rounds: number; readonly flights: readonly number[] },
): Promise<ReadYourWrites> {
  const place: number[] = [];
  const pay: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const flightId = flights[round % flights.length] ?? 0;
    const booking = await timed(place, () => shop.place({ flightId, fareClass: 'CLASSIC' }));
    const { id } = expect(booking, 201, `round ${round}: place`);
    const invoice = expect(await shop.invoiceOf(id), 200, `round ${round}: the invoice of what was placed`);
    assert.equal(invoice.status, 'OPEN');
    const paid = expect(await timed(pay, () => shop.pay(invoice.id, GOOD_CARD)), 200, `round ${round}: pay`);
    assert.equal(paid.result, 'APPROVED');
    const after = expect(await shop.booking(id), 200, `round ${round}: the booking`);
    assert.equal(after.status, 'CONFIRMED', `round ${round}: a booking that was paid`);
  }
  return { rounds, place: waitsOf(place), pay: waitsOf(pay) };
}

function expect<Body>(said: Said<Body>, status: number, what: string): Body {
  assert.equal(said.kind, 'answered', what);
  if (said.kind !== 'answered') throw new Error(what);
  assert.equal(said.status, status, `${what}: ${JSON.stringify(said.body)}`);
  return said.body;
}

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const beganAt = performance.now();
  const result = await work();
  times.push(performance.now() - beganAt);
  return result;
}

function waitsOf(times: readonly number[]): Waits {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}
