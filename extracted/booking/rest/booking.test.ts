import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Booking } from '@banyan/contracts/booking/v1/booking';
import { ServiceNonsense } from '@banyan/gateway/carve-out';
import { toBooking } from './booking.ts';

const money = (units: bigint, nanos = 0) => ({ currencyCode: 'EUR', units, nanos });
const BOOKING: Booking = {
  id: 494n,
  reference: 'KX7Q2M',
  status: 'BOOKING_STATUS_HELD',
  accountId: 9_007_199_254_740_993n,
  flight: {
    id: 17n,
    number: 'MA9001',
    origin: 'LHR',
    destination: 'JFK',
    departsAt: new Date('2026-12-01T10:00:00Z'),
    arrivesAt: new Date('2026-12-01T12:00:00.999Z'),
    originName: 'Heathrow',
    destinationName: 'Kennedy',
  },
  fareClass: 'FARE_CLASS_FLEX',
  passengers: [
    {
      id: 61n,
      title: 'TITLE_DR',
      firstName: 'Ngũgĩ',
      lastName: 'wa Thiong’o',
      seat: '12A',
      infant: false,
      specialAssistance: true,
      frequentFlyerNumber: 'AB123',
    },
    {
      id: 62n,
      title: 'TITLE_UNSPECIFIED',
      firstName: 'B',
      lastName: 'C',
      infant: true,
      specialAssistance: false,
    },
  ],
  contact: { email: 'a@b', phone: '+1' },
  note: 'n',
  price: { base: money(99_999_999_999n, 990_000_000), tax: money(0n, 10_000_000), total: money(100n) },
  invoiceNumber: 'INV-00000000494',
  holdExpiresAt: new Date('2026-11-22T12:30:00Z'),
  createdAt: new Date('2026-11-22T12:00:00Z'),
  updatedAt: new Date('2026-11-22T12:00:01Z'),
  version: 7,
};

describe('a booking as the contract writes it', () => {
  it('every field, in order, integers exact', () => {
    assert.equal(
      JSON.stringify(toBooking(BOOKING)),
      '{"id":494,"reference":"KX7Q2M","status":"HELD","account_id":9007199254740993,' +
        '"flight":{"id":17,"number":"MA9001","from":"LHR","to":"JFK","departs_at":"2026-12-01 10:00:00",' +
        '"arrives_at":"2026-12-01 12:00:00"},"fare_class":"FLEX","passengers":[{"id":61,"title":"DR",' +
        '"first_name":"Ngũgĩ","last_name":"wa Thiong’o","seat":"12A","infant":"N","special_assistance":"Y",' +
        '"frequent_flyer_no":"AB123"},{"id":62,"title":null,"first_name":"B","last_name":"C","seat":null,' +
        '"infant":"Y","special_assistance":"N","frequent_flyer_no":null}],"contact_email":"a@b",' +
        '"contact_phone":"+1","note":"n","base_amount":"99999999999.99","tax_amount":"0.01",' +
        '"total_amount":"100.00","currency":"EUR","invoice_number":"INV-00000000494",' +
        '"hold_expires_at":"2026-11-22 12:30:00","created_at":"2026-11-22 12:00:00",' +
        '"updated_at":"2026-11-22 12:00:01","version":7}',
    );
  });

  it('what was not given is null, never absent', () => {
    const bare: Booking = {
      ...BOOKING,
      note: undefined,
      holdExpiresAt: undefined,
      contact: { email: 'a@b' },
    };
    const { note, hold_expires_at, contact_phone } = toBooking(bare);
    assert.deepEqual([note, hold_expires_at, contact_phone], [null, null, null]);
  });

  const nonsense: readonly (readonly [string, Partial<Booking>])[] = [
    ['no flight', { flight: undefined }],
    ['no price', { price: undefined }],
    ['no contact', { contact: undefined }],
    ['no time', { createdAt: undefined }],
    ['no status', { status: 'BOOKING_STATUS_UNSPECIFIED' }],
    ['no fare class', { fareClass: 'FARE_CLASS_UNSPECIFIED' }],
    ['a tenth of a cent', { price: { base: money(1n, 1_000_000), tax: money(0n), total: money(1n) } }],
  ];
  for (const [title, fields] of nonsense) {
    it(`${title}: the service is not believed`, () => {
      assert.throws(() => toBooking({ ...BOOKING, ...fields }), ServiceNonsense);
    });
  }
});
