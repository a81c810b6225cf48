import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { AdminParts } from '../../src/admin/admin-parts.ts';
import { OPERATOR } from '../support/admin-api.ts';
import { banyan, createOutput, startBanyan } from './support/banyan.ts';
import { withAdmin } from './support/with-admin.ts';

const DEADLINE_MS = 30_000;

/** As many a second as seconds were asked for: so it shows what was. */
const traffic: AdminParts['traffic'] = {
  windowSeconds: 300,
  of: (_operationId, seconds = 300) => [
    { backend: 'monolith', requests: 1, requestsPerSecond: seconds, errorRate: 0, p50Ms: 8, p99Ms: 21 },
  ],
};

describe('what is watched', () => {
  it('is lines where it is no terminal, and ends on Ctrl-C with status 0', () =>
    withAdmin(
      async (_call, { url, flags }) => {
        const env = { BANYAN_ADMIN_URL: url, BANYAN_ADMIN_TOKEN: OPERATOR };
        const set = ['flag', 'set', 'getInvoice', 'canary', '--weight', '5', '--reason', 'x', '--watch'];
        const watching = startBanyan(set, env);
        const line =
          /v1 {2}getInvoice \(canary 5 %\) {2}monolith {2}20\.0\/s, errors 0 %, p50 8 ms, p99 21 ms\n/;
        await until(() => line.test(watching.out()), { deadlineMs: DEADLINE_MS, what: 'a line of traffic' });
        watching.signal('SIGINT');
        const { status, err } = await watching.ended;
        assert.deepEqual([status, err], [0, '']);
        assert.equal(flags.snapshot().version, 1);
      },
      { traffic },
    ));

  it('is drawn in its place on a terminal, waits for a gateway that is away, and gives the cursor back', () =>
    withAdmin(
      async (_call, { url }) => {
        await using front = await startFront(url);
        const stop = new AbortController();
        const screen = createOutput({ columns: 80, rows: 40 });
        const ended = banyan(
          ['routes', 'getInvoice', '--watch'],
          { BANYAN_ADMIN_URL: front.url, BANYAN_ADMIN_TOKEN: OPERATOR },
          { out: screen.output, signal: stop.signal },
        );
        const see = (what: RegExp) =>
          until(() => what.test(screen.text()), {
            deadlineMs: DEADLINE_MS,
            what: () => `${what} in ${JSON.stringify(screen.text())}`,
          });
        try {
          await see(/30\.0/);
          // Up to where it began, and over what stood there.
          await see(/\[\d+A\r/);
          front.cut();
          await see(/broke off/);
          front.mend();
          screen.forget();
          await see(/getInvoice/);
        } finally {
          stop.abort();
        }
        assert.deepEqual(await ended, { status: 0, out: '', err: '' });
        assert.ok(screen.text().endsWith('\u001b[?25h'), JSON.stringify(screen.text().slice(-40)));
      },
      { traffic },
    ));

  it('ends with a refusal, since waiting mends none', () =>
    withAdmin(async (_call, { url }) => {
      const { status, err } = await banyan(['routes', '--watch'], { BANYAN_ADMIN_URL: url });
      assert.equal(status, 1);
      assert.match(err, /BANYAN_VIEWER_TOKEN/);
    }));
});

/** In front of an admin port, so that it can be cut off from it. Reads alone. */
async function startFront(url: string) {
  let isCut = false;
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers;
    if (isCut) request.socket.destroy();
    else
      fetch(`${url}${request.url}`, { headers: { authorization } }).then(
        async (answer) => {
          response.setHeader('content-type', 'application/json');
          response.setHeader('etag', answer.headers.get('etag') ?? '');
          response.end(await answer.text());
        },
        () => response.destroy(),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => {
      isCut = true;
    },
    mend: () => {
      isCut = false;
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
