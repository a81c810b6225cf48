import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startAdmin, VIEWER } from '../support/admin-api.ts';
import { assertRefused, callerOf, withAdmin } from './support/with-admin.ts';

describe('banyan flag', () => {
  it('sets one read, says from and to and where it is in force, and is attributed', () =>
    withAdmin(async (call, admin) => {
      const set = await call(
        'flag',
        'set',
        'getInvoice',
        'canary',
        '--weight',
        '5',
        '--reason',
        'first accounts',
      );
      assert.equal(set.status, 0, set.err);
      assert.match(
        set.out,
        /^getInvoice {2}monolith → canary 5 %\nversion 1(, in force in 1 replica after \d+ ms\n$| is written)/,
      );
      assert.deepEqual(admin.flags.snapshot().flags, {
        getInvoice: { stage: 'canary', weightPercent: 5, fallback: true },
      });
      const { entries } = await admin.flags.audit({ limit: 1 });
      assert.equal(entries[0]?.by, 'ann');
      assert.equal(entries[0]?.reason, 'first accounts');
      assert.match(entries[0]?.onBehalfOf ?? '', /^\S+@\S+$/);

      const got = await call('flag', 'get', 'getInvoice');
      assert.match(got.out, /^getInvoice {2}GET \/invoices\/\{id\}\n/);
      assert.match(got.out, /\n {2}flag +canary 5 %\n {2}in force +canary 5 %\n/);
      assert.match(got.out, /\n {2}last flip +.* by ann: first accounts\n {2}version +1\n$/);
      const json = await call('flag', 'get', 'getInvoice', '--json');
      assert.equal(json.out, `${(await admin.call('GET', '/routes/getInvoice')).text}\n`);
    }));

  it('sets all reads of a carve-out in one version, and reports its writes as following the owner', () =>
    withAdmin(async (call, admin) => {
      const set = await call(
        ...[
          'flag',
          'set',
          'billing',
          'shadow',
          '--sample',
          '12.5',
          '--no-fallback',
          '--reason',
          'compare',
          '--json',
        ],
      );
      const changed = JSON.parse(set.out);
      assert.deepEqual(changed.set, ['getInvoice', 'listInvoices']);
      assert.deepEqual(changed.following, [{ operationId: 'payInvoice', stage: 'monolith' }]);
      const flag = { stage: 'shadow', samplePercent: 12.5, fallback: false };
      assert.deepEqual(admin.flags.snapshot().flags, { getInvoice: flag, listInvoices: flag });
      assert.equal(admin.flags.snapshot().version, 1);

      const back = await call('flag', 'set', 'billing', 'monolith', '--reason', 'seen enough');
      assert.match(
        back.out,
        /^getInvoice {4}shadow 12\.5 % → monolith\nlistInvoices {2}shadow 12\.5 % → monolith\n/,
      );
      assert.match(back.out, /\npayInvoice {4}follows its owner: monolith\nversion 2\b/);
      const all = await call('flag', 'get', 'billing');
      assert.match(all.out, /\npayInvoice +follows its owner +monolith\n\nflags at version 2\n$/);
    }));

  it('is refused by name, in a sentence that says what to do, and changes nothing', () =>
    withAdmin(async (call, admin) => {
      const set = (name: string, ...more: string[]) => call('flag', 'set', name, ...more, '--reason', 'try');
      await set('getInvoice', 'shadow');
      admin.services.set('billing', 'not-serving');
      const before = admin.flags.snapshot();
      assertRefused(
        await set('getBooking', 'monolith'),
        /cannot be at monolith: .* only be at service\.\n.*`banyan copy`/s,
      );
      assertRefused(
        await set('payInvoice', 'service'),
        /payInvoice is a write of billing, .*: to the monolith now\.\n.*`banyan copy` changes who owns/s,
      );
      assertRefused(await set('mail', 'service'), /mail has no reads/);
      assertRefused(
        await set('getNews', 'monolith'),
        /belongs to no active carve-out\.\n.*`banyan routes` shows/s,
      );
      assertRefused(
        await set('getNothing', 'monolith'),
        /there is no operation and no active carve-out "getNothing"/,
      );
      assertRefused(await set('billing', 'service'), /billing .*\n.*add --force/s);
      assertRefused(
        await set('billing', 'monolith', '--if-version', '7'),
        / version 1, .* 7\..*\n.*`banyan audit` shows who/s,
      );
      const json = await set('getBooking', 'monolith', '--json');
      assert.equal(json.status, 1);
      const problem = JSON.parse(json.out).refused;
      assert.equal(problem.type, '/problems/unlawful-stage');
      assert.deepEqual(problem.reads[0].legalStages, ['service']);
      admin.takeAway();
      assertRefused(
        await set('billing', 'monolith'),
        /cannot be reached.*\n.*`banyan kill` works without it/s,
      );
      assert.deepEqual(admin.flags.snapshot(), before);
      admin.bringBack();

      const forced = await set('billing', 'service', '--force');
      assert.equal(forced.status, 0, forced.err);
      assert.match(
        forced.out,
        /\nforced: its service does not say that it is serving, or its breaker is not closed\n/,
      );
    }));

  it('tells a viewer, a stranger and whoever has no tokens what they lack', () =>
    withAdmin(async (_call, { url, flags }) => {
      const set = ['flag', 'set', 'billing', 'shadow', '--reason', 'try'];
      const viewer = callerOf(url, { BANYAN_VIEWER_TOKEN: VIEWER });
      assert.equal((await viewer('routes')).status, 0);
      assertRefused(await viewer(...set), /set BANYAN_ADMIN_TOKEN/);
      assertRefused(
        await callerOf(url, {})('routes'),
        /Set BANYAN_ADMIN_TOKEN, or BANYAN_VIEWER_TOKEN to read/,
      );
      assertRefused(await callerOf(url, { BANYAN_ADMIN_TOKEN: 'a wrong one' })(...set), /bearer|token/i);
      assert.equal(flags.snapshot().version, 0);
      await using open = await startAdmin({ tokens: { operators: [], viewers: [] } });
      assert.equal((await callerOf(open.url, {})('routes')).status, 0);
      assertRefused(await callerOf(open.url, {})(...set), /Start the gateway with BANYAN_ADMIN_TOKEN/);
    }));

  it('restores nothing where nothing was lost', () =>
    withAdmin(async (call) => {
      assertRefused(
        await call('flag', 'restore', '--reason', 'try'),
        /`banyan replicas` shows what the store/,
      );
    }));
});
