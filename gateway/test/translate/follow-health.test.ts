import { it } from 'node:test';
import { startServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { CHANNEL_OPTIONS } from '../../src/channels/channel-options.ts';
import { followHealth } from '../../src/channels/follow-health.ts';
import { createServiceChannel } from '../../src/channels/service-channel.ts';
import { COOKIE, withFlights } from './support/with-flights.ts';

const SOON = { deadlineMs: 60_000 };
const startService = () =>
  startServer({ args: ['gateway/test/translate/support/test-service-main.ts'], env: {} });

it('a service that is frozen is away before its connection is, and serves when it thaws', async () => {
  const service = await startService();
  const channel = createServiceChannel(String(service.listening.target), () => performance.now(), {
    ...CHANNEL_OPTIONS,
    // Longer than any test: nothing but a question can find it out.
    'grpc.keepalive_time_ms': 2_000_000_000,
  });
  const states: string[] = [];
  const stop = followHealth(channel, { onState: (state) => states.push(state) });
  try {
    await until(() => states.at(-1) === 'serving', SOON);
    service.signal('SIGSTOP');
    await until(() => states.at(-1) === 'away', SOON);
    service.signal('SIGCONT');
    await until(() => states.at(-1) === 'serving', SOON);
  } finally {
    service.signal('SIGCONT');
    stop();
    channel.close();
    await service.stop();
  }
});

it('a breaker that opened closes when the service serves again, though nobody calls it any more', async () => {
  const service = await startService();
  try {
    await withFlights({ target: String(service.listening.target), deadlineMs: 500 }, async (running) => {
      const get = async (): Promise<number> => {
        const response = await fetch(`${running.url}/flights/4`, { headers: { Cookie: COOKIE } });
        await response.arrayBuffer();
        return response.status;
      };
      const breakers = async () =>
        (await running.logLines()).filter(({ msg }) => msg === 'breaker').map(({ breaker }) => breaker);
      await until(async () => (await get()) === 200, SOON);
      const before = (await breakers()).length;
      service.signal('SIGSTOP');
      await until(async () => {
        await Promise.all(Array.from({ length: 5 }, get));
        return (await breakers()).slice(before).includes('open');
      }, SOON);
      service.signal('SIGCONT');
      await until(async () => (await breakers()).at(-1) === 'closed', SOON);
      // A busy machine may be late once more.
      await until(async () => (await get()) === 200, SOON);
    });
  } finally {
    service.signal('SIGCONT');
    await service.stop();
  }
});
