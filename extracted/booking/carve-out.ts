import type { Booking, BookingServiceClient, Cabin } from '@banyan/contracts/booking/v1/booking';
import {
  type Answer,
  defineCarveOut,
  expressJson,
  type HeaderLine,
  type ResponseBody,
  required,
  type ServiceCalls,
  type TranslationRequest,
} from '@banyan/gateway/carve-out';
import type { operations } from '@banyan/openapi/generated/legacy';
import { readFields } from '@meridian/habits/body';
import { csvAnswer } from '@meridian/habits/csv';
import { idempotencyKeyOf, replayedLines } from '@meridian/habits/idempotency-key';
import { pageAnswer, parsePage } from '@meridian/habits/paging';
import { parseId, queryOf } from '@meridian/habits/query';
import { failureAnswer, requireRole } from '@meridian/habits/refusal';
import { bookingDataPlan } from './data-plan.ts';
import { toBooking } from './rest/booking.ts';
import { readBookingChange } from './rest/booking-change.ts';
import { parseBookingFilter } from './rest/booking-filter.ts';
import { bookOnce, formIdOf, formKey } from './rest/booking-form.ts';
import { bookingTag, expectedVersion } from './rest/booking-version.ts';
import { EXPORT_COLUMNS, parseExport, rowsOf, toRow } from './rest/export.ts';
import { MESSAGE_BYTES_MAX, sendFlightMessage } from './rest/flight-message.ts';
import { itineraryAnswer } from './rest/itinerary.ts';
import { readNewBooking } from './rest/new-booking.ts';
import { inBookingsWords, noSuchBooking } from './rest/refusals.ts';

const WRITERS = ['customer', 'agent', 'partner'] as const;

/** Where a booking, or a refusal, has a value of a closed set: a difference in it may be shown as it is. */
const CLOSED_SETS = ['status', 'fare_class', 'currency', 'code'];
const SHOWN_OF_ONE = { show: CLOSED_SETS.map((place) => `$.${place}`) };
const SHOWN_OF_LIST = { show: [...CLOSED_SETS.map((place) => `$[*].${place}`), '$.status', '$.code'] };

/** The seven operations of booking. Checks come in the contract's order: role, resource, body, meaning. */
export const carveOut = defineCarveOut<operations>()<BookingServiceClient>({
  name: 'booking',
  aggregate: 'booking',
  client: async () => (await import('@banyan/contracts/booking/v1/booking')).BookingServiceClient,
  targetVariable: 'BOOKING_TARGET',
  deadlineMs: 15_000,
  dataPlan: bookingDataPlan,
  failure: (kind) => failureAnswer('bookings', kind),
  operations: {
    createBooking: {
      kind: 'write',
      handle: (request, service, context) =>
        inBookingsWords(async () => {
          const { identity } = context;
          requireRole(identity, ...WRITERS);
          const idempotencyKey = idempotencyKeyOf(request);
          const body = await readFields(request);
          const formId = formIdOf(request);
          const cabinOf = async (flightId: bigint): Promise<Cabin> =>
            required((await service.getCabin({ flightId })).cabin, 'cabin');
          const wanted = await readNewBooking(body, identity.role === 'agent', cabinOf);
          const made =
            formId === undefined || idempotencyKey !== undefined
              ? await service.createBooking({ ...wanted, idempotencyKey })
              : await bookOnce(service, wanted, formKey(formId, identity, wanted.flightId), context);
          const booking = required(made.booking, 'booking');
          const location: HeaderLine = ['Location', `/api/v1/bookings/${booking.id}`];
          return bookingAnswer(request, booking, 201, [location, ...replayedLines(made)]);
        }),
    },

    listBookings: {
      kind: 'read',
      compare: SHOWN_OF_LIST,
      handle: (request, service, { identity }) =>
        inBookingsWords(async () => {
          requireRole(identity, ...WRITERS);
          const query = queryOf(request);
          const page = parsePage(query);
          const filter = parseBookingFilter(query, identity.role, page);
          const { bookings, totalSize } = await service.listBookings(filter.request);
          return pageAnswer(request, {
            path: '/api/v1/bookings',
            filters: filter.filters,
            page,
            total: Number(totalSize),
            rows: bookings.map(toBooking),
          });
        }),
    },

    getBooking: {
      kind: 'read',
      compare: SHOWN_OF_ONE,
      handle: (request, service) =>
        inBookingsWords(async () => bookingAnswer(request, (await visible(request, service)).booking)),
    },

    updateBooking: {
      kind: 'write',
      handle: (request, service, { identity }) =>
        inBookingsWords(async () => {
          requireRole(identity, ...WRITERS);
          const { booking: seen, cabin } = await visible(request, service);
          const idempotencyKey = idempotencyKeyOf(request);
          const body = await readFields(request);
          const isKeyed = idempotencyKey !== undefined;
          const change = readBookingChange(body, seen.passengers, required(cabin, 'cabin'), isKeyed);
          const updated = await service.updateBooking({
            bookingId: seen.id,
            expectedVersion: expectedVersion(request, seen),
            idempotencyKey,
            ...change,
          });
          return bookingAnswer(request, required(updated.booking, 'booking'), 200, replayedLines(updated));
        }, 'cannot be changed'),
    },

    cancelBooking: {
      kind: 'write',
      handle: (request, service, { identity }) =>
        inBookingsWords(async () => {
          requireRole(identity, ...WRITERS);
          const { booking: seen } = await visible(request, service);
          const { replayed } = await service.cancelBooking({
            bookingId: seen.id,
            expectedVersion: expectedVersion(request, seen),
            idempotencyKey: idempotencyKeyOf(request),
          });
          const cancelled: ResponseBody<operations, 'cancelBooking', 200> = { status: 'CANCELLED' };
          return expressJson(request, 200, JSON.stringify(cancelled), replayedLines({ replayed }));
        }),
    },

    getItinerary: {
      kind: 'read',
      job: 'getItinerary',
      handle: (request, service, { identity }) =>
        inBookingsWords(async () => {
          requireRole(identity, ...WRITERS);
          const bookingId = bookingIdOf(request.params.id);
          return itineraryAnswer(request, await service.getItinerary({ bookingId }));
        }, 'has no itinerary'),
    },

    exportBookings: {
      kind: 'read',
      job: 'exportBookings',
      handle: (request, service, { identity }) =>
        inBookingsWords(async () => {
          requireRole(identity, 'agent', 'partner');
          const wanted = parseExport(queryOf(request));
          return csvAnswer(request, {
            fileName: 'bookings.csv',
            columns: EXPORT_COLUMNS,
            rows: () => rowsOf(service.exportBookings(wanted)),
            toRow,
          });
        }),
    },
  },
  bff: {
    sendFlightMessage: {
      method: 'POST',
      path: '/bff/flights/{id}/messages',
      job: 'notifyPassengers',
      bodyBytesMax: MESSAGE_BYTES_MAX,
      handle: sendFlightMessage,
    },
  },
});

/** The booking of the path's id, if the caller may see it; a foreign one is as absent as none. */
async function visible(
  request: Pick<TranslationRequest<'id'>, 'params'>,
  service: Pick<ServiceCalls<BookingServiceClient>, 'getBooking'>,
): Promise<{ booking: Booking; cabin: Cabin | undefined }> {
  const { booking, cabin } = await service.getBooking({ bookingId: bookingIdOf(request.params.id) });
  return { booking: required(booking, 'booking'), cabin };
}

function bookingIdOf(text: string): bigint {
  const id = parseId(text);
  if (id === null) throw noSuchBooking();
  return id;
}

function bookingAnswer(
  request: Pick<TranslationRequest, 'method' | 'headers'>,
  booking: Booking,
  status = 200,
  lines: readonly HeaderLine[] = [],
): Answer {
  const text = JSON.stringify(toBooking(booking));
  return expressJson(request, status, text, [...lines, ['ETag', bookingTag(booking)]]);
}
