import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { createAsk } from './ask.ts';
import { AdminRefusal, AdminUnreachable } from './refusal.ts';

const TOKENS = { operator: 'of-operators', viewer: 'of-viewers' };

/** What a server that does so is to this client, asked for GET / or POST /. */
async function asking(
  listener: RequestListener,
  { method = 'GET', deadlineMs = 30_000, tokens = TOKENS, signal = new AbortController().signal } = {},
): Promise<{ response?: Response; error?: unknown }> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = createAsk({ url, tokens, author: 'ann@desk', signal, deadlineMs });
  try {
    return { response: await ask(new Request(`${url}/`, { method })) };
  } catch (error) {
    return { error };
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

async function refusedWith(listener: RequestListener, options = {}): Promise<string> {
  const { error } = await asking(listener, options);
  assert.ok(error instanceof AdminRefusal || error instanceof AdminUnreachable, String(error));
  return error.message;
}

describe('a question to an admin port', () => {
  it('reads as a viewer, writes as an operator and says for whom', async () => {
    const seen: unknown[] = [];
    const note: RequestListener = ({ headers }, response) => {
      seen.push([headers.authorization, headers['x-banyan-on-behalf-of']]);
      response.setHeader('content-type', 'application/json');
      response.end('{}');
    };
    await asking(note);
    await asking(note, { method: 'POST' });
    await asking(note, { tokens: { operator: 'alone', viewer: undefined as never } });
    assert.deepEqual(seen, [
      ['Bearer of-viewers', undefined],
      ['Bearer of-operators', 'ann@desk'],
      ['Bearer alone', undefined],
    ]);
  });

  it('ends with its deadline, and says what is not known then', async () => {
    const never: RequestListener = () => {};
    assert.match(await refusedWith(never, { deadlineMs: 100 }), /gave no answer within 0\.1 s$/);
    const written = await refusedWith(never, { deadlineMs: 100, method: 'POST' });
    assert.match(written, /whether it was done is not known, look before you repeat it$/);
    // A head does not end the waiting.
    const halfway: RequestListener = (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.write('{');
    };
    assert.match(await refusedWith(halfway, { deadlineMs: 300 }), /gave no answer within/);
  });

  it('tells an answer of something else from one of an admin port, and follows it nowhere', async () => {
    const answers: readonly RequestListener[] = [
      (_request, response) => response.setHeader('content-type', 'text/html').end('<p>hello'),
      (_request, response) => response.setHeader('content-type', 'application/json').end('{'),
      (_request, response) => response.writeHead(404, { 'content-type': 'application/json' }).end('{"a":1}'),
      (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
    ];
    for (const answer of answers) {
      assert.match(await refusedWith(answer), /answered \d+, and not as an admin port of Banyan does/);
    }
  });

  it('says a problem in a sentence with what to do, and one that it does not know with its title', async () => {
    const problem =
      (status: number, kind: string, detail: string, facts = {}): RequestListener =>
      (_request, response) => {
        const body = { type: `/problems/${kind}`, title: 'A title', status, detail, ...facts };
        response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(body));
      };
    assert.equal(
      await refusedWith(problem(403, 'forbidden', "Changes need an operator's token.")),
      "Changes need an operator's token.\nIt takes the token of an operator: set BANYAN_ADMIN_TOKEN.",
    );
    const lost = problem(503, 'store-away', 'Its answer was lost.', { outcome: 'unknown' });
    assert.match(await refusedWith(lost), /\nLook at `banyan audit` before you call again/);
    const corrupt = problem(503, 'store-away', 'It holds no snapshot.', {
      store: 'corrupt',
      outcome: 'unchanged',
    });
    assert.match(
      await refusedWith(corrupt),
      /\nMend what the store holds, .* `banyan flag restore --reason …`/,
    );
    assert.match(
      await refusedWith(problem(429, 'too-many-attempts', 'Too many.')),
      /\nCome with the right token, which is let through at once/,
    );
    assert.equal(
      await refusedWith(problem(418, 'of-tomorrow', 'Some\u001b[2J detail.')),
      'A title (418): Some\\u001b[2J detail.',
    );
    assert.equal(await refusedWith(problem(400, 'toString', 'x')), 'A title (400): x');
  });

  it('tells what was never sent from what broke off', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    gone.close();
    await once(gone, 'close');
    const signal = new AbortController().signal;
    const ask = createAsk({ url, tokens: TOKENS, author: 'ann', signal, deadlineMs: 30_000 });
    await assert.rejects(ask(new Request(`${url}/`, { method: 'POST' })), (error) => {
      assert.ok(error instanceof AdminUnreachable && error.isUnsent);
      assert.match(
        error.message,
        /^nothing answers at .*: is the gateway running\? BANYAN_ADMIN_URL says where$/,
      );
      return true;
    });
    const { error } = await asking(({ socket }) => void socket.destroy(), { method: 'POST' });
    assert.ok(error instanceof AdminUnreachable && !error.isUnsent, String(error));
    assert.match(error.message, /broke off .* whether it was done is not known/);
  });
});
