import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBookingFilter } from './booking-filter.ts';
import { parseExport } from './export.ts';

const page = { page: 3, perPage: 20 };
const filter = (values: Record<string, string>, role = 'agent') =>
  parseBookingFilter((name) => values[name], role, page);

describe('listBookings’ filters', () => {
  it('those that make sense, in documented order', () => {
    const { filters, request } = filter({
      created_to: '2026-12-31',
      created_from: '2026-01-01',
      account_id: '02',
      flight_id: '007',
      status: 'HELD',
    });
    assert.deepEqual(filters, [
      ['status', 'HELD'],
      ['flight_id', '7'],
      ['account_id', '2'],
      ['created_from', '2026-01-01'],
      ['created_to', '2026-12-31'],
    ]);
    assert.deepEqual(request, {
      pageSize: 20,
      pageToken: '',
      skip: 40n,
      status: 'BOOKING_STATUS_HELD',
      flightId: 7n,
      accountId: 2n,
      createdFrom: new Date('2026-01-01T00:00:00Z'),
      createdBefore: new Date('2027-01-01T00:00:00Z'),
    });
  });

  it('those that make none are as good as absent', () => {
    const { filters, request } = filter({ status: 'held', flight_id: '1x', created_from: '2026-02-30' });
    assert.deepEqual(filters, []);
    assert.equal(request.status, 'BOOKING_STATUS_UNSPECIFIED');
  });

  it('an account is for an agent to name', () => {
    assert.deepEqual(filter({ account_id: '2' }, 'customer').filters, []);
  });

  it('the last day there is', () => {
    assert.deepEqual(
      filter({ created_to: '9999-12-31' }).request.createdBefore,
      new Date('9999-12-31T00:00:00Z'),
    );
  });
});

describe('exportBookings’ days', () => {
  it('refuses the first that is none', () => {
    assert.throws(() => parseExport((name) => ({ from: 'x', to: 'y' })[name]), {
      message: 'from must be a day, YYYY-MM-DD',
    });
  });
});
