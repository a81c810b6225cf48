import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import type { RunningGateway } from '../support/with-gateway.ts';
import { COOKIE, withFlights } from './support/with-flights.ts';

/** More than a probe may take. */
const DEADLINE_MS = 3_000;
const FAILURES_TO_OPEN = 5;
const SOON = { deadlineMs: 60_000 };

const get = async (running: RunningGateway, path: string): Promise<number> => {
  const response = await fetch(running.url + path, { headers: { Cookie: COOKIE } });
  await response.arrayBuffer();
  return response.status;
};

const statesOf = async (running: RunningGateway): Promise<unknown[]> =>
  (await running.logLines()).filter(({ msg }) => msg === 'breaker').map(({ breaker }) => breaker);

it('a service that is frozen costs nobody the deadline once its breaker has opened, and serves on when it thaws', async () => {
  const service = await startServer({
    args: ['gateway/test/translate/support/test-service-main.ts'],
    env: {},
  });
  try {
    await withFlights(
      { target: String(service.listening.target), deadlineMs: DEADLINE_MS },
      async (running) => {
        await until(async () => (await get(running, '/flights/4')) === 200, SOON);
        service.signal('SIGSTOP');
        const first = Array.from({ length: FAILURES_TO_OPEN }, () => get(running, '/flights/4'));
        assert.deepEqual(new Set(await Promise.all(first)), new Set([504]));
        assert.deepEqual(await statesOf(running), ['open']);

        // Who waited for the service would be told that it was late.
        const afterwards = new Set<number>();
        await until(async () => {
          for (const path of ['/flights/4', '/flights.csv']) afterwards.add(await get(running, path));
          return (await statesOf(running)).filter((state) => state === 'half-open').length >= 2;
        }, SOON);
        assert.deepEqual([...afterwards], [503]);

        service.signal('SIGCONT');
        await until(async () => (await get(running, '/flights/4')) === 200, SOON);
        await until(async () => {
          await get(running, '/flights.csv');
          return (await statesOf(running)).at(-1) === 'closed';
        }, SOON);
      },
    );
  } finally {
    service.signal('SIGCONT');
    await service.stop();
  }
});
