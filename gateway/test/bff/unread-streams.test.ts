import assert from 'node:assert/strict';
import { it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { RunningGateway } from '../support/with-gateway.ts';
import { flightOf, startTestService } from '../translate/support/test-service.ts';
import { COOKIE, withFlights } from '../translate/support/with-flights.ts';

const deadlineMs = 20_000;

const ask = (running: RunningGateway, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(running.url + path, { ...init, headers: { Cookie: COOKIE, ...(init.headers as object) } });

async function streamsUnderWay(running: RunningGateway): Promise<string | undefined> {
  const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
  return /^banyan_service_streams_in_flight\{service="flights"\} (\d+)$/m.exec(metrics)?.[1];
}

it('a HEAD takes no place among the streams for longer than it takes', async () => {
  await using service = await startTestService();
  service.behaviour.listFlights = (call) => {
    call.write({ flights: [flightOf(1n)], cursor: '' });
    call.end();
  };
  await withFlights({ target: service.target, deadlineMs }, async (running) => {
    const { headers } = await ask(running, '/flights.csv', { headers: { Prefer: 'respond-async' } });
    await service.jobs.run(service.target);
    for (const path of ['/flights.csv', `${headers.get('location')}/result`]) {
      const head = await ask(running, path, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers.get('content-type')], [200, 'text/csv; charset=utf-8']);
      await until(async () => (await streamsUnderWay(running)) === '0', { deadlineMs, what: path });
    }
  });
});

it('a HEAD of a job’s events takes no place among those who watch', async () => {
  await using service = await startTestService();
  await withFlights({ target: service.target, deadlineMs }, async (running) => {
    const { headers } = await ask(running, '/flights.csv', { headers: { Prefer: 'respond-async' } });
    const location = headers.get('location') ?? '';
    const watch = (method: string) =>
      ask(running, location, { method, headers: { Accept: 'text/event-stream' } });
    for (let time = 0; time < 16; time += 1) assert.equal((await watch('HEAD')).status, 200);
    await until(() => service.jobs.watching === 0, { deadlineMs });
    const stream = await watch('GET');
    assert.equal(stream.status, 200);
    await stream.body?.cancel();
  });
});
