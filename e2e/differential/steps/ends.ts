import { type Step, step } from '../step.ts';

export const ends: readonly Step[] = [
  step('cancelBooking', 412, 'DELETE', {
    target: '/api/v1/bookings/{partnerBooking}',
    as: 'partner',
    headers: () => ['If-Match: "1-99"'],
  }),
  step('cancelBooking', 200, 'DELETE', { target: '/api/v1/bookings/{partnerBooking}', as: 'partner' }),
  step('cancelBooking', 409, 'DELETE', { target: '/api/v1/bookings/{partnerBooking}', as: 'partner' }),
  step('cancelBooking', 404, 'DELETE', { target: '/api/v1/bookings/{partnerBooking}', as: 'bob' }),
  step('cancelBooking', 403, 'DELETE', { target: '/api/v1/bookings/{booking}', as: 'accountant' }),
  step('getItinerary', 409, 'GET', {
    target: '/api/v1/bookings/{partnerBooking}/itinerary.ics',
    as: 'partner',
  }),
  step('deleteSession', 204, 'DELETE', { target: '/api/v1/session', as: 'bob' }),
  step('deleteSession', 401, 'DELETE', { target: '/api/v1/session', as: 'bob' }),
];
