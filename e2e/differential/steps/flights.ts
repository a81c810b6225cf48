import { MISSING, type Step, step } from '../step.ts';

export const flights: readonly Step[] = [
  step('searchFlights', 200, 'GET', { target: '/api/v1/flights?from={from}&to={to}&date={date}' }),
  step('searchFlights', 200, 'GET', {
    target: '/api/v1/flights?from=XXX&from={from}&to={to}&date={date}&per_page=1&page=2',
  }),
  step('searchFlights', 422, 'GET', { target: '/api/v1/flights?to=JFK' }),
  step('searchFlights', 200, 'HEAD', { target: '/api/v1/flights?from={from}&to={to}&date={date}' }),
  step('getFlight', 200, 'GET', { target: '/api/v1/flights/{flight}' }),
  step('getFlight', 200, 'GET', { target: '/api/v1/flights/{flight}', as: 'alice' }),
  step('getFlight', 304, 'GET', { target: '/api/v1/flights/{flight}', headers: () => ['If-None-Match: *'] }),
  step('getFlight', 404, 'GET', { target: `/api/v1/flights/${MISSING}` }),
  step('getFlight', 404, 'GET', { target: '/api/v1/flights/abc%20d' }),
  step(undefined, 404, 'GET', {
    target: '/api/v1/flights/%zz',
    title: 'no operation: a parameter that is no encoding',
  }),
  step('getSeatMap', 200, 'GET', { target: '/api/v1/flights/{flight}/seats', as: 'alice' }),
  step('getSeatMap', 401, 'GET', { target: '/api/v1/flights/{flight}/seats' }),
  step('getSeatMap', 404, 'GET', { target: `/api/v1/flights/${MISSING}/seats`, as: 'alice' }),
  step('streamFlightStatus', 200, 'GET', {
    target: '/api/v1/flights/{flight}/status/stream',
    enough: (body) => body.includes('data: ') && body.endsWith('\n\n'),
  }),
  step('streamFlightStatus', 200, 'HEAD', { target: '/api/v1/flights/{flight}/status/stream' }),
  step('streamFlightStatus', 404, 'GET', { target: `/api/v1/flights/${MISSING}/status/stream` }),
];
