import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../config.ts';
import { parsePrepareConfig } from './config.ts';

const NOON = new Date('2026-11-22T12:00:00Z');
const URL_OF_DB = 'postgres://u:p@db/meridian';

test('a database alone is prepared with everything, as of today', () => {
  const config = parsePrepareConfig({ MONOLITH_DATABASE_URL: URL_OF_DB, SEED_DATE: '' }, NOON);
  assert.deepEqual(config, { databaseUrl: URL_OF_DB, seedDate: '2026-11-22', seedScale: 'full' });
  assert.ok(Object.isFrozen(config));
});

test('all faults are told at once, the password not among them', () => {
  const env = {
    MONOLITH_DATABASE_URL: 'mysql://u:topsecret@db/x',
    SEED_DATE: '2026-02-30',
    SEED_SCALE: 'huge',
  };
  assert.throws(
    () => parsePrepareConfig(env, NOON),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.faults.length, 3);
      for (const name of Object.keys(env)) assert.ok(error.message.includes(name), name);
      assert.doesNotMatch(error.message, /topsecret/);
      return true;
    },
  );
});
