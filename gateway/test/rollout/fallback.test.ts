import assert from 'node:assert/strict';
import type { RequestListener, Server } from 'node:http';
import { describe, it } from 'node:test';
import { Owner } from '@banyan/contracts/ownership/v1/ownership';
import { status } from '@grpc/grpc-js';
import type { Flag } from '../../src/rollout/snapshot.ts';
import { sendRaw } from '../support/raw-client.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { flightOf } from '../translate/support/test-service.ts';
import { COOKIE } from '../translate/support/with-flights.ts';
import { proofOf, tokenOf, withRollout } from './support/with-rollout.ts';

const at = (fallback: boolean) => {
  const flag: Flag = { stage: 'service', fallback };
  return { getFlight: flag, exportFlights: flag };
};
const AWAY = { code: status.UNAVAILABLE, details: 'of the inside' };

const get = ({ url }: RunningGateway, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(url + path, { ...init, headers: { Cookie: COOKIE, ...init.headers } });

const outcome = async (response: Response): Promise<string> => `${response.status} ${await response.text()}`;

async function lastLine({ logLines }: RunningGateway): Promise<Record<string, unknown> | undefined> {
  return (await logLines()).findLast(({ msg }) => msg === 'request');
}

describe('a read whose service is unavailable', () => {
  it('goes to the monolith, which the log, the metrics and the proof say', async () => {
    await withRollout({ flags: at(true) }, async ({ running, service }) => {
      service.behaviour.getFlight = (_call, answer) => answer(AWAY);
      const proven = { 'X-Banyan-Override': await tokenOf({}) };
      const answer = await get(running, '/flights/4', { headers: proven });
      assert.equal(proofOf(answer), 'getFlight monolith 1');
      assert.equal(await outcome(answer), '200 monolith: GET /flights/4');
      const line = await lastLine(running);
      assert.deepEqual(
        [line?.backend, line?.reason, line?.fellBackFrom, line?.status, line?.failure],
        ['monolith', 'stage-service', 'flights', 200, undefined],
      );
      assert.match(String(line?.because), /UNAVAILABLE/);
      const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
      assert.match(metrics, /banyan_fallbacks_total\{operation="getFlight",service="flights"\} 1\n/);
      assert.match(
        metrics,
        /banyan_requests_total\{operation="getFlight",backend="monolith",status="2xx",outcome="fell-back"\} 1\n/,
      );
      assert.equal(
        (await get(running, '/flights/4', { method: 'HEAD' })).headers.get('content-length'),
        null,
      );
    });
  });

  it('goes there when it is not even reached, when the breaker is open, and when its answer is nonsense', async () => {
    await withRollout({ flags: at(true) }, async ({ running, service }) => {
      service.behaviour.getFlight = (_call, answer) => answer(null, {} as never);
      assert.equal(await outcome(await get(running, '/flights/4')), '200 monolith: GET /flights/4');
      service.kill();
      for (let i = 0; i < 30; i++) {
        assert.equal(await outcome(await get(running, '/flights/4')), '200 monolith: GET /flights/4');
        assert.equal(await outcome(await get(running, '/flights.csv')), '200 monolith: GET /flights.csv');
      }
      const because = (await running.logLines()).map((line) => String(line.because));
      assert.ok(because.some((each) => /the breaker is open/.test(each)));
    });
  });

  it('takes a body that nobody has read with it', async () => {
    const monolith: RequestListener = (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text) => {
        body += text;
      });
      request.on('end', () => response.end(`monolith got ${body}`));
    };
    await withRollout({ flags: at(true), monolith }, async ({ running, service }) => {
      service.behaviour.getFlight = (_call, answer) => answer(AWAY);
      const client = sendRaw(
        running.port,
        `GET /flights/4 HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n`,
      );
      client.socket.write('5\r\nthere\r\n0\r\n\r\n');
      await client.receive((text) => text.includes('monolith got hithere'));
      client.socket.destroy();
    });
  });

  it('stays where it is when its flag says so, when its service owns, and when the service is late', async () => {
    await withRollout({ flags: at(false) }, async ({ running, service }) => {
      service.behaviour.getFlight = (_call, answer) => answer(AWAY);
      assert.equal(await outcome(await get(running, '/flights/4')), '503 {"code":"unavailable"}');
      const line = await lastLine(running);
      assert.deepEqual([line?.backend, line?.failure], ['flights', 'unreachable']);
    });
    await withRollout({ owner: Owner.SERVICE, flags: at(true) }, async ({ running, service }) => {
      service.behaviour.getFlight = (_call, answer) => answer(AWAY);
      assert.equal(await outcome(await get(running, '/flights/4')), '503 {"code":"unavailable"}');
    });
    await withRollout({ flags: at(true), deadlineMs: 1_000 }, async ({ running, service }) => {
      service.behaviour.getFlight = () => {};
      assert.equal(await outcome(await get(running, '/flights/4')), '504 {"code":"late"}');
    });
  });

  it('is not asked again of the monolith once part of its answer was sent', async () => {
    await withRollout({ flags: at(true) }, async ({ running, service }) => {
      service.behaviour.listFlights = (call) => {
        call.write({ flights: [flightOf(1n)], cursor: '' });
        setImmediate(() => call.emit('error', AWAY));
      };
      const { receive, ended, socket } = sendRaw(
        running.port,
        `GET /flights.csv HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\n\r\n`,
      );
      await receive((text) => text.includes('MA1\r\n'));
      await ended();
      const text = await receive(() => true);
      assert.doesNotMatch(text, /monolith|0\r\n\r\n$/);
      socket.destroy();
    });
  });
});

describe('a write whose service is unavailable', () => {
  it('reaches nobody but its owner', async () => {
    const written: string[] = [];
    const withMonolith = (server: Server) =>
      void server.on('request', ({ method, url }) => method === 'POST' && written.push(String(url)));
    const flags = at(true);
    await withRollout({ owner: Owner.SERVICE, flags, withMonolith }, async ({ running, service }) => {
      service.behaviour.getAccount = (_call, answer) => answer(AWAY);
      const rename = () =>
        get(running, '/flights/4/name', { method: 'POST', body: new URLSearchParams({ name: 'x' }) });
      assert.equal((await rename()).status, 503);
      service.kill();
      assert.equal((await rename()).status, 503);
      assert.deepEqual(written, []);
    });
  });
});
