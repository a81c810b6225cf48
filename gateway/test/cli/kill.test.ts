import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startAdmin } from '../support/admin-api.ts';
import { refusedUrl } from '../support/upstream.ts';
import { callerOf, withAdmin } from './support/with-admin.ts';

describe('banyan kill', () => {
  it('is of each replica that is named, needs no store, and is status 1 where one failed', () =>
    withAdmin(async (_call, one) => {
      await using other = await startAdmin();
      one.takeAway();
      const both = callerOf(`${one.url},${other.url}`);
      const killed = await both('kill', 'billing', '--reason', 'wrong totals');
      assert.equal(killed.status, 0, killed.err);
      for (const { url } of [one, other]) {
        assert.ok(killed.out.includes(`${url}  killed billing (`), killed.out);
      }
      assert.equal(killed.out.match(/ {2}at the monolith: getInvoice, listInvoices\n/g)?.length, 2);
      assert.deepEqual(
        [one, other].map(({ flags }) => flags.kills().map(({ target }) => target)),
        [['billing'], ['billing']],
      );

      const away = await refusedUrl();
      const partly = await both('kill', 'all', '--reason', 'stop', '--url', one.url, '--url', away);
      assert.equal(partly.status, 1);
      assert.match(
        partly.out,
        / killed all \(.*\n.*getInvoice.*\n {2}not moved: getBooking, it may only be at service\n/,
      );
      assert.ok(partly.out.includes(`${away}  failed: nothing answers at ${away}`), partly.out);
      assert.equal(one.flags.kills().at(-1)?.target, '*');

      const shown = await both('routes', 'getInvoice', '--url', one.url);
      assert.match(shown.out, /\n {2}killed; its flag says monolith\n/);
      const listed = await both('kill', '--list');
      assert.match(listed.out, /^KILLED +ID +REPLICA +WHEN +BY +REASON\n/);
      assert.equal(listed.out.split('\n').filter((line) => line.includes('wrong totals')).length, 2);

      const lifted = await both('kill', '--lift', 'billing', '--reason', 'mended');
      assert.equal(lifted.status, 0, lifted.err);
      assert.equal(lifted.out.match(/ lifted billing \(.*\): the flags hold again\n/g)?.length, 2);
      const [last] = one.flags.kills();
      const byId = await both('kill', '--lift', last?.id ?? '', '--reason', 'mended', '--json');
      assert.equal(byId.status, 0, byId.out);
      assert.deepEqual(
        JSON.parse(byId.out).map(({ url, lifted: kills }: { url: string; lifted: { target: string }[] }) => [
          url,
          kills.map(({ target }) => target),
        ]),
        [
          [one.url, ['*']],
          [other.url, []],
        ],
      );
      const gone = await both('kill', '--lift', 'billing', '--reason', 'again');
      assert.equal(gone.status, 1);
      assert.match(gone.out, /nothing is killed under "billing": `banyan kill --list` shows what is/);
      assert.equal((await both('kill', '--lift', 'all', '--reason', 'again')).status, 0);
      assert.match((await both('kill', '--list')).out, /^Nothing is killed\.\n$/);
    }));

  it('says per replica why it was refused, for people and for scripts', () =>
    withAdmin(async (call, { url }) => {
      const refusal = await call('kill', 'getNews', '--reason', 'try');
      assert.equal(refusal.status, 1);
      assert.ok(
        refusal.out.startsWith(`${url}  failed: getNews belongs to no active carve-out.\n  It stays`),
      );
      const write = await call('kill', 'payInvoice', '--reason', 'try');
      assert.match(
        write.out,
        /is a write of billing, .*\n.*`banyan kill <carve-out>` sends them to the monolith/,
      );
      const [json] = JSON.parse((await call('kill', 'payInvoice', '--reason', 'try', '--json')).out);
      assert.equal(json.refused.type, '/problems/write-follows-owner');
    }));
});
