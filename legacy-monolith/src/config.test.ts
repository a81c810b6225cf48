import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, parseMonolithConfig } from './config.ts';

const GOOD = {
  MONOLITH_DATABASE_URL: 'postgres://u:p@db/meridian',
  MERIDIAN_SESSION_SECRET: '0123456789abcdef',
};

test('what is not given has its default, and the value is frozen', () => {
  const config = parseMonolithConfig(GOOD);
  assert.deepEqual([config.port, config.host, config.cleanupIntervalMs], [3000, '127.0.0.1', 86_400_000]);
  assert.ok(Object.isFrozen(config));
});

test('all faults are told at once, secrets masked', () => {
  const env = {
    MONOLITH_PORT: '70000',
    MONOLITH_DATABASE_URL: 'mysql://u:topsecret@db/x',
    MERIDIAN_SESSION_SECRET: 'tooshort',
    MERIDIAN_WORKER_INTERVAL_MS: '2s',
    MERIDIAN_CLEANUP_INTERVALL_MS: '1000',
    MERIDIAN_LOG_LEVEL: 'loud',
    SMTP_URL: 'nonsense',
  };
  assert.throws(
    () => parseMonolithConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.faults.length, 7);
      for (const name of Object.keys(env)) assert.ok(error.message.includes(name), name);
      assert.doesNotMatch(error.message, /topsecret|tooshort/);
      return true;
    },
  );
});

test('nothing of the seams is set by itself, and what is set needs the token that services share', () => {
  const alone = { port: null, token: null, bookingTarget: null, billingTarget: null, apiUrl: null };
  assert.deepEqual(parseMonolithConfig(GOOD).seams, alone);
  const env = { ...GOOD, MONOLITH_SEAM_PORT: '0', BOOKING_TARGET: '[::1]:50052', BILLING_TARGET: 'billing' };
  assert.throws(
    () => parseMonolithConfig({ ...env, MONOLITH_SEAM_TOKEN: 'topsecret' }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.faults.length, 2);
      assert.match(error.message, /BILLING_TARGET must be host:port/);
      assert.match(error.message, /MONOLITH_SEAM_TOKEN must have at least 16 characters, got 9/);
      assert.doesNotMatch(error.message, /topsecret/);
      return true;
    },
  );
});

test('queues are where their Redis is named, with names that can be given', () => {
  assert.equal(parseMonolithConfig({ ...GOOD, QUEUE_PREFIX: 'unused' }).queues, null);
  const env = { ...GOOD, QUEUE_REDIS_URL: 'redis://:topsecret@queues:6379' };
  const { queues } = parseMonolithConfig({ ...env, BOOKING_EVENTS_QUEUE: 'bookings-inbox' });
  const events = { billing: 'billing-events', booking: 'bookings-inbox' };
  assert.deepEqual(queues, { redisUrl: env.QUEUE_REDIS_URL, prefix: 'banyan', events });
  assert.throws(
    () => parseMonolithConfig({ ...env, QUEUE_REDIS_URL: 'http://u:topsecret@queues', QUEUE_PREFIX: 'a:b' }),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.faults.length, 2);
      assert.doesNotMatch(error.message, /topsecret/);
      return true;
    },
  );
});
