import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ErrorInfo, Status } from '@banyan/contracts/google/rpc/status';
import { Owner, ServiceData } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { Metadata, status } from '@grpc/grpc-js';
import type { ReadinessReport } from '../../src/admin/health.ts';
import { sendRaw } from '../support/raw-client.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { PICTURE_BYTES_MAX } from './support/flights-carve-out.ts';
import { startTestService } from './support/test-service.ts';
import { COOKIE, withFlights } from './support/with-flights.ts';

const SOON = { deadlineMs: 30_000 };

const get = (running: RunningGateway, path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(running.url + path, { ...init, headers: { Cookie: COOKIE, ...(init.headers as object) } });

async function raw(running: RunningGateway, request: string, until: string): Promise<string> {
  const client = sendRaw(running.port, request);
  const text = await client.receive((received) => received.includes(until));
  client.socket.destroy();
  return text;
}

function refusal(reason: string): { code: number; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  const info = ErrorInfo.encode({ reason, domain: 'flights', metadata: {} }).finish();
  const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: info }];
  const body = Status.encode({ code: status.NOT_FOUND, message: 'of the inside', details }).finish();
  metadata.set('grpc-status-details-bin', Buffer.from(body));
  return { code: status.NOT_FOUND, details: 'of the inside', metadata };
}

describe('a translated operation', () => {
  it('is answered by the service, in the order of lines that Express and Node write', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target }, async (running) => {
      const text = await raw(
        running,
        `GET /flights/9007199254742993 HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\n\r\n`,
        '}',
      );
      assert.match(
        text,
        /^HTTP\/1\.1 200 OK\r\nX-Powered-By: Express\r\nContent-Type: application\/json; charset=utf-8\r\nContent-Length: \d+\r\nETag: W\/"[^"]+"\r\nSet-Cookie: sid=7; Expires=[^\r]+\r\nDate: [^\r]+\r\n\r\n\{"id":9007199254742993,"number":"MA9007199254742993","for":"7"\}$/,
      );
      const line = (await running.logLines()).findLast(({ msg }) => msg === 'request');
      assert.equal(line?.backend, 'flights');
      assert.equal(line?.reason, 'owner-service');
      const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
      assert.match(metrics, /banyan_service_calls_total\{service="flights",outcome="answered"\} 1/);
      const ready = (await (await fetch(`${running.adminUrl}/readyz`)).json()) as ReadinessReport;
      const { since, ...rest } = ready.dependencies.services?.flights ?? {};
      assert.ok(since);
      assert.deepEqual(rest, {
        state: 'serving',
        breaker: 'closed',
        owner: 'service',
        epoch: '1',
        ownerAgeMs: 0,
      });
    });
  });

  it('answers HEAD and a conditional request as Express does; what is no operation is the monolith’s', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target }, async (running) => {
      const full = await get(running, '/flights/4');
      const tag = full.headers.get('etag') ?? '';
      const head = await get(running, '/FLIGHTS/4/', { method: 'HEAD' });
      assert.equal(head.headers.get('content-length'), String((await full.text()).length));
      // fetch would add a Cache-Control to it.
      const conditional = `GET /flights/4 HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\nIf-None-Match: ${tag}\r\n\r\n`;
      assert.match(
        await raw(running, conditional, '\r\n\r\n'),
        /^HTTP\/1\.1 304 Not Modified\r\nX-Powered-By: Express\r\nETag: W\/"[^"]+"\r\nSet-Cookie: [^\r]+\r\nDate: [^\r]+\r\n\r\n$/,
      );
      for (const method of ['OPTIONS', 'DELETE', 'PUT']) {
        assert.equal(
          await (await get(running, '/flights/4', { method })).text(),
          `monolith: ${method} /flights/4`,
        );
      }
      // Node's own fetch refuses to send it.
      const odd = await raw(running, 'GET /flights/%zz HTTP/1.1\r\nHost: a\r\n\r\n', '%zz');
      assert.match(odd, /monolith: GET \/flights\/%zz/);
    });
  });

  it('relays who the monolith does not know; no header of a client becomes metadata', async () => {
    await using service = await startTestService();
    const seen: Metadata[] = [];
    const { getFlight } = service.behaviour;
    service.behaviour.getFlight = (call, answer) => {
      seen.push(call.metadata);
      getFlight(call, answer);
    };
    await withFlights({ target: service.target }, async (running) => {
      const unknown = await fetch(`${running.url}/flights/4`);
      assert.deepEqual(
        [unknown.status, unknown.headers.get('x-from'), await unknown.text()],
        [401, 'monolith', '{"error":"who?"}'],
      );
      await get(running, '/flights/4', { headers: { 'Banyan-Identity': 'forged', 'Grpc-Timeout': '1m' } });
    });
    assert.equal(seen.length, 1);
    const [identity, ...more] = seen[0]?.get('banyan-identity') ?? [];
    assert.equal(more.length, 0);
    assert.match(String(identity), /^ey[^.]+\.[^.]+\.[^.]+$/);
    assert.deepEqual(Object.keys(seen[0]?.getMap() ?? {}).sort(), ['banyan-identity', 'user-agent']);
  });

  it('takes a refusal for an answer, and no text of the inside gets out', async () => {
    await using service = await startTestService();
    service.behaviour.getFlight = (_call, answer) => answer(refusal('NO_FLIGHT'));
    await withFlights({ target: service.target }, async (running) => {
      const known = await get(running, '/flights/4');
      assert.deepEqual([known.status, await known.text()], [404, '{"code":"no_flight"}']);
      const cases = [
        [refusal('SOMETHING_NEW'), 500, 'internal'],
        [refusal('NOT_THE_OWNER'), 503, 'unavailable'],
        [{ code: status.INTERNAL, details: 'internal error 0123' }, 500, 'internal'],
        [{ code: status.UNKNOWN, details: 'inside' }, 503, 'unavailable'],
        [{ code: status.DEADLINE_EXCEEDED, details: 'inside' }, 504, 'late'],
      ] as const;
      for (const [error, expected, code] of cases) {
        service.behaviour.getFlight = (_call, answer) => answer(error);
        const response = await get(running, '/flights/4');
        assert.deepEqual([response.status, await response.text()], [expected, JSON.stringify({ code })]);
        assert.equal(response.headers.get('retry-after'), expected === 500 ? null : '5');
        assert.match(response.headers.get('set-cookie') ?? '', /^sid=7; Expires=/);
      }
      // An answer without its flight is nonsense.
      service.behaviour.getFlight = (_call, answer) => answer(null, { flight: undefined });
      assert.equal((await get(running, '/flights/4')).status, 503);
    });
  });

  it('reads a body of JSON or a form, and answers one that is too large without losing the connection', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target }, async (running) => {
      const post = (type: string, body: string) =>
        get(running, '/flights/4/name', { method: 'POST', headers: { 'Content-Type': type }, body });
      const json = await post('application/json', '{"name":"Ł"}');
      assert.deepEqual([json.status, await json.text()], [201, '{"name":"Ł","by":"Ann"}']);
      const form = await post('application/x-www-form-urlencoded', 'name=a&name=b+c');
      assert.equal(await form.text(), '{"name":"b c","by":"Ann"}');
      assert.equal(await (await post('application/json', '[')).text(), '{"code":"bad-json"}');
      const large = await post('application/json', `{"name":"${'x'.repeat(3_000_000)}"}`);
      assert.deepEqual([large.status, await large.text()], [413, '{"code":"too-large"}']);
    });
  });

  it('reads a body as long as its operation allows', async () => {
    await using service = await startTestService();
    await withFlights({ target: service.target }, async (running) => {
      const send = async (bytes: number): Promise<[number, string]> => {
        const answer = await get(running, '/flights/4/picture', {
          method: 'POST',
          body: Buffer.alloc(bytes),
        });
        return [answer.status, await answer.text()];
      };
      assert.deepEqual(await send(PICTURE_BYTES_MAX), [201, `{"bytes":${PICTURE_BYTES_MAX}}`]);
      assert.deepEqual(await send(PICTURE_BYTES_MAX + 1), [413, '{"code":"too-large"}']);
    });
  });

  it('follows the owner: a write goes where it says, nobody is a 503, and a flag may send reads ahead where the service can read', async () => {
    await using service = await startTestService(0, Owner.MONOLITH);
    const served = async (running: RunningGateway) => {
      const read = await get(running, '/flights/4');
      const write = await get(running, '/flights/4/name', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: '{}',
      });
      const sideOf = async (response: Response) =>
        response.status === 503
          ? 503
          : (await response.text()).startsWith('monolith')
            ? 'monolith'
            : 'service';
      return [await sideOf(read), await sideOf(write)];
    };
    await withFlights({ target: service.target }, async (running) => {
      assert.deepEqual(await served(running), ['monolith', 'monolith']);
      const steps = [
        [Owner.NOBODY, 1n, [503, 503]],
        [Owner.SERVICE, 2n, ['service', 'service']],
        [Owner.MONOLITH, 3n, ['monolith', 'monolith']],
      ] as const;
      for (const [owner, epoch, expected] of steps) {
        service.setOwner(owner, epoch);
        await until(async () => (await served(running)).join() === expected.join(), SOON);
      }
    });
    service.setOwner(Owner.MONOLITH, 4n);
    const flags = { getFlight: { stage: 'service', fallback: false } } as const;
    await withFlights({ target: service.target, flags }, async (running) => {
      assert.deepEqual(await served(running), ['service', 'monolith']);
      assert.equal(await (await get(running, '/news')).text(), 'monolith: GET /news');
      const told = [
        [ServiceData.NONE, 'monolith'],
        [ServiceData.SHARED, 'service'],
        [ServiceData.UNSPECIFIED, 'monolith'],
      ] as const;
      for (const [data, side] of told) {
        service.setOwner(Owner.MONOLITH, 4n, data);
        await until(async () => (await served(running)).join() === `${side},monolith`, SOON);
      }
    });
  });
});
