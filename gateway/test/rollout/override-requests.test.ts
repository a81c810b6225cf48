import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { describe, it } from 'node:test';
import { Owner, ServiceData } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { type Metadata, status } from '@grpc/grpc-js';
import type { Flag } from '../../src/rollout/snapshot.ts';
import { sendRaw } from '../support/raw-client.ts';
import { startRawUpstream } from '../support/upstream.ts';
import { type RunningGateway, withGateway } from '../support/with-gateway.ts';
import { flightOf } from '../translate/support/test-service.ts';
import { COOKIE, withFlights } from '../translate/support/with-flights.ts';
import {
  kill,
  OVERRIDE_KEYS,
  PATIENT_MS,
  proofOf,
  readRoute,
  tokenOf,
  withRollout,
} from './support/with-rollout.ts';

const at = (stage: 'monolith' | 'service'): Flag => ({ stage, fallback: true });
const PROBLEM = 'application/problem+json';
const CLEARED = 'banyan_override=; Path=/; Max-Age=0';

function ask(
  { url }: Pick<RunningGateway, 'url'>,
  token: string,
  path = '/flights/4',
  init: RequestInit = {},
) {
  const headers = { Cookie: COOKIE, 'X-Banyan-Override': token, ...init.headers };
  return fetch(url + path, { ...init, headers });
}

/** A problem of that kind, and the cookie taken away; nothing proven. */
async function assertRefused(answer: Response, kind: string): Promise<string> {
  const problem = (await answer.json()) as Record<string, unknown>;
  assert.deepEqual(
    [problem.type, problem.status, answer.headers.get('content-type'), answer.headers.get('set-cookie')],
    [`/problems/${kind}`, answer.status, PROBLEM, CLEARED],
  );
  assert.equal(proofOf(answer), undefined);
  return String(problem.detail);
}

/** What came of a request by raw bytes, until the mark. */
async function raw({ port }: RunningGateway, text: string, mark: string): Promise<string> {
  const client = sendRaw(port, text);
  const received = await client.receive((each) => each.includes(mark));
  client.socket.destroy();
  return received;
}

const recording = (seen: IncomingMessage[]) => (server: Server) => {
  server.on('request', (request) => seen.push(request));
  server.on('upgrade', (request: IncomingMessage, socket) => {
    seen.push(request);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n');
  });
};

describe('a request with an override', () => {
  it('goes to the side that it names, on one gateway as on another request’s way', async () => {
    await withRollout(
      { flags: { getFlight: at('monolith'), exportFlights: at('service') } },
      async ({ running }) => {
        const [service, monolith, none] = await Promise.all([
          tokenOf({ flights: 'service' }),
          tokenOf({ getFlight: 'monolith', exportFlights: 'monolith' }),
          tokenOf({}),
        ]);
        const sides: Record<string, string> = {
          [`${service} /flights/4`]: 'getFlight flights 1',
          [`${service} /flights.csv`]: 'exportFlights flights 1',
          [`${monolith} /flights/4`]: 'getFlight monolith 1',
          [`${monolith} /flights.csv`]: 'exportFlights monolith 1',
          [`${none} /flights/4`]: 'getFlight monolith 1',
          [`${none} /flights.csv`]: 'exportFlights flights 1',
        };
        // All at once, and interleaved: each request is decided by its own.
        const asked = Array.from({ length: 8 }, () => Object.keys(sides)).flat();
        const proven = await Promise.all(
          asked.map(async (each) => {
            const [token = '', path] = each.split(' ');
            const answer = await ask(running, token, path);
            const isMonolith = (await answer.text()).startsWith('monolith:');
            assert.equal(isMonolith, sides[each]?.includes('monolith'), each);
            return proofOf(answer);
          }),
        );
        assert.deepEqual(
          proven,
          asked.map((each) => sides[each]),
        );
        const plain = await fetch(`${running.url}/flights/4`, { headers: { Cookie: COOKIE } });
        assert.deepEqual([await plain.text(), proofOf(plain)], ['monolith: GET /flights/4', undefined]);
        const cookie = { Cookie: `${COOKIE}; banyan_override=${service}` };
        const byCookie = await fetch(`${running.url}/flights/4`, { headers: cookie });
        assert.equal(proofOf(byCookie), 'getFlight flights 1');
        const reasons = (await running.logLines())
          .filter(({ msg }) => msg === 'request')
          .map(({ reason }) => reason);
        assert.deepEqual([...new Set(reasons)].sort(), [
          'override-monolith',
          'override-service',
          'stage-monolith',
          'stage-service',
        ]);
      },
    );
  });

  it('leaves writes to their owner', async () => {
    await withRollout({}, async ({ running, service }) => {
      service.behaviour.getAccount = () => assert.fail('a write reached the service');
      const answer = await ask(running, await tokenOf({ flights: 'service' }), '/flights/4/name', {
        method: 'POST',
      });
      assert.equal(proofOf(answer), 'renameFlight monolith 0');
      assert.equal(await answer.text(), 'monolith: POST /flights/4/name');
    });
  });

  it('is refused where its side is not legal now, and where a kill holds it', async () => {
    const seen: IncomingMessage[] = [];
    await withRollout({ withMonolith: recording(seen) }, async ({ running, service }) => {
      const toService = await tokenOf({ getFlight: 'service' });
      assert.equal(proofOf(await ask(running, toService)), 'getFlight flights 0');
      await kill(running, 'flights');
      const killed = await ask(running, toService);
      assert.equal(killed.status, 409);
      assert.match(await assertRefused(killed, 'unlawful-override'), /a kill holds it/);
      const before = seen.length;
      service.setOwner(Owner.MONOLITH, 2n, ServiceData.NONE);
      await until(async () => (await readRoute(running, 'getFlight')).data === 'none', {
        deadlineMs: PATIENT_MS,
      });
      assert.equal((await ask(running, toService)).status, 409);
      service.setOwner(Owner.SERVICE, 3n);
      await until(async () => (await readRoute(running, 'getFlight')).owner === 'service', {
        deadlineMs: PATIENT_MS,
      });
      assert.equal((await ask(running, toService)).status, 200);
      const toMonolith = await tokenOf({ getFlight: 'monolith' });
      const unlawful = await ask(running, toMonolith);
      assert.equal(unlawful.status, 409);
      assert.match(await assertRefused(unlawful, 'unlawful-override'), /not legal now/);
      // Another path is none of its business.
      assert.equal(await (await ask(running, toMonolith, '/news')).text(), 'monolith: GET /news');
      const asked = seen.slice(before).map(({ url }) => url);
      assert.deepEqual(
        asked.filter((url) => url !== '/session'),
        ['/news'],
      );
      const lines = (await running.logLines()).filter(({ reason }) => reason === 'override-refused');
      assert.deepEqual(
        lines.map(({ status: each, backend }) => [each, backend]),
        Array(3).fill([409, 'none']),
      );
    });
  });

  it('that is bound to an account is its caller’s alone', async () => {
    await withRollout({}, async ({ running }) => {
      const bound = await tokenOf({ getFlight: 'service' }, { account: '7' });
      assert.equal(proofOf(await ask(running, bound)), 'getFlight flights 0');
      for (const Cookie of ['sid=8', 'a=b']) {
        const other = await ask(running, bound, '/flights/4', { headers: { Cookie } });
        assert.equal(other.status, 400);
        assert.match(await assertRefused(other, 'invalid-override'), /another account/);
      }
    });
  });

  it('that is bound to an account is checked where it names nothing: pages, writes, upgrades, other flags', async () => {
    const seen: IncomingMessage[] = [];
    const options = { withMonolith: recording(seen), flags: { exportFlights: at('service') } };
    await withRollout(options, async ({ running }) => {
      const bound = await tokenOf({ getFlight: 'service' }, { account: '7' });
      const send = (Cookie: string, path: string, method = 'GET') =>
        ask(running, bound, path, { method, headers: { Cookie } });
      const upgrade = (Cookie: string) =>
        raw(
          running,
          `GET /ws HTTP/1.1\r\nHost: a\r\nCookie: ${Cookie}\r\nX-Banyan-Override: ${bound}\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n`,
          'HTTP/1.1 ',
        );
      const requests: [path: string, method: string, proof: string][] = [
        ['/news', 'GET', 'getNews monolith 1'],
        ['/no/such/page', 'GET', 'none monolith 1'],
        ['/log-in', 'POST', 'none monolith 1'],
        ['/flights/4/name', 'POST', 'renameFlight monolith 1'],
        ['/flights.csv', 'GET', 'exportFlights flights 1'],
      ];
      for (const [path, method, proof] of requests) {
        assert.equal(proofOf(await send(COOKIE, path, method)), proof);
        seen.length = 0;
        const other = await send('sid=8', path, method);
        assert.equal(other.status, 400, path);
        assert.match(await assertRefused(other, 'invalid-override'), /another account/);
        assert.deepEqual(
          seen.map(({ url }) => url).filter((url) => url !== '/session'),
          [],
        );
        // Nobody has to be somebody to log in; what an override does not name, it does not keep from them.
        if (path !== '/flights.csv') assert.equal(proofOf(await send('a=b', path, method)), proof);
      }
      assert.match(await upgrade(COOKIE), /^HTTP\/1\.1 101 /);
      assert.match(await upgrade('sid=8'), /^HTTP\/1\.1 400 /);
    });
  });

  it('that is bound to an account is refused where nobody can say whose the request is', async () => {
    const session: RequestListener = (_request, response) => response.writeHead(500).end();
    await withRollout({ session }, async ({ running }) => {
      for (const path of ['/flights/4', '/news', '/no/such/page']) {
        const refused = await ask(running, await tokenOf({ flights: 'service' }, { account: '7' }), path);
        assert.equal(refused.status, 409, path);
        assert.match(await assertRefused(refused, 'unlawful-override'), /nobody can say now whose/);
      }
    });
    await withFlights({ target: '', env: { BANYAN_OVERRIDE_KEYS: OVERRIDE_KEYS } }, async (running) => {
      const refused = await ask(running, await tokenOf({}, { account: '7' }), '/news');
      assert.equal(refused.status, 409);
      assert.match(await assertRefused(refused, 'unlawful-override'), /no carve-out is active/);
    });
  });

  it('is refused where it asks for a service that is not active here, and kept where it asks for the monolith', async () => {
    await withFlights({ target: '', env: { BANYAN_OVERRIDE_KEYS: OVERRIDE_KEYS } }, async (running) => {
      const both = { flights: 'service', getFlight: 'monolith' } as const;
      const refused: [Parameters<typeof tokenOf>[0], string][] = [
        [{ flights: 'service' }, '/flights/4'],
        [{ getFlight: 'service' }, '/flights/4'],
        [{ getNews: 'service' }, '/news'],
        [both, '/flights.csv'],
      ];
      for (const [sides, path] of refused) {
        const answer = await ask(running, await tokenOf(sides), path);
        assert.equal(answer.status, 409, path);
        assert.match(await assertRefused(answer, 'unlawful-override'), /no carve-out that is active/);
      }
      const kept: [Parameters<typeof tokenOf>[0], string, string][] = [
        [{ flights: 'monolith' }, '/flights/4', 'getFlight monolith 0'],
        [both, '/flights/4', 'getFlight monolith 0'],
        [{ flights: 'service' }, '/news', 'getNews monolith 0'],
        [{ flights: 'service' }, '/no/such/page', 'none monolith 0'],
      ];
      for (const [sides, path, proof] of kept) {
        assert.equal(proofOf(await ask(running, await tokenOf(sides), path)), proof);
      }
      const write = { method: 'POST' };
      const renamed = await ask(running, await tokenOf({ flights: 'service' }), '/flights/4/name', write);
      assert.equal(proofOf(renamed), 'renameFlight monolith 0');
    });
  });

  it('is none where it names a write, or what the contract does not have, whoever signed it', async () => {
    await withRollout({}, async ({ running }) => {
      for (const [name, fault] of [
        ['renameFlight', /names renameFlight, a write/],
        ['getFlights', /names "getFlights", which is no operation/],
        ['billing', /names "billing", which is no operation/],
      ] as const) {
        const answer = await ask(running, await tokenOf({ flights: 'service', [name]: 'service' }), '/news');
        assert.equal(answer.status, 400);
        assert.match(await assertRefused(answer, 'invalid-override'), fault);
      }
    });
  });

  it('that is invalid or has ended is refused, whatever the request, and reaches nobody', async () => {
    const seen: IncomingMessage[] = [];
    await withRollout({ withMonolith: recording(seen) }, async ({ running }) => {
      const ended = await tokenOf({ flights: 'service' }, { madeAgoMs: 3_600_000 });
      assert.match(await assertRefused(await ask(running, ended), 'invalid-override'), /ended at/);
      for (const token of ['nonsense', `${await tokenOf({})}x`]) {
        const upload = await ask(running, token, '/flights/4/name', {
          method: 'POST',
          body: 'x'.repeat(300_000),
        });
        assert.equal(upload.status, 400);
        await assertRefused(upload, 'invalid-override');
        const head = await ask(running, token, '/news', { method: 'HEAD' });
        assert.deepEqual(
          [head.status, head.headers.get('set-cookie'), await head.text()],
          [400, CLEARED, ''],
        );
        const upgrade = await raw(
          running,
          `GET /ws HTTP/1.1\r\nHost: a\r\nX-Banyan-Override: ${token}\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n`,
          '"}',
        );
        assert.match(upgrade, /^HTTP\/1\.1 400 Bad Request\r\n/);
        const again = await raw(
          running,
          `GET /news HTTP/1.1\r\nHost: a\r\nX-Banyan-Override: ${token}\r\n\r\nGET /flights.csv?2 HTTP/1.1\r\nHost: a\r\n\r\n`,
          'monolith: GET /flights.csv?2',
        );
        assert.match(again, /^HTTP\/1\.1 400 [\s\S]+\}HTTP\/1\.1 200 OK\r\n/);
      }
      assert.deepEqual([...new Set(seen.map(({ url }) => url))], ['/flights.csv?2']);
    });
  });
});

describe('nothing behind the decision', () => {
  it('sees the override: not the monolith, nor its upgrades, nor a question about the caller, nor a service', async () => {
    const seen: IncomingMessage[] = [];
    const metadata: Metadata[] = [];
    await withRollout({ withMonolith: recording(seen) }, async ({ running, service }) => {
      const { getFlight } = service.behaviour;
      service.behaviour.getFlight = (call, answer) => {
        metadata.push(call.metadata);
        getFlight(call, answer);
      };
      const token = await tokenOf({ getFlight: 'service' });
      const Cookie = `a=1; banyan_override=${token}; ${COOKIE}`;
      await ask(running, token, '/news', { headers: { Cookie } });
      await ask(running, token, '/flights/4', { headers: { Cookie } });
      await raw(
        running,
        `GET /ws HTTP/1.1\r\nHost: a\r\nCookie: ${Cookie}\r\nX-Banyan-Override: ${token}\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n`,
        '\r\n\r\n',
      );
      assert.deepEqual(
        seen.map(({ url, headers }) => [url, headers.cookie]),
        [
          ['/news', `a=1; ${COOKIE}`],
          ['/session', `a=1; ${COOKIE}`],
          ['/ws', `a=1; ${COOKIE}`],
        ],
      );
      assert.doesNotMatch(JSON.stringify(seen.map(({ rawHeaders }) => rawHeaders)), /override/i);
      assert.equal(metadata.length, 1);
      assert.doesNotMatch(JSON.stringify(metadata[0]?.getMap()), /override/i);
    });
  });
});

describe('an answer to a valid override', () => {
  it('is proven, whoever gives it: forwarded, whole, streamed, to HEAD, 304, 101, refused, and for want of an answer', async () => {
    const monolith: RequestListener = (request, response) => {
      if (request.url === '/gone') request.socket.destroy();
      else if (request.url === '/304') response.writeHead(304, { 'X-Banyan-Flags': 'theirs' }).end();
      else if (request.url !== '/late') response.end('ok');
    };
    const options = { monolith, withMonolith: recording([]), flags: { exportFlights: at('service') } };
    await withRollout(options, async ({ running, service }) => {
      const token = await tokenOf({ getFlight: 'service' });
      const proven = async (path: string, init: RequestInit = {}) => {
        const answer = await ask(running, token, path, init);
        await answer.arrayBuffer();
        return `${answer.status} ${proofOf(answer)}`;
      };
      assert.equal(await proven('/news'), '200 getNews monolith 1');
      assert.equal(await proven('/304'), '304 none monolith 1');
      assert.equal(await proven('/news', { method: 'HEAD' }), '200 getNews monolith 1');
      assert.equal(await proven('/flights.csv'), '200 exportFlights flights 1');
      assert.equal(await proven('/flights/4', { method: 'HEAD' }), '200 getFlight flights 1');
      assert.equal(await proven('/gone', { method: 'POST' }), '502 none monolith 1');
      const upgraded = await raw(
        running,
        `GET /ws HTTP/1.1\r\nHost: a\r\nX-Banyan-Override: ${token}\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n`,
        '\r\n\r\n',
      );
      assert.match(
        upgraded,
        /^HTTP\/1\.1 101 [\s\S]*\r\nX-Banyan-Operation: none\r\nX-Banyan-Served-By: monolith\r\nX-Banyan-Flags: 1\r\n\r\n$/,
      );
      const tag = (await ask(running, token)).headers.get('etag') ?? '';
      const conditional = await raw(
        running,
        `GET /flights/4 HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\nX-Banyan-Override: ${token}\r\nIf-None-Match: ${tag}\r\n\r\n`,
        '\r\n\r\n',
      );
      assert.match(conditional, /^HTTP\/1\.1 304 [\s\S]*\r\nX-Banyan-Served-By: flights\r\n/);
      service.behaviour.getFlight = (_call, answer) =>
        answer({ code: status.INTERNAL, details: 'internal error' });
      assert.equal(await proven('/flights/4'), '500 getFlight flights 1');
      service.setOwner(Owner.NOBODY, 2n);
      await until(async () => (await readRoute(running, 'getFlight')).owner === 'nobody', {
        deadlineMs: PATIENT_MS,
      });
      assert.equal(await proven('/flights.csv'), '503 exportFlights flights 1');
    });
    await withRollout({ monolith, env: { FIRST_BYTE_TIMEOUT_MS: '200' } }, async ({ running }) => {
      const late = await ask(running, await tokenOf({}), '/late');
      assert.equal(`${late.status} ${proofOf(late)}`, '504 none monolith 0');
    });
  });
});

describe('a request under way', () => {
  it('ends on the decision that it has, whatever is killed meanwhile; the next one has another', async () => {
    await withRollout({ flags: { getFlight: at('service') } }, async ({ running, service }) => {
      let finish: (() => void) | undefined;
      service.behaviour.getFlight = (call, answer) => {
        finish = () => answer(null, { flight: flightOf(call.request.flightId) });
      };
      const token = await tokenOf({});
      const underWay = ask(running, token);
      await until(() => finish, { deadlineMs: PATIENT_MS });
      await kill(running, '*');
      const next = await ask(running, token);
      assert.deepEqual(
        [await next.text(), proofOf(next)],
        ['monolith: GET /flights/4', 'getFlight monolith 1'],
      );
      finish?.();
      const first = await underWay;
      assert.match(await first.text(), /"number":"MA4"/);
      assert.equal(proofOf(first), 'getFlight flights 1');
      const reasons = (await running.logLines())
        .filter(({ msg }) => msg === 'request')
        .map(({ reason }) => reason);
      assert.deepEqual(reasons, ['killed', 'stage-service']);
    });
  });
});

describe('a request without an override', () => {
  it('passes byte for byte, and so does its answer, whether or not there are keys', async () => {
    const request =
      'GET /x?y HTTP/1.1\r\nhOST: a\r\nCookie:  a="1" ;b ; my_banyan_override=1\r\nX-Banyan-Flags: 1\r\nX-Last:\t1 \r\n\r\n';
    const answer =
      'HTTP/1.1 200 Fine\r\nx-banyan-FLAGS:  theirs\r\nX-Banyan-Served-By: them\r\ncontent-length: 2\r\n\r\nok';
    for (const keys of [{}, { BANYAN_OVERRIDE_KEYS: OVERRIDE_KEYS }]) {
      let seen = '';
      await using monolith = await startRawUpstream((socket) => {
        socket.setEncoding('latin1').on('data', (text) => {
          seen += text;
          if (seen.endsWith('\r\n\r\n')) socket.write(answer);
        });
      });
      await withGateway(
        { env: { MONOLITH_URL: monolith.url, FORWARDED_HEADERS: 'off', ...keys } },
        async (running) => {
          assert.equal(await raw(running, request, 'ok'), answer);
          assert.equal(seen, request);
        },
      );
    }
  });
});
