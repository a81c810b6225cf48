import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { Flag } from '../../src/rollout/snapshot.ts';
import { sendRaw } from '../support/raw-client.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { withFlights } from '../translate/support/with-flights.ts';
import { PATIENT_MS, withRollout } from './support/with-rollout.ts';

const canary = (weightPercent: number) => ({
  getFlight: { stage: 'canary', weightPercent, fallback: true } satisfies Flag,
});
const ACCOUNTS = Array.from({ length: 24 }, (_, at) => String(at + 1));

/** Who answered the account's question, by what is in the answer. */
async function sideOf({ url }: Pick<RunningGateway, 'url'>, account?: string): Promise<string> {
  const init = account === undefined ? {} : { headers: { Cookie: `sid=${account}` } };
  const text = await (await fetch(`${url}/flights/4`, init)).text();
  if (text.startsWith('monolith:')) return 'monolith';
  return text.includes('MA4') ? 'service' : text;
}

const reasonsOf = async ({ logLines }: RunningGateway): Promise<unknown[]> =>
  (await logLines()).filter(({ msg }) => msg === 'request').map(({ reason }) => reason);

describe('a canary', () => {
  it('splits accounts, and one account sees one side, whichever replica it asks, and how often', async () => {
    await withRollout({ flags: canary(50) }, async ({ running, service: { target } }) => {
      const first = await Promise.all(ACCOUNTS.map((account) => sideOf(running, account)));
      assert.ok(first.includes('monolith') && first.includes('service'), first.join());
      await withFlights({ target, flags: canary(50), deadlineMs: PATIENT_MS }, async (replica) => {
        await until(async () => (await sideOf(replica, ACCOUNTS[first.indexOf('service')])) === 'service', {
          deadlineMs: PATIENT_MS,
        });
        assert.deepEqual(await Promise.all(ACCOUNTS.map((account) => sideOf(replica, account))), first);
      });
      assert.deepEqual(await Promise.all(ACCOUNTS.map((account) => sideOf(running, account))), first);
      const reasons = new Set(await reasonsOf(running));
      assert.deepEqual([...reasons].sort(), ['canary-in', 'canary-out']);
    });
  });

  it('keeps whom nobody knows at the monolith, and asks nobody at weight 0', async () => {
    const asked: (string | undefined)[] = [];
    const recorded = {
      withMonolith: (server: Server) =>
        void server.on('request', ({ url }: IncomingMessage) => asked.push(url)),
    };
    await withRollout({ flags: canary(100), ...recorded }, async ({ running }) => {
      assert.equal(await sideOf(running), 'monolith');
      assert.equal(await sideOf(running, '7'), 'service');
      assert.deepEqual(asked, ['/session', '/flights/4', '/session']);
      assert.deepEqual(await reasonsOf(running), ['canary-no-account', 'canary-in']);
    });
    asked.length = 0;
    await withRollout({ flags: canary(0), ...recorded }, async ({ running }) => {
      assert.equal(await sideOf(running, '7'), 'monolith');
      assert.deepEqual(asked, ['/flights/4']);
      assert.deepEqual(await reasonsOf(running), ['canary-out']);
    });
  });

  it('goes to the monolith where that cannot say who is calling', async () => {
    const session: RequestListener = (_, response) => void response.writeHead(500).end();
    await withRollout({ flags: canary(100), session }, async ({ running }) => {
      assert.equal(await sideOf(running, '7'), 'monolith');
      assert.deepEqual(await reasonsOf(running), ['canary-no-account']);
    });
  });

  it('forgets a client that leaves while its account is asked for: nobody is sent anything', async () => {
    const asked: (string | undefined)[] = [];
    let sayWho = (): void => {};
    const session: RequestListener = (_, response) => {
      sayWho = () => void response.end('7');
    };
    const withMonolith = (server: Server) =>
      void server.on('request', ({ url }: IncomingMessage) => asked.push(url));
    await withRollout({ flags: canary(100), session, withMonolith }, async ({ running, service }) => {
      service.behaviour.getFlight = () => assert.fail('the service was asked');
      const { socket } = sendRaw(running.port, 'GET /flights/4 HTTP/1.1\r\nHost: a\r\nCookie: sid=7\r\n\r\n');
      await until(() => asked.includes('/session'), { deadlineMs: PATIENT_MS });
      socket.resetAndDestroy();
      await until(async () => (await reasonsOf(running)).length > 0, { deadlineMs: PATIENT_MS });
      sayWho();
      const [line] = (await running.logLines()).filter(({ msg }) => msg === 'request');
      assert.deepEqual(
        [line?.status, line?.outcome, line?.reason, line?.bytes],
        [null, 'aborted', 'canary-no-account', 0],
      );
      // Another request, so that what was to follow the first has had its turn.
      assert.equal(await (await fetch(`${running.url}/news`)).text(), 'monolith: GET /news');
      assert.deepEqual(asked, ['/session', '/news']);
      const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
      assert.match(metrics, /^banyan_requests_in_flight 0$/m);
      assert.deepEqual(
        (await running.logLines()).filter(({ level }) => level === 'error'),
        [],
      );
    });
  });
});
