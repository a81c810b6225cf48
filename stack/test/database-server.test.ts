import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import { TEST_POSTGRES_VARIABLE } from '@banyan/stack/testing/database';
import { ensureDatabaseOf, urlAs, withClient } from '../src/setup/database-server.ts';

const adminUrl = process.env[TEST_POSTGRES_VARIABLE] ?? '';
const role = `shared_${randomUUID().slice(0, 8)}`;
const databases = Array.from({ length: 6 }, (_, index) => `${role}_${index}`);
const urlOf = (database: string, password = 'a secret') => urlAs(adminUrl, { role, password, database });

after(() =>
  withClient(adminUrl, async (client) => {
    for (const database of databases) await client.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
    await client.query(`DROP ROLE IF EXISTS ${role}`);
  }),
);

const passwordOf = () =>
  withClient(adminUrl, async (client) => {
    const { rows } = await client.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [role]);
    return (rows[0] as { rolpassword: string | null }).rolpassword;
  });

test('databases that share a role are made at once, and a role that may enter keeps its password', async () => {
  const [last = '', ...atOnce] = databases;
  await Promise.all(atOnce.map((database) => ensureDatabaseOf(urlOf(database), adminUrl)));
  const password = await passwordOf();
  assert.match(password ?? '', /^SCRAM-SHA-256/);
  // This server asks nobody for a password.
  await ensureDatabaseOf(urlOf(last, 'another'), adminUrl);
  assert.equal(await passwordOf(), password);
  for (const database of databases) await withClient(urlOf(database), (client) => client.query('SELECT 1'));
});
