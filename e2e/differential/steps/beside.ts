import { json, type Step, step } from '../step.ts';

export const beside: readonly Step[] = [
  step(undefined, 404, 'GET', { target: '/api/v1/nothing' }),
  step(undefined, 404, 'PUT', { target: '/api/v1/bookings', as: 'alice', body: json({}) }),
  step(undefined, 404, 'PROPFIND', { target: '/api/v1/bookings' }),
  step(undefined, 200, 'GET', { target: '/' }),
  step(undefined, 404, 'GET', { target: '//api/v1/session' }),
  step(undefined, 200, 'GET', {
    target: '/ws/seats?flight_id={flight}',
    title: 'no operation: a WebSocket handshake',
    as: 'alice',
    status: 101,
    headers: () => [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  }),
  step(undefined, 404, 'GET', {
    target: '/ws/nothing',
    title: 'no operation: a WebSocket handshake that is refused',
    headers: () => [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ],
  }),
  step('getSession', 401, 'GET', {
    target: '/api/v1/session',
    title: 'getSession 401: offering h2c',
    headers: () => ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings', 'HTTP2-Settings: AAMAAABk'],
  }),
  step('getSession', 401, 'GET', {
    target: 'http://meridian.example/api/v1/session',
    title: 'getSession 401: an absolute target',
  }),
  step(undefined, 404, 'OPTIONS', { target: '*', title: 'no operation: OPTIONS *' }),
  step('createSession', 422, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 422: Expect: 100-continue',
    headers: () => ['Expect: 100-continue'],
    body: json({}),
  }),
  step('getSession', 401, 'GET', {
    target: '/api/v1/session',
    title: 'getSession 401: Connection: close',
    headers: () => ['Connection: close'],
  }),
];
