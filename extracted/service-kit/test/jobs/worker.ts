import { createDatabase } from '../../src/database.ts';
import { silentLogger } from '../../src/logger.ts';
import { jobsOf, pageOf, SHORT_LIVED, serviceOf } from './world.ts';

/** Begins an export that never ends, to be killed in the middle of it. */
const database = createDatabase(String(process.env.DATABASE_URL), {
  schema: 'billing',
  name: 'worker',
  logger: silentLogger,
});
const { methods } = serviceOf({
  async *exportInvoices(_request, { progress }) {
    for (let id = 1; ; id += 1) {
      progress?.(id, 0);
      yield pageOf(id, 'of the one that was killed'.repeat(10_000));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
});
await jobsOf(
  database,
  { redisUrl: String(process.env.REDIS_URL), name: String(process.env.QUEUE) },
  methods,
  SHORT_LIVED,
).start();
