import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { Owner } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { createOverrides } from '../../src/overrides/overrides.ts';
import type { Flag } from '../../src/rollout/snapshot.ts';
import { createLogSink } from '../../src/telemetry/logger.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { flightOf, startTestService, type TestService } from '../translate/support/test-service.ts';
import { COOKIE, type FlightsOptions, withFlights } from '../translate/support/with-flights.ts';
import { DEADLINE_MS } from './support.ts';

const SHADOW: Flag = { stage: 'shadow', fallback: true };
const AT_SHADOW = { getFlight: SHADOW, exportFlights: SHADOW };
const VIEWER = 'a-viewer-of-the-test';
const WITH_COOKIE = { headers: { Cookie: COOKIE } };

type Counted = {
  readonly compared: number;
  readonly different: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly fields: readonly { readonly field: string }[];
};

async function counted({ adminUrl }: RunningGateway, operationId = 'getFlight'): Promise<Counted> {
  const response = await fetch(`${adminUrl}/admin/v1/differences/${operationId}`, {
    headers: { Authorization: `Bearer ${VIEWER}` },
  });
  return (await response.json()) as Counted;
}

function withShadowedFlights<T>(
  service: TestService,
  flags: Readonly<Record<string, Flag>>,
  work: (running: RunningGateway) => Promise<T>,
  more: Pick<FlightsOptions, 'monolith' | 'env'> = {},
): Promise<T> {
  const env = { BANYAN_VIEWER_TOKEN: VIEWER, ...more.env };
  const options = { ...more, target: service.target, flags, env, deadlineMs: DEADLINE_MS };
  return withFlights(options, async (running) => {
    // Answered, as long as nobody is known to own, with 503.
    const hasOwner = async () => (await fetch(`${running.url}/flights/1`, WITH_COOKIE)).status === 200;
    await until(hasOwner, { deadlineMs: DEADLINE_MS, what: 'an owner' });
    return work(running);
  });
}

const REQUESTS = [
  'GET /flights/1',
  'HEAD /flights/2',
  'GET /news',
  'GET /flights.csv',
  'GET /flights/3?a=b',
  'POST /flights/4/name',
  'GET /flights/5',
];
/** More questions than may wait. */
const ROUNDS = 25;

/** All that comes back on one connection that asks without waiting, but for the times in it. */
async function pipelined({ port }: RunningGateway): Promise<string> {
  const requests = Array.from({ length: ROUNDS }, (_, round) =>
    REQUESTS.map(
      (line) => `${line} HTTP/1.1\r\nHost: a\r\nCookie: ${COOKIE}\r\nX-Round: ${round}\r\n\r\n`,
    ).join(''),
  ).join('');
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let received = '';
  socket.on('data', (text: string) => {
    received += text;
  });
  socket.write(`${requests}GET /news?last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
  await until(() => socket.readableEnded, { deadlineMs: DEADLINE_MS, what: 'the last answer' });
  return received.replaceAll(/^Date: .*\r\n/gm, '');
}

describe('a client, while reads are at shadow,', () => {
  const services: readonly (readonly [
    what: string,
    plant: (service: TestService) => void,
    operationId: string,
    reason: string,
  ])[] = [
    [
      'hangs for ever',
      ({ behaviour }) => {
        behaviour.getFlight = () => {};
        behaviour.listFlights = () => {};
      },
      'getFlight',
      'queue-full',
    ],
    ['is dead', (service) => service.kill(), 'getFlight', 'service-unavailable'],
    [
      'answers what is huge',
      ({ behaviour }) => {
        const flights = [{ ...flightOf(1n), number: 'x'.repeat(1_000_000) }];
        behaviour.listFlights = (call) => {
          let sent = 0;
          const more = (): void => {
            // 50 MB, if anybody read it.
            while (!call.cancelled && sent < 50) {
              sent += 1;
              if (call.write({ flights, cursor: '' })) continue;
              call.once('drain', more);
              return;
            }
            call.end();
          };
          more();
        };
      },
      'exportFlights',
      'service-too-large',
    ],
  ];
  for (const [what, plant, operationId, reason] of services) {
    it(`gets the same bytes in the same order from the monolith though the service ${what}`, async () => {
      await using honest = await startTestService(0, Owner.MONOLITH);
      const expected = await withShadowedFlights(honest, {}, pipelined);
      assert.equal(expected.match(/monolith: /g)?.length, (REQUESTS.length - 1) * ROUNDS + 1);
      await using service = await startTestService(0, Owner.MONOLITH);
      await withShadowedFlights(service, AT_SHADOW, async (running) => {
        plant(service);
        assert.equal(await pipelined(running), expected);
        const skipped = async () => (await counted(running, operationId)).skipped[reason] ?? 0;
        await until(async () => (await skipped()) > 0, {
          deadlineMs: DEADLINE_MS,
          what: `something skipped as ${reason}`,
        });
        // Still so when questions have piled up.
        assert.equal(await pipelined(running), expected);
      });
    });
  }

  it('is answered before the service is asked', async () => {
    await using service = await startTestService(0, Owner.MONOLITH);
    let calls = 0;
    service.behaviour.getFlight = () => {
      calls += 1;
    };
    await withShadowedFlights(service, { getFlight: { ...SHADOW, samplePercent: 100 } }, async (running) => {
      await until(() => calls > 0, { deadlineMs: DEADLINE_MS, what: 'a question' });
      // It hangs, and so does every one after it; no client does.
      for (let id = 1; id <= 20; id++) {
        const response = await fetch(`${running.url}/flights/${id}`, WITH_COOKIE);
        assert.equal(await response.text(), `monolith: GET /flights/${id}`);
      }
      assert.ok(calls <= 4, `${calls} calls`);
    });
  });

  it('leaves what differed to be read at the admin port, and nothing of its own there', async () => {
    await using service = await startTestService(0, Owner.MONOLITH);
    await withShadowedFlights(service, AT_SHADOW, async (running) => {
      const response = await fetch(`${running.url}/flights/4?token=hidden`, WITH_COOKIE);
      assert.equal(await response.text(), 'monolith: GET /flights/4?token=hidden');
      const said = await until(
        async () => {
          const now = await counted(running);
          return now.different > 0 ? now : undefined;
        },
        { deadlineMs: DEADLINE_MS, what: 'a difference' },
      );
      assert.ok(said.fields.some(({ field }) => field === 'body'));
      assert.doesNotMatch(JSON.stringify(said), /hidden|MA4|sid=7/);
      const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
      assert.match(
        metrics,
        /banyan_shadow_comparisons_total\{operation="getFlight",result="different"\} [1-9]/,
      );
      const line = (await running.logLines()).findLast(({ msg }) => msg === 'request');
      assert.deepEqual([line?.backend, line?.reason], ['monolith', 'stage-shadow']);
    });
  });

  it('is not seen by the monolith with an override when that is asked again', async () => {
    await using service = await startTestService(0, Owner.MONOLITH);
    const setting = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;
    const overrides = await createOverrides({
      setting,
      now: () => Date.now(),
      newId: () => 'o1',
      logger: createLogSink('silent', 1).logger,
    });
    const { token } = overrides.mint({ sides: {}, expiresInMs: 600_000 });
    overrides.stop();
    const seen: string[] = [];
    const monolith: RequestListener = (request, response) => {
      if (request.url?.endsWith('/77')) seen.push(request.rawHeaders.join('|'));
      response.end('an answer of the monolith');
    };
    const env = { BANYAN_OVERRIDE_KEYS: setting };
    const work = async (running: RunningGateway): Promise<void> => {
      const headers = {
        Cookie: `a=1; banyan_override=${token}; ${COOKIE}`,
        'X-Banyan-Override': token,
        'X-Forwarded-For': '6.6.6.6',
      };
      const response = await fetch(`${running.url}/flights/77`, { headers });
      assert.equal(response.headers.get('x-banyan-served-by'), 'monolith');
      await until(() => seen.length === 2, { deadlineMs: DEADLINE_MS, what: 'the monolith asked again' });
      for (const each of seen) {
        assert.ok(each.includes('Cookie|a=1; sid=7|'), each);
        assert.ok(each.includes('X-Forwarded-For|127.0.0.1|'), each);
        assert.doesNotMatch(each, /override/i);
      }
    };
    await withShadowedFlights(service, AT_SHADOW, work, { monolith, env });
  });
});
