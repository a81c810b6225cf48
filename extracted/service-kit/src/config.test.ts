import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, optional, readServiceConfig, serviceFields, target, url } from './config.ts';

const RIGHT = {
  BILLING_DATABASE_URL: 'postgres://billing@127.0.0.1/billing',
  BANYAN_IDENTITY_KEYS: `a:${Buffer.alloc(32, 1).toString('base64url')}`,
  SERVICE_TOKEN: 'long-enough-a-token',
};
const fields = {
  ...serviceFields({ prefix: 'BILLING', port: 50_051 }),
  bookingTarget: target('BOOKING_TARGET', { fallback: 'dns:///127.0.0.1:50052' }),
  smtpUrl: optional(url('SMTP_URL', { protocols: ['smtp:'] })),
};

test('what is not set has its default, and what is optional is null', () => {
  const config = readServiceConfig({ ...RIGHT, LOG_LEVEL: '' }, fields);
  assert.deepEqual(config, {
    host: '127.0.0.1',
    port: 50_051,
    databaseUrl: RIGHT.BILLING_DATABASE_URL,
    sharedDatabaseUrl: null,
    identityKeys: RIGHT.BANYAN_IDENTITY_KEYS,
    serviceToken: RIGHT.SERVICE_TOKEN,
    drainTimeoutMs: 30_000,
    logLevel: 'info',
    metricsPort: null,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 5_000,
    poolMax: 10,
    messageBytesMax: 4_194_304,
    bookingTarget: 'dns:///127.0.0.1:50052',
    smtpUrl: null,
  });
  assert.ok(Object.isFrozen(config));
});

test('all faults are named at once, and no secret is shown', () => {
  const secret = Buffer.alloc(8, 2).toString('base64url');
  const env = {
    BILLING_PORT: '70000',
    BILLING_DATABASE_URL: 'mysql://me:hush@host/db',
    BANYAN_IDENTITY_KEYS: `a:${secret}`,
    SERVICE_TOKEN: 'tiny-hush',
    LOG_LEVEL: 'loud',
    BOOKING_TARGET: 'http://booking:50052',
    SMTP_URL: 'nowhere',
  };
  assert.throws(
    () => readServiceConfig(env, fields),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(new Set(error.faults.map((fault) => fault.split(' ')[0])), new Set(Object.keys(env)));
      assert.doesNotMatch(error.message, new RegExp(`hush|${secret}`));
      return true;
    },
  );
});
