import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { status } from '@grpc/grpc-js';
import { flightOf } from '../translate/support/test-service.ts';
import {
  DEADLINE_MS,
  flightJson,
  honest,
  honestMonolith,
  type RunningShadow,
  withShadow,
} from './support.ts';

const found = ({ shadow }: RunningShadow, operationId = 'getFlight'): string[] =>
  shadow.differences(operationId)[0]?.differences.map(({ kind, path }) => `${kind} ${path}`) ?? [];

/** Holds every call until it is let go. */
function held() {
  const calls: (() => void)[] = [];
  let isOpen = false;
  return {
    get count() {
      return calls.length;
    },
    hold: (call: () => void): void => {
      if (isOpen) call();
      else calls.push(call);
    },
    release: (): void => {
      isOpen = true;
      for (const call of calls.splice(0)) call();
    },
  };
}

describe('a shadow read', () => {
  it('finds nothing wrong with an honest service, whatever the request', async () => {
    await withShadow({ compare: { ignore: ['header:etag'] } }, async (running) => {
      const { feed } = running;
      assert.ok(feed({ target: '/flights/4' }));
      assert.ok(
        feed(
          { target: '/flights/9007199254742993' },
          honest('{"id":9007199254742993,"number":"MA9007199254742993","for":"7"}'),
        ),
      );
      assert.ok(feed({ target: '/flights/4', method: 'HEAD' }, { ...honest(flightJson(4)), body: '' }));
      const [, ...notModified] = honest('').headers ?? [];
      assert.ok(
        feed(
          { target: '/flights/4', headers: ['If-None-Match: *'] },
          {
            status: 304,
            headers: [['X-Powered-By', 'Express'], ...notModified.filter(([name]) => name === 'Set-Cookie')],
          },
        ),
      );
      assert.ok(
        feed(
          { target: '/flights.csv' },
          {
            headers: [
              ['X-Powered-By', 'Express'],
              ['Content-Type', 'text/csv; charset=utf-8'],
              ['Trailer', 'X-Row-Count'],
              ['Set-Cookie', 'sid=9'],
            ],
            body: 'MA1\r\nMA2\r\nMA3\r\n',
          },
        ),
      );
      const { equal, compared } = await running.untilDone(4);
      assert.deepEqual([compared, equal, running.shadow.differences('getFlight')], [4, 4, []]);
      assert.equal((await running.untilDone(1, 'exportFlights')).equal, 1);
      assert.equal(running.asked.length, 0, 'the monolith is not asked where nothing differs');
    });
  });

  it('takes the monolith’s answer to an unknown caller for the service’s, as clients get it', async () => {
    const relay = {
      status: 401,
      headers: [['X-Powered-By', 'Express'] as const],
      body: Buffer.from('{"error":"who?"}'),
    };
    await withShadow({ identify: async () => ({ kind: 'relay', answer: relay }) }, async (running) => {
      running.feed(
        { target: '/flights/4' },
        {
          status: 401,
          headers: [
            ['X-Powered-By', 'Express'],
            ['Content-Length', '16'],
          ],
          body: '{"error":"who?"}',
        },
      );
      assert.equal((await running.untilDone(1)).equal, 1);
    });
  });

  const wrong: readonly (readonly [
    what: string,
    expected: string[],
    plant: (running: RunningShadow) => void,
  ])[] = [
    [
      'a wrong value',
      ['value $.number'],
      ({ service }) => {
        service.behaviour.getFlight = (call, answer) =>
          answer(null, { flight: { ...flightOf(call.request.flightId), number: 'MA5' } });
      },
    ],
    [
      'a wrong status',
      ['status status', 'header header:content-type'],
      ({ service }) => {
        service.behaviour.getFlight = (_call, answer) =>
          answer({ code: status.INTERNAL, details: 'internal error 1' });
      },
    ],
    [
      'an answer that is none',
      ['status status'],
      ({ service }) => {
        service.behaviour.getFlight = (_call, answer) => answer(null, { flight: undefined });
      },
    ],
  ];
  for (const [what, expected, plant] of wrong) {
    it(`finds ${what} of a service`, async () => {
      const ignore = ['header:etag', 'header:retry-after'];
      await withShadow({ compare: { ignore } }, async (running) => {
        plant(running);
        running.feed({ target: '/flights/4' });
        const { compared, different, fields } = await running.untilDone(1);
        assert.deepEqual([compared, different], [1, 1]);
        const places = found(running);
        assert.ok(
          expected.slice(0, 1).every((place) => places.includes(place)),
          places.join(', '),
        );
        assert.ok(fields.some(({ count, unsteady }) => count === 1 && unsteady === 0));
      });
    });
  }

  const differing: readonly (readonly [what: string, body: string, expected: string])[] = [
    ['a missing field', '{"id":4,"number":"MA4","for":"7","gate":null}', 'missing $.gate'],
    ['a field too many', '{"id":4,"number":"MA4"}', 'extra $.for'],
    ['another order of fields', '{"number":"MA4","id":4,"for":"7"}', 'representation $'],
    ['another type', '{"id":"4","number":"MA4","for":"7"}', 'type $.id'],
  ];
  for (const [what, body, expected] of differing) {
    it(`finds ${what}`, async () => {
      const monolith: RequestListener = (_request, response) => {
        for (const [name, value] of honest(body).headers ?? []) response.setHeader(name, value);
        response.end(body);
      };
      await withShadow({ monolith, compare: { ignore: ['header:etag'] } }, async (running) => {
        running.feed({ target: '/flights/4' }, honest(body));
        await running.untilDone(1);
        assert.deepEqual(found(running), [expected]);
      });
    });
  }

  it('finds a header that differs', async () => {
    const monolith: RequestListener = (_request, response) => {
      response.setHeader('Cache-Control', 'no-store');
      honestMonolith({ url: '/flights/4' } as never, response);
    };
    await withShadow({ monolith, compare: { ignore: ['header:etag'] } }, async (running) => {
      const { headers = [], body = '' } = honest(flightJson(4));
      running.feed({ target: '/flights/4' }, { headers: [...headers, ['Cache-Control', 'no-store']], body });
      await running.untilDone(1);
      assert.deepEqual(found(running), ['missing header:cache-control']);
    });
  });

  it('does not count what does not repeat', async () => {
    await withShadow({ compare: { ignore: ['header:etag'] } }, async (running) => {
      // Changed in the monolith between its answer and the service's.
      running.feed({ target: '/flights/4' }, honest(flightJson(4, 'OLD')));
      const { compared, different, unrepeated, fields } = await running.untilDone(1);
      assert.deepEqual([compared, different, unrepeated, fields], [1, 0, 1, []]);
      assert.deepEqual(running.shadow.differences('getFlight'), []);
      assert.equal(running.asked.length, 1);
    });
  });

  it('says of a place where the monolith’s own two answers differ that it is unsteady', async () => {
    let asked = 0;
    const monolith: RequestListener = (_request, response) => {
      asked += 1;
      const { headers = [], body } = honest(flightJson(4, `TIME${asked}`));
      for (const [name, value] of headers) response.setHeader(name, value);
      response.end(body);
    };
    await withShadow({ monolith, compare: { ignore: ['header:etag'] } }, async (running) => {
      running.feed({ target: '/flights/4' }, honest(flightJson(4, 'TIME0')));
      const { fields } = await running.untilDone(1);
      assert.deepEqual(fields, [{ field: '$.number', kind: 'value', count: 1, unsteady: 1 }]);
      assert.equal(running.shadow.differences('getFlight')[0]?.differences[0]?.unsteady, true);
    });
  });

  it('asks the monolith again with the client’s own head, without what is of one connection', async () => {
    await withShadow({}, async (running) => {
      const headers = [
        'Cookie: sid=7',
        'Connection: keep-alive, X-Mine',
        'X-Mine: 1',
        'X-Forwarded-For: 6.6.6.6',
        'Accept-Language: fi',
      ];
      running.feed({ target: '/flights/4?x=%41&y', headers }, honest(flightJson(4, 'OTHER')));
      await running.untilDone(1);
      const [question] = running.asked;
      assert.deepEqual([question?.method, question?.url], ['GET', '/flights/4?x=%41&y']);
      assert.deepEqual(question?.headers.slice(0, 12), [
        'Host',
        'meridian.example',
        'Cookie',
        'sid=7',
        'Accept-Language',
        'fi',
        'X-Forwarded-For',
        'unknown',
        'X-Forwarded-Proto',
        'http',
        'X-Forwarded-Host',
        'meridian.example',
      ]);
    });
  });

  it('keeps the last examples, newest first, and nothing of the values', async () => {
    const limits = { keptDifferencesMax: 3, repeatsPerSecond: 1_000 };
    await withShadow({ limits, compare: { ignore: ['header:etag'] } }, async (running) => {
      running.service.behaviour.getFlight = (call, answer) =>
        answer(null, { flight: { ...flightOf(call.request.flightId), number: 'Secret-9' } });
      for (let id = 1; id <= 5; id++) {
        running.feed({
          target: `/flights/${id}?token=hidden&a%20b=1`,
          headers: ['Cookie: sid=7', 'Authorization: Bearer hidden', 'Accept: */*'],
        });
        await running.untilDone(id);
      }
      const kept = running.shadow.differences('getFlight');
      assert.deepEqual(
        kept.map(({ requestId }) => requestId),
        ['test-5', 'test-4', 'test-3'],
      );
      const { at, ...rest } = kept[0] ?? {};
      assert.match(String(at), /^\d{4}-\d\d-\d\dT.*Z$/);
      assert.deepEqual(rest, {
        operationId: 'getFlight',
        requestId: 'test-5',
        method: 'GET',
        path: '/flights/{id}?token&a a',
        conditions: ['accept'],
        status: { monolith: 200, service: 200 },
        differences: [
          {
            path: '$.number',
            field: '$.number',
            kind: 'value',
            monolith: { type: 'string', length: 3, text: 'AA0' },
            service: { type: 'string', length: 8, text: 'Aaaaaa-0' },
            at: 0,
          },
        ],
        isComplete: true,
      });
      assert.doesNotMatch(JSON.stringify([kept, running.shadow.report()]), /hidden|Secret|sid=7|MA5/);
      assert.equal(running.report().fields[0]?.count, 5);
    });
  });
});

describe('what is not compared is counted by its reason', () => {
  it('a body, an upgrade, an unsafe method, HTTP/1.0, a sample that it is not in', async () => {
    let next = 0.5;
    await withShadow({ random: () => next }, async ({ feed, report }) => {
      assert.equal(feed({ target: '/flights/4', headers: ['Content-Length: 1'] }), false);
      assert.equal(feed({ target: '/flights/4', headers: ['Transfer-Encoding: chunked'] }), false);
      assert.equal(
        feed({ target: '/flights/4', headers: ['Connection: Upgrade', 'Upgrade: websocket'] }),
        false,
      );
      assert.equal(feed({ target: '/flights/4', method: 'DELETE' }), false);
      assert.equal(feed({ target: '/flights/4', version: '1.0' }), false);
      assert.deepEqual(report().skipped, { 'not-repeatable': 5 });
      assert.equal(feed({ target: '/flights/4', samplePercent: 50 }), false);
      next = 0.4999;
      assert.equal(feed({ target: '/flights/4', samplePercent: 50 }), true);
      assert.equal(feed({ target: '/flights/4', samplePercent: 0 }), false);
      assert.deepEqual(report().skipped, { 'not-repeatable': 5, 'not-sampled': 1 });
      assert.equal(feed({ target: '/news' }), false);
      assert.equal(feed({ target: '/flights/4/name' }), false);
      assert.equal(report('renameFlight').skipped['not-repeatable'], undefined);
    });
  });

  it('a monolith’s answer that broke off, or never came; one that is too large', async () => {
    await withShadow({ limits: { answerBytesMax: 1_000 } }, async ({ feed, tapOf, report, service }) => {
      let calls = 0;
      service.behaviour.getFlight = () => {
        calls += 1;
      };
      feed({ target: '/flights/4' }, { body: 'x', isWhole: false });
      tapOf({ target: '/flights/4' })?.onEnd(false);
      feed({ target: '/flights/4' }, { body: 'x'.repeat(1_001) });
      assert.deepEqual(report().skipped, { 'monolith-broken': 2, 'monolith-too-large': 1 });
      assert.equal(calls, 0);
    });
  });

  it('a caller whom nobody knows, a service that is away, one that is late', async () => {
    await withShadow({ identify: async () => ({ kind: 'unavailable' }) }, async (running) => {
      running.feed({ target: '/flights/4' });
      assert.deepEqual((await running.untilDone(1)).skipped, { 'caller-unknown': 1 });
    });
    await withShadow({ limits: { deadlineMs: 300 } }, async (running) => {
      running.service.behaviour.getFlight = () => {};
      running.feed({ target: '/flights/4' });
      assert.deepEqual((await running.untilDone(1)).skipped, { 'service-late': 1 });
    });
    await withShadow({}, async (running) => {
      running.service.kill();
      running.feed({ target: '/flights/4' });
      assert.deepEqual((await running.untilDone(1)).skipped, { 'service-unavailable': 1 });
    });
  });

  it('a difference that cannot be asked about again, since the monolith is away or was asked often enough', async () => {
    const monolith: RequestListener = (request) => request.socket.destroy();
    await withShadow({ monolith }, async (running) => {
      running.feed({ target: '/flights/4' }, honest(flightJson(4, 'OTHER')));
      const { skipped, compared } = await running.untilDone(1);
      assert.deepEqual([skipped, compared], [{ 'monolith-unavailable': 1 }, 0]);
    });
    await withShadow({ limits: { repeatsPerSecond: 0 } }, async (running) => {
      running.feed({ target: '/flights/4' }, honest(flightJson(4, 'OTHER')));
      assert.deepEqual((await running.untilDone(1)).skipped, { 'repeats-full': 1 });
      assert.equal(running.asked.length, 0);
    });
  });

  it('what still waits when the flag leaves shadow, or the gateway stops', async () => {
    const calls = held();
    await withShadow({ limits: { concurrencyMax: 1 } }, async (running) => {
      running.service.behaviour.getFlight = (call, answer) =>
        calls.hold(() => answer(null, { flight: flightOf(call.request.flightId) }));
      for (let id = 1; id <= 4; id++) running.feed({ target: `/flights/${id}` });
      await until(() => calls.count === 1, { deadlineMs: DEADLINE_MS });
      running.stage = 'monolith';
      calls.release();
      const { skipped } = await running.untilDone(4);
      // The one under way differed, in its ETag, and was not asked about again.
      assert.deepEqual([skipped, running.asked.length], [{ 'flag-changed': 4 }, 0]);
    });
    await withShadow({ limits: { concurrencyMax: 1 } }, async (running) => {
      running.service.behaviour.getFlight = () => {};
      for (let id = 1; id <= 4; id++) running.feed({ target: `/flights/${id}` });
      await running.shadow.stop();
      assert.equal(running.report().skipped.stopped, 4);
      assert.equal(running.feed({ target: '/flights/9' }), false);
    });
  });
});

describe('the bounds of shadow reads', () => {
  it('few are under way, few wait, and the rest is dropped and counted', async () => {
    const calls = held();
    let underWay = 0;
    let most = 0;
    await withShadow({ limits: { concurrencyMax: 3, queueMax: 5 } }, async (running) => {
      running.service.behaviour.getFlight = (call, answer) => {
        underWay += 1;
        most = Math.max(most, underWay);
        calls.hold(() => {
          underWay -= 1;
          answer(null, { flight: flightOf(call.request.flightId) });
        });
      };
      // Three begin one after the other; then there is room for five more.
      for (let id = 1; id <= 3; id++) {
        running.feed({ target: `/flights/${id}` });
        await until(() => calls.count === id, { deadlineMs: DEADLINE_MS });
      }
      const letIn = Array.from({ length: 12 }, (_, id) => running.feed({ target: `/flights/${id + 10}` }));
      assert.equal(letIn.filter(Boolean).length, 5);
      assert.equal(running.report().skipped['queue-full'], 7);
      calls.release();
      assert.equal(
        (await running.untilDone(8)).equal + running.report().different + running.report().unrepeated,
        8,
      );
      assert.equal(most, 3);
    });
  });

  it('what is kept of all answers together', async () => {
    const limits = { keptBytesMax: 100_000, concurrencyMax: 1, queueMax: 100, answerBytesMax: 60_000 };
    await withShadow({ limits }, async (running) => {
      running.service.behaviour.getFlight = () => {};
      const large = 'x'.repeat(40_000);
      const taken = Array.from({ length: 10 }, (_, id) => {
        running.feed({ target: `/flights/${id}` }, { body: large });
        return running.report().skipped['memory-full'] ?? 0;
      });
      assert.deepEqual(taken, [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
    });
    // All of it is given back.
    await withShadow(
      { limits, compare: { ignore: ['body', 'header:content-type', 'header:etag'] } },
      async (running) => {
        for (let id = 1; id <= 10; id++) {
          const { headers = [] } = honest(flightJson(id));
          running.feed({ target: `/flights/${id}` }, { headers, body: large(40_000) });
          await running.untilDone(id);
        }
        assert.equal(running.report().equal, 10);
      },
    );
  });

  it('an answer of the service, message by message and as a whole', async () => {
    const limits = { answerBytesMax: 100_000, keptBytesMax: 1_000_000 };
    await withShadow({ limits }, async (running) => {
      let sent = 0;
      running.service.behaviour.listFlights = (call) => {
        const more = (): void => {
          while (!call.cancelled) {
            sent += 1;
            // 50 MB, if anybody read it.
            if (sent > 50_000) break;
            if (!call.write({ flights: [{ ...flightOf(1n), number: large(1_000) }], cursor: '' })) {
              call.once('drain', more);
              return;
            }
          }
          call.end();
        };
        more();
      };
      running.feed({ target: '/flights.csv' }, { body: 'MA1\r\n' });
      const { skipped } = await running.untilDone(1, 'exportFlights');
      assert.deepEqual(skipped, { 'service-too-large': 1 });

      assert.ok(sent < 5_000, `${sent} messages were sent`);

      running.service.behaviour.getFlight = (_call, answer) =>
        answer(null, { flight: { ...flightOf(1n), number: large(50_000_000) } });
      running.feed({ target: '/flights/4' });
      assert.deepEqual((await running.untilDone(1)).skipped, { 'service-too-large': 1 });
    });
  });

  it('a service that fails is left alone for a while, by a breaker of its own', async () => {
    await withShadow({ limits: { deadlineMs: 10_000 } }, async (running) => {
      let calls = 0;
      running.service.behaviour.getFlight = (_call, answer) => {
        calls += 1;
        answer({ code: status.UNAVAILABLE, details: 'down' });
      };
      for (let id = 1; id <= 30; id++) {
        running.feed({ target: `/flights/${id}` });
        await running.untilDone(id);
      }
      assert.equal(running.report().skipped['service-unavailable'], 30);
      assert.ok(calls < 15, `${calls} calls`);
    });
  });
});

function large(length: number): string {
  return 'x'.repeat(length);
}
