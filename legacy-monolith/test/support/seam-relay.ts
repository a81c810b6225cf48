import { randomBytes } from 'node:crypto';
import { startServer, type TestProcess } from '@banyan/stack/testing/processes';
import pg from 'pg';

/** All that a relay may do in the monolith's database. */
const RIGHTS = 'SELECT, UPDATE, DELETE ON seam_outbox';

/** The relay of a monolith's outbox, as a process under a role of its own. */
export async function startSeamRelay(
  databaseUrl: string,
  redisUrl: string,
  { source, prefix }: { source: string; prefix: string },
): Promise<TestProcess> {
  const role = `banyan_test_relay_${randomBytes(5).toString('hex')}`;
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${role}'`);
  const release = async (): Promise<void> => {
    await client.query(`DROP OWNED BY ${role}`);
    await client.query(`DROP ROLE ${role}`);
    await client.end();
  };
  try {
    await client.query(`GRANT ${RIGHTS} TO ${role}`);
    const url = new URL(databaseUrl);
    url.username = role;
    url.password = role;
    const relay = await startServer({
      args: ['extracted/service-kit/src/relay/main.ts'],
      env: {
        RELAY_DATABASE_URL: url.href,
        RELAY_SCHEMA: 'public',
        RELAY_TABLE: 'seam_outbox',
        RELAY_SOURCE: source,
        RELAY_ROUTES:
          'billing-events:bookingPlaced,bookingChanged,bookingCancelled,holdExpired;booking-events',
        RELAY_RESEND_AFTER_MS: '2000',
        QUEUE_REDIS_URL: redisUrl,
        QUEUE_PREFIX: prefix,
      },
    });
    return {
      ...relay,
      async stop() {
        await relay.stop();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}
