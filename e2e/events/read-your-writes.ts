import assert from 'node:assert/strict';
import { until } from '@banyan/stack/testing/until';
import type { Said, Shop } from './shop.ts';

export type Waits = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

/** How long each kind of request took, to its answer. */
export type ReadYourWrites = {
  readonly rounds: number;
  readonly place: Waits;
  readonly pay: Waits;
  /** Placing and paying, of one round. */
  readonly both: Waits;
  readonly read: Waits;
  /** Writes whose writer gave up waiting, and whose effect was not there when they were answered. */
  readonly late: number;
};

const GOOD_CARD = '4242424242424242';
/** What was answered sooner was not answered because somebody had waited for long enough. */
const GIVEN_UP_MS = 990;
const LATE = { deadlineMs: 60_000 } as const;
/** A machine that does much else holds up a write now and then, not one in ten. */
const LATE_PER_ROUND_MAX = 2 / 50;
/** A relay that nobody wakes looks once a second, so placing and paying wait for that long together, whatever the pace. */
const USUAL_MS_MAX = 750;
/** The same by the pace of a busy machine: a write is the work of several processes, a read of two. */
const USUAL_READS_MAX = 60;

/** Whether effects came as they do, and a write that was read later was an exception. */
export function isPrompt({ rounds, place, pay, both, read, late }: ReadYourWrites): boolean {
  if (late > rounds * LATE_PER_ROUND_MAX) return false;
  if (Math.max(place.p50Ms, pay.p50Ms) >= GIVEN_UP_MS) return false;
  return both.p50Ms < Math.max(USUAL_MS_MAX, USUAL_READS_MAX * read.p50Ms);
}

/**
 * Place, invoice, pay, booking: back to back, by one client. Throws at the first read that does not show a write. A
 * machine may be so busy that a writer gives up waiting; then, and only then, it may be read a little later, and is
 * counted.
 */
export async function readYourWrites(
  shop: Shop,
  { rounds, flights }: { readonly rounds: number; readonly flights: readonly number[] },
): Promise<ReadYourWrites> {
  const place: number[] = [];
  const pay: number[] = [];
  const reads: number[] = [];
  let late = 0;
  const readBack = async <Body>(
    read: () => Promise<Said<Body>>,
    shows: (said: Said<Body>) => boolean,
    tookMs = 0,
  ): Promise<Said<Body>> => {
    const said = await timed(reads, read);
    if (tookMs < GIVEN_UP_MS || shows(said)) return said;
    late += 1;
    return until(async () => {
      const again = await read();
      return shows(again) ? again : undefined;
    }, LATE);
  };
  for (let round = 0; round < rounds; round += 1) {
    const flightId = flights[round % flights.length] ?? 0;
    const booking = await timed(place, () => shop.place({ flightId, fareClass: 'CLASSIC' }));
    const { id } = expect(booking, 201, `round ${round}: place`);
    const placed = await readBack(
      () => shop.invoiceOf(id),
      (said) => said.kind === 'answered' && said.status === 200,
      place.at(-1),
    );
    const invoice = expect(placed, 200, `round ${round}: the invoice of what was placed`);
    assert.equal(invoice.status, 'OPEN');
    const paid = expect(await timed(pay, () => shop.pay(invoice.id, GOOD_CARD)), 200, `round ${round}: pay`);
    assert.equal(paid.result, 'APPROVED');
    const known = await readBack(
      () => shop.booking(id),
      (said) => said.kind === 'answered' && said.body.status === 'CONFIRMED',
      pay.at(-1),
    );
    const after = expect(known, 200, `round ${round}: the booking`);
    assert.equal(after.status, 'CONFIRMED', `round ${round}: a booking that was paid`);
  }
  const both = waitsOf(place.map((ms, round) => ms + (pay[round] ?? 0)));
  return { rounds, place: waitsOf(place), pay: waitsOf(pay), both, read: waitsOf(reads), late };
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
