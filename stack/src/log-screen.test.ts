import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScreen } from '../bootstrap/screen.mjs';
import { createLogScreen } from './log-screen.ts';

function shown(name: string, ...lines: readonly string[]): string[] {
  const texts: string[] = [];
  const show = createLogScreen({
    ...createScreen(),
    line: (text = '') => texts.push(text),
    paint: (_, text) => text,
  });
  for (const line of lines) show(name, line);
  return texts;
}

test('a notable line says what happened and why', () => {
  const request = { level: 'warn', method: 'GET', operation: 'listBookings', status: 502, msg: 'request' };
  assert.deepEqual(
    shown(
      'gateway',
      JSON.stringify({ ...request, cause: 'connect ECONNREFUSED 127.0.0.1:3000' }),
      JSON.stringify({ level: 'warn', service: 'billing', breaker: 'open', msg: 'breaker' }),
      JSON.stringify({ level: 'warn', store: 'redis', state: 'away', reason: 'ECONNREFUSED', msg: 'store' }),
      JSON.stringify({ level: 50, msg: 'a page failed', err: { message: 'no database' } }),
      JSON.stringify({ level: 50, msg: 'no database', err: { message: 'no database' } }),
    ),
    [
      'gateway   request GET listBookings 502: connect ECONNREFUSED 127.0.0.1:3000',
      'gateway   breaker billing open',
      'gateway   store away: ECONNREFUSED',
      'gateway   a page failed: no database',
      'gateway   no database',
    ],
  );
});

test('nobody is named twice', () => {
  const away = { level: 'warn', msg: 'Redis is away', err: { message: 'ECONNREFUSED' } };
  const lines = (name: string, service: string) => shown(name, JSON.stringify({ ...away, service }));
  assert.deepEqual(lines('billing', 'billing'), ['billing   Redis is away: ECONNREFUSED']);
  assert.deepEqual(lines('relay-billing', 'relay'), ['relay-billing Redis is away: ECONNREFUSED']);
  assert.deepEqual(lines('gateway', 'billing'), ['gateway   Redis is away billing: ECONNREFUSED']);
});

test('what is routine stays in the log file, a stack trace does not', () => {
  assert.deepEqual(shown('monolith', '{"level":"info","msg":"request"}', '{"level":30,"msg":"request"}'), []);
  assert.deepEqual(shown('monolith', 'Error: boom'), ['monolith  Error: boom']);
  assert.deepEqual(shown('redis', 'Ready to accept connections', 'Fatal error'), ['redis     Fatal error']);
});

test('a warning of one that misses another while all start is not shown, an error is', () => {
  const texts: string[] = [];
  let isStarting = true;
  const show = createLogScreen(
    { ...createScreen(), line: (text = '') => texts.push(text), paint: (_, text) => text },
    () => isStarting,
  );
  show('booking', '{"level":"warn","msg":"the monolith is away"}');
  show('gateway', '{"level":"warn","msg":"a variable has no effect"}');
  show('booking', '{"level":"error","msg":"no keys"}');
  isStarting = false;
  show('booking', '{"level":"warn","msg":"the monolith is away"}');
  assert.deepEqual(texts, [
    'gateway   a variable has no effect',
    'booking   no keys',
    'booking   the monolith is away',
  ]);
});
