import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import type { ApiRequest, Caller, OperationId } from '../api.ts';
import { ANONYMOUS } from '../api.ts';
import { CARDS, card, NO_SUCH_ID, newBooking, newFlight, newInvoice, PASSENGER, pay } from '../fixtures.ts';
import type { World } from '../world.ts';
import { multipart } from './profile.ts';

/** A request that breaks rules one by one; each breach touches a part of its own, so that breaches combine. */
type Draft = {
  as: Caller;
  id?: number;
  query?: string;
  headers: Record<string, string>;
  fields: object;
  isText: boolean;
  isLarge: boolean;
  isMalformed: boolean;
};

type Breach = {
  status: number;
  what: string;
  /** Breaches of the same part exclude each other. */
  part: 'caller' | 'id' | 'type' | 'size' | 'syntax' | 'fields' | 'headers';
  apply(draft: Draft): void;
};

type Case = { draft: () => Draft; breaches: Breach[]; isUpload?: boolean };

export function orderOfChecksSuite(world: () => World): void {
  let cases: Record<string, Case>;

  before(async () => {
    const { callers } = world();
    const { alice, bob, agent, accountant, partner } = callers;
    const flight = await newFlight(world());
    const mine = await newInvoice(world(), alice, flight);
    const foreign = await newInvoice(world(), bob, flight);
    const paid = await newInvoice(world(), alice, flight);
    const { payment } = await pay(world(), alice, paid);
    const declined = await pay(world(), alice, mine, CARDS.declined);
    const cancelled = await newBooking(world(), alice, flight);
    await world().api.expect('cancelBooking', 200, { as: alice, path: { id: cancelled.id } });
    const taken = await newBooking(world(), bob, flight, { passengers: [{ ...PASSENGER, seat: '9A' }] });

    const draft =
      (as: Caller, more: Partial<Draft> = {}) =>
      (): Draft => ({
        as,
        headers: {},
        fields: {},
        isText: false,
        isLarge: false,
        isMalformed: false,
        ...more,
      });
    const nobody: Breach = at(401, 'caller', 'nobody', (each) => {
      each.as = ANONYMOUS;
    });
    const role = (as: Caller): Breach =>
      at(403, 'caller', 'the wrong role', (each) => {
        each.as = as;
      });
    const none: Breach = at(404, 'id', 'no such id', (each) => {
      each.id = NO_SUCH_ID;
    });
    const id = (status: number, value: number, what: string): Breach =>
      at(status, 'id', what, (each) => {
        each.id = value;
      });
    const body: Breach[] = [
      at(415, 'type', 'plain text', (each) => {
        each.isText = true;
      }),
      at(413, 'size', 'too large', (each) => {
        each.isLarge = true;
      }),
      at(400, 'syntax', 'malformed', (each) => {
        each.isMalformed = true;
      }),
    ];
    const fields = (status: number, values: object, what: string): Breach =>
      at(status, 'fields', what, (each) => {
        each.fields = values;
      });
    const ifMatch: Breach = at(412, 'headers', 'a stale tag', (each) => {
      each.headers['If-Match'] = '"0-0"';
    });
    const badDates: Breach = at(422, 'fields', 'bad dates', (each) => {
      each.query = 'from=x&issued_from=x';
    });

    const mineBooking = mine.booking_id;
    const newBookingFields = { flight_id: flight, passengers: [PASSENGER], contact_email: 'a@example.com' };
    const seatTaken = { ...newBookingFields, passengers: [{ ...PASSENGER, seat: '9A' }] };
    assert.equal(taken.passengers[0]?.seat, '9A');

    cases = {
      createSession: {
        draft: draft(ANONYMOUS, { fields: { email: 'alice@example.com', password: 'meridian' } }),
        breaches: [
          ...body,
          fields(422, { email: 'alice@example.com' }, 'no password'),
          fields(403, { email: 'alice@example.com', password: 'wrong' }, 'a wrong password'),
        ],
      },
      getSession: { draft: draft(alice), breaches: [nobody] },
      deleteSession: { draft: draft(alice), breaches: [nobody, role(partner)] },
      getSeatMap: { draft: draft(alice, { id: flight }), breaches: [nobody, none] },
      createBooking: {
        draft: draft(alice, { fields: newBookingFields }),
        breaches: [
          nobody,
          role(accountant),
          ...body,
          fields(422, { ...seatTaken, note: 'x'.repeat(501) }, 'a long note'),
          fields(409, seatTaken, 'a taken seat'),
        ],
      },
      listBookings: { draft: draft(alice), breaches: [nobody, role(accountant)] },
      getBooking: {
        draft: draft(alice, { id: mineBooking }),
        breaches: [nobody, none, id(404, foreign.booking_id, 'a foreign one')],
      },
      updateBooking: {
        draft: draft(alice, { id: mineBooking, fields: { note: 'x' } }),
        breaches: [
          nobody,
          role(accountant),
          none,
          ...body,
          fields(422, { note: 'x'.repeat(501) }, 'a long note'),
          ifMatch,
          id(409, cancelled.id, 'a cancelled one'),
        ],
      },
      cancelBooking: {
        draft: draft(alice, { id: mineBooking }),
        breaches: [nobody, role(accountant), none, ifMatch, id(409, cancelled.id, 'a cancelled one')],
      },
      getItinerary: {
        draft: draft(alice, { id: mineBooking }),
        breaches: [nobody, role(accountant), none, id(409, cancelled.id, 'a cancelled one')],
      },
      exportBookings: { draft: draft(agent), breaches: [nobody, role(accountant), badDates] },
      listInvoices: { draft: draft(alice), breaches: [nobody, role(agent), badDates] },
      getInvoice: {
        draft: draft(alice, { id: mine.id }),
        breaches: [nobody, none, id(403, foreign.id, 'a foreign one')],
      },
      getBookingInvoice: {
        draft: draft(alice, { id: mineBooking }),
        breaches: [nobody, none, id(403, foreign.booking_id, 'a foreign one')],
      },
      getInvoicePdf: {
        draft: draft(alice, { id: mine.id }),
        breaches: [
          nobody,
          none,
          id(403, foreign.id, 'a foreign one'),
          at(416, 'headers', 'a bad range', (each) => {
            each.headers.Range = 'bytes=99999999-';
          }),
        ],
      },
      payInvoice: {
        draft: draft(alice, { id: mine.id, fields: card(CARDS.declined) }),
        breaches: [
          nobody,
          role(accountant),
          none,
          id(403, foreign.id, 'a foreign one'),
          ...body,
          fields(422, {}, 'no card'),
          id(409, paid.id, 'a paid one'),
          fields(503, card(CARDS.failing), 'a failing acquirer'),
        ],
      },
      refundPayment: {
        draft: draft(accountant, { id: payment.id, fields: { amount: '0.01', reason: 'x' } }),
        breaches: [
          nobody,
          role(alice),
          none,
          ...body,
          fields(422, { amount: '0.01' }, 'no reason'),
          id(409, declined.payment.id, 'a declined one'),
        ],
      },
      exportInvoices: { draft: draft(accountant), breaches: [nobody, role(alice), badDates] },
      createStatement: {
        draft: draft(alice, { fields: { month: '2026-10' } }),
        breaches: [nobody, role(agent), ...body, fields(422, {}, 'no month')],
      },
      getProfile: { draft: draft(alice), breaches: [nobody] },
      updateProfile: {
        draft: draft(alice, { fields: { newsletter: 'Y' } }),
        breaches: [nobody, role(partner), ...body, fields(422, { name: '' }, 'no name')],
      },
      uploadPhoto: {
        draft: draft(alice),
        isUpload: true,
        breaches: [nobody, role(partner), ...body],
      },
    };
  });

  it('has a case for every check of every operation', () => {
    for (const { id, checks } of world().contract.operations.values()) {
      const documented = new Set(checks);
      const single = documented.size <= 1 && !(id in cases);
      // A file under another name is no photo, so its size and kind are not looked at.
      const upload = id === 'uploadPhoto' ? [422] : [];
      // The acquirer decides by the card that was paid with, not by what the refund says.
      const refund = id === 'refundPayment' ? [503] : [];
      const broken = new Set([
        ...(cases[id]?.breaches ?? []).map(({ status }) => status),
        ...upload,
        ...refund,
      ]);
      if (!single) assert.deepEqual([...broken].toSorted(), [...documented].toSorted(), id);
    }
  });

  it('gives a request that breaks two rules the answer of the earlier one', async () => {
    const wrong: string[] = [];
    let pairs = 0;
    for (const [operation, { draft, breaches, isUpload = false }] of Object.entries(cases)) {
      for (const [index, earlier] of breaches.entries()) {
        for (const later of [earlier, ...breaches.slice(index + 1)]) {
          if (later !== earlier && later.part === earlier.part) continue;
          const request = draft();
          later.apply(request);
          earlier.apply(request);
          const { status } = await world().api.send(operation as OperationId, render(request, isUpload));
          pairs += 1;
          if (status === earlier.status) continue;
          wrong.push(`${operation}: ${earlier.what} with ${later.what} is ${status}, not ${earlier.status}`);
        }
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(pairs > 150, `only ${pairs} pairs were tried`);
  });
}

function at(status: number, part: Breach['part'], what: string, apply: Breach['apply']): Breach {
  return { status, part, what, apply };
}

function render(
  { as, id, query, headers, fields, isText, isLarge, isMalformed }: Draft,
  isUpload: boolean,
): ApiRequest {
  const pad = 'x'.repeat(isLarge ? (isUpload ? 2_200_000 : 1_048_577) : 0);
  const json = JSON.stringify({ ...fields, pad });
  const upload = multipart({ content: Buffer.from(`\x89PNG\r\n\x1a\n${pad}`, 'latin1') });
  const whole = isUpload ? upload : { type: 'application/json', bytes: json };
  const body = { ...whole, bytes: isMalformed ? whole.bytes.slice(0, -20) : whole.bytes };
  return {
    as,
    headers,
    body: isText ? { ...body, type: 'text/plain' } : body,
    ...(id === undefined ? {} : { path: { id } }),
    ...(query === undefined ? {} : { query }),
  } as ApiRequest;
}
