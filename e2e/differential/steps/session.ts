import { gzipSync } from 'node:zlib';
import { EMAILS, form, json, logIn, NOT_JSON, PLAIN, type Step, step, TOO_LARGE } from '../step.ts';

export const session: readonly Step[] = [
  ...Object.keys(EMAILS).map(logIn),
  step('createSession', 302, 'POST', {
    target: '/api/v1/session',
    body: form('email=alice@example.com&password=meridian&next=/bookings/41'),
  }),
  step('createSession', 403, 'POST', {
    target: '/api/v1/session',
    body: json({ email: 'alice@example.com', password: 'no' }),
  }),
  step('createSession', 422, 'POST', { target: '/api/v1/session', body: json({}) }),
  step('createSession', 415, 'POST', { target: '/api/v1/session', body: PLAIN }),
  step('createSession', 415, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 415: a POST without any body',
  }),
  step('createSession', 413, 'POST', { target: '/api/v1/session', body: TOO_LARGE }),
  step('createSession', 400, 'POST', { target: '/api/v1/session', body: NOT_JSON }),
  step('createSession', 200, 'POST', {
    target: '/API/v1/Session/',
    title: 'createSession 200: other case, trailing slash, chunked',
    body: json({ email: 'bob@example.com', password: 'meridian' }),
    framing: 'chunked',
  }),
  step('createSession', 422, 'POST', {
    target: '/api/v1/session',
    title: 'createSession 422: a gzipped body',
    headers: () => ['Content-Encoding: gzip'],
    body: { type: 'application/json', bytes: gzipSync('{"email":"x"}') },
  }),
  step('getSession', 200, 'GET', { target: '/api/v1/session', as: 'alice' }),
  step('getSession', 200, 'GET', { target: '/api/v1/session', as: 'partner' }),
  step('getSession', 401, 'GET', { target: '/api/v1/session' }),
  step('getSession', 401, 'GET', { target: '/api/v1/session', as: 'nobody-known' }),
  step('getSession', 304, 'GET', {
    target: '/api/v1/session',
    as: 'alice',
    headers: () => ['If-None-Match: *'],
  }),
  step('getSession', 200, 'HEAD', { target: '/api/v1/session', as: 'alice' }),
  step(undefined, 200, 'OPTIONS', { target: '/api/v1/session' }),
  step('deleteSession', 403, 'DELETE', { target: '/api/v1/session', as: 'partner' }),
  step('deleteSession', 401, 'DELETE', { target: '/api/v1/session' }),
];
