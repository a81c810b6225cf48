import assert from 'node:assert/strict';
import { createSecretKey, hash } from 'node:crypto';
import { describe, it } from 'node:test';
import { IDENTITY_LIMITS } from '../../src/identity/identity.ts';
import { claimsOf, headOf, KEY, known, openSource, requestHeaders, START_MS } from './support.ts';

describe('a caller', () => {
  it('is asked for once by a thousand requests at a time', async () => {
    const { identify, questions, source } = openSource();
    const all = Array.from({ length: 1_000 }, () => identify('alice'));
    assert.equal(questions.length, 1);
    questions[0]?.answer(200, { account: '7' });
    const answers = (await Promise.all(all)).map(known);
    assert.deepEqual(new Set(answers.map(({ identity }) => identity.account)), new Set(['7']));
    assert.equal(new Set(answers.map(({ token }) => token)).size, 1);
    assert.equal(source.counts.shared, 999);
  });

  it('is remembered for five seconds from the question, and asked for again after', async () => {
    const { identify, learn, questions, pass } = openSource();
    const first = identify('alice');
    pass(2_000);
    questions[0]?.answer(200, { account: '1' });
    await first;
    pass(2_999);
    known(await identify('alice'));
    assert.equal(questions.length, 1);
    pass(1);
    await learn('alice');
    assert.equal(questions.length, 2);
  });

  it('who leaves cancels nothing for the others', async () => {
    const { identify, questions } = openSource();
    const leaver = new AbortController();
    const leaving = identify('alice', 'billing', leaver.signal);
    const staying = identify('alice');
    leaver.abort(new Error('left'));
    await assert.rejects(leaving, /left/);
    questions[0]?.answer(200, { account: '1' });
    known(await staying);
    known(await identify('alice'));
    assert.equal(questions.length, 1);
    await assert.rejects(identify('alice', 'billing', AbortSignal.abort(new Error('gone'))), /gone/);
  });

  it('is never taken for another', async () => {
    const { identify, learn, questions } = openSource();
    await learn('alice', { account: '1' });
    const bob = identify('bob');
    assert.equal(questions[1]?.who, 'bob');
    questions[1]?.answer(200, { account: '2' });
    assert.equal(known(await bob).identity.account, '2');
    assert.equal(known(await identify('alice')).identity.account, '1');
  });

  it('gets what renews the session, as of the moment of the answer', async () => {
    const { identify, learn } = openSource();
    await learn('alice');
    const { renew } = known(await identify('alice'));
    assert.deepEqual(renew?.(new Date(START_MS)), [['Renewed', 'alice at 2026-11-23T10:00:00.000Z']]);
  });

  it('is unavailable where the adapter cannot read the credential', async () => {
    const { identify, questions, failures } = openSource();
    assert.deepEqual(await identify('unreadable'), { kind: 'unavailable' });
    assert.equal(questions.length, 0);
    assert.equal(failures.length, 1);
  });

  it('with a credential that no header can hold is no matter of the monolith', async () => {
    const { identify, learn, questions } = openSource();
    for (let i = 0; i < 5; i++) assert.deepEqual(await identify('a\0b'), { kind: 'unavailable' });
    assert.equal(questions.length, 0);
    await learn('alice');
  });
});

describe('a refusal', () => {
  it('is relayed and never kept; those who asked together share it', async () => {
    const { identify, questions } = openSource();
    for (const round of [0, 1]) {
      const answers = [identify(), identify()];
      assert.equal(questions.length, round + 1);
      questions[round]?.answer(401, { error: 'unauthorized' });
      for (const answer of await Promise.all(answers)) {
        assert.equal(answer.kind, 'relay');
        assert.equal(answer.kind === 'relay' && answer.answer.status, 401);
        assert.equal(
          String(answer.kind === 'relay' && answer.answer.body),
          JSON.stringify({ error: 'unauthorized' }),
        );
      }
    }
  });

  it('ends what was known of a caller', async () => {
    const { identify, learn, questions, pass } = openSource();
    await learn('alice');
    pass(5_000);
    const refused = identify('alice');
    questions[1]?.answer(401);
    assert.equal((await refused).kind, 'relay');
    const away = identify('alice');
    questions[2]?.fail();
    assert.equal((await away).kind, 'unavailable');
  });
});

describe('while the monolith does not say', () => {
  for (const [what, end] of [
    ['away', (question) => question?.fail()],
    ['answering 500', (question) => question?.answer(500)],
    ['answering nonsense', (question) => question?.answer(200, { unlike: 'any' })],
    ['answering 404', (question) => question?.answer(404)],
  ] as [string, (question: ReturnType<typeof openSource>['questions'][number] | undefined) => void][]) {
    it(`a known caller stands, an unknown one is unavailable (${what})`, async () => {
      const { identify, learn, questions, pass, failures } = openSource();
      await learn('alice');
      pass(5_000);
      const alice = identify('alice');
      end(questions[1]);
      assert.equal(known(await alice).identity.account, '1');
      const bob = identify('bob');
      end(questions[2]);
      assert.equal((await bob).kind, 'unavailable');
      assert.equal(failures.length, 2);
    });
  }

  it("a known caller stands until the session's own end, to the second", async () => {
    const { identify, learn, questions, pass } = openSource();
    await learn('alice', { account: '1', expiresAt: START_MS + 60_000 });
    pass(59_999);
    const before = identify('alice');
    questions.at(-1)?.fail();
    known(await before);
    pass(1);
    const after = identify('alice');
    questions.at(-1)?.fail();
    assert.equal((await after).kind, 'unavailable');
  });

  it("a session's end counts within the five seconds too", async () => {
    const { identify, learn, questions, pass } = openSource();
    await learn('alice', { account: '1', expiresAt: START_MS + 2_000 });
    pass(2_000);
    void identify('alice');
    assert.equal(questions.length, 2);
  });

  it('nobody waits any more after three questions without an answer; one a second tries', async () => {
    const { identify, learn, questions, pass } = openSource();
    await learn('alice');
    pass(5_000);
    for (const who of ['alice', 'bob', 'carol']) {
      const asked = identify(who);
      assert.equal(questions.at(-1)?.persistent, who !== 'alice');
      questions.at(-1)?.fail();
      await asked;
    }
    pass(999);
    assert.equal((await identify('bob')).kind, 'unavailable');
    known(await identify('alice'));
    assert.equal(questions.length, 4);
    pass(1);
    const probe = identify('bob');
    assert.equal(questions.length, 5);
    assert.equal(questions[4]?.persistent, false);
    assert.equal((await identify('carol')).kind, 'unavailable');
    questions[4]?.fail();
    assert.equal((await probe).kind, 'unavailable');
    assert.equal((await identify('carol')).kind, 'unavailable');
    pass(1_000);
    const back = identify('bob');
    questions[5]?.answer(200, { account: '2' });
    known(await back);
    void identify('carol');
    assert.equal(questions[6]?.persistent, true);
  });

  it('a known caller waits for a slow answer a moment only, and the answer counts when it comes', async () => {
    const { identify, learn, questions, pass } = openSource({
      limits: { ...IDENTITY_LIMITS, patienceMs: 5 },
    });
    await learn('alice');
    pass(5_000);
    known(await identify('alice'));
    assert.equal(questions.length, 2);
    questions[1]?.answer(401);
    await new Promise(setImmediate);
    const after = identify('alice');
    questions[2]?.fail();
    assert.equal((await after).kind, 'unavailable');
  });

  it('a fault about one credential keeps no other from being asked about', async () => {
    const { identify, learn, questions } = openSource();
    for (let i = 0; i < 5; i++) {
      const poison = identify('poison');
      questions.at(-1)?.answer(500);
      assert.equal((await poison).kind, 'unavailable');
    }
    await learn('alice');
  });

  it('questions are bounded; one more than that is not asked', async () => {
    const { identify, questions } = openSource({ limits: { ...IDENTITY_LIMITS, questionsMax: 3 } });
    const waiting = ['a', 'b', 'c'].map((who) => identify(who));
    assert.equal((await identify('d')).kind, 'unavailable');
    for (const question of questions) question.answer(200, { account: '1' });
    (await Promise.all(waiting)).map(known);
    void identify('d');
    assert.equal(questions.length, 4);
  });
});

describe('a log-out', () => {
  it('is known at once, and published by the hash of the credential', async () => {
    const { identify, learn, questions, logOut, published } = openSource();
    await learn('alice');
    logOut('alice', 204);
    void identify('alice');
    assert.equal(questions.length, 2);
    assert.deepEqual(published, [hash('sha256', 'alice')]);
  });

  it('of which nobody knows how it ended counts; a refused one and any other operation do not', async () => {
    const { identify, learn, questions, logOut, published } = openSource();
    await learn('alice');
    logOut('alice', 401);
    logOut('alice', 200, 'getInvoice');
    known(await identify('alice'));
    assert.equal(questions.length, 1);
    logOut('alice', undefined);
    void identify('alice');
    assert.equal(questions.length, 2);
    assert.equal(published.length, 1);
  });

  it('beats the answer to a question from before it', async () => {
    const { identify, questions, logOut } = openSource();
    const before = identify('alice');
    logOut('alice', 204);
    const after = identify('alice');
    assert.equal(questions.length, 2);
    questions[0]?.answer(200, { account: '1' });
    known(await before);
    questions[1]?.answer(401);
    assert.equal((await after).kind, 'relay');
    void identify('alice');
    assert.equal(questions.length, 3);
  });

  it('beats what stands while the monolith is away', async () => {
    const { identify, learn, questions, pass, logOut } = openSource();
    await learn('alice');
    pass(5_000);
    const asked = identify('alice');
    logOut('alice', 204);
    questions[1]?.fail();
    assert.equal((await asked).kind, 'unavailable');
  });

  it('that another replica saw is forgotten by its hash; one that may have been missed makes all be asked again', async () => {
    const { identify, learn, questions, source } = openSource();
    await learn('alice');
    await learn('bob');
    source.forget(hash('sha256', 'alice'));
    void identify('alice');
    assert.equal(questions.length, 3);
    known(await identify('bob'));
    source.forgetFreshness();
    const bob = identify('bob');
    assert.equal(questions.length, 4);
    questions[3]?.fail();
    known(await bob);
  });
});

describe('the signed identity', () => {
  it('says who, to whom, how and for how long', async () => {
    const { learn } = openSource();
    const { token } = await learn('alice', { account: '9223372036854775807', name: 'Zoë Łuć' });
    assert.deepEqual(headOf(token), { alg: 'HS256', kid: 'k1' });
    const iat = START_MS / 1_000;
    assert.deepEqual(claimsOf(token), {
      aud: 'billing',
      sub: '9223372036854775807',
      role: 'customer',
      name: 'Zoë Łuć',
      via: 'session',
      iat,
      exp: iat + 60,
    });
  });

  it('is signed once per credential, audience and half of its life', async () => {
    const { identify, learn, pass } = openSource();
    const tokenOf = async (audience: string) => known(await identify('alice', audience)).token;
    const first = (await learn('alice')).token;
    assert.equal(await tokenOf('billing'), first);
    const booking = await tokenOf('booking');
    assert.notEqual(booking, first);
    assert.equal(claimsOf(booking).aud, 'booking');
    pass(29_999);
    assert.equal((await learn('alice')).token, first);
    pass(1);
    assert.notEqual(await tokenOf('billing'), first);
  });

  it('is signed anew when the key is another, or the caller is', async () => {
    const { identify, learn, pass, signWith } = openSource();
    const first = (await learn('alice')).token;
    signWith({ kid: 'k2', secret: createSecretKey(Buffer.alloc(32, 2)) });
    const second = known(await identify('alice')).token;
    assert.deepEqual([headOf(first).kid, headOf(second).kid], [KEY.kid, 'k2']);
    pass(5_000);
    const renamed = await learn('alice', { account: '1', name: 'Alice' });
    assert.equal(claimsOf(renamed.token).name, 'Alice');
  });
});

describe('memory', () => {
  it('holds no more callers than it may; the one not seen for longest goes', async () => {
    const { identify, learn, questions } = openSource({ limits: { ...IDENTITY_LIMITS, entriesMax: 2 } });
    await learn('a');
    await learn('b');
    await identify('a');
    await learn('c');
    known(await identify('a'));
    assert.equal(questions.length, 3);
    void identify('b');
    assert.equal(questions.length, 4);
  });

  it('holds no more bytes than it may', async () => {
    const { identify, learn, questions } = openSource({ limits: { ...IDENTITY_LIMITS, bytesMax: 40_000 } });
    await learn('a', { account: '1', name: 'x'.repeat(1_500) });
    await learn('b', { account: '2', name: 'x'.repeat(1_500) });
    known(await identify('b'));
    assert.equal(questions.length, 2);
    void identify('a');
    assert.equal(questions.length, 3);
  });
});

describe('a client', () => {
  it('puts nothing into the question or the identity by headers of its own', async () => {
    const asked: (readonly string[])[] = [];
    const { source } = openSource({
      monolith: {
        ask: async (_path, headers) => {
          asked.push(...headers);
          return { status: 200, headers: [], body: Buffer.from('{"account":"1"}') };
        },
        close: () => {},
      },
    });
    const answer = await source.identify(
      {
        headers: requestHeaders(
          ['Who', 'alice'],
          ['banyan-identity', 'forged'],
          ['Banyan-Identity', 'forged'],
          ['X-Forwarded-For', '10.0.0.1'],
          ['grpc-timeout', '1H'],
        ),
        audience: 'billing',
      },
      new AbortController().signal,
    );
    assert.deepEqual(asked, [['Who', 'alice']]);
    assert.equal(claimsOf(known(answer).token).sub, '1');
  });
});
